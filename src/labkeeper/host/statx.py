"""What `statx` knows and `os.stat` does not: birth, mount and direct-I/O alignment."""

import ctypes
from dataclasses import dataclass
from typing import Final

from labkeeper.host import kernel

_EMPTY_PATH: Final = 0x1000
_NOFOLLOW: Final = 0x100
_FORCE_SYNC: Final = 0x2000
_BTIME: Final = 0x800
_MNT_ID: Final = 0x1000
_DIOALIGN: Final = 0x2000


class _Time(ctypes.Structure):
    _fields_ = (
        ("seconds", ctypes.c_int64),
        ("nanoseconds", ctypes.c_uint32),
        ("spare", ctypes.c_int32),
    )


class _Statx(ctypes.Structure):
    _fields_ = (
        ("mask", ctypes.c_uint32),
        ("blksize", ctypes.c_uint32),
        ("attributes", ctypes.c_uint64),
        ("nlink", ctypes.c_uint32),
        ("uid", ctypes.c_uint32),
        ("gid", ctypes.c_uint32),
        ("mode", ctypes.c_uint16),
        ("spare0", ctypes.c_uint16),
        ("ino", ctypes.c_uint64),
        ("size", ctypes.c_uint64),
        ("blocks", ctypes.c_uint64),
        ("attributes_mask", ctypes.c_uint64),
        ("atime", _Time),
        ("btime", _Time),
        ("ctime", _Time),
        ("mtime", _Time),
        ("devices", ctypes.c_uint32 * 4),
        ("mnt_id", ctypes.c_uint64),
        ("dio_mem_align", ctypes.c_uint32),
        ("dio_offset_align", ctypes.c_uint32),
        ("spare3", ctypes.c_uint64 * 12),
    )


_statx: Final = kernel.door(
    "statx",
    ctypes.c_int,
    ctypes.c_char_p,
    ctypes.c_int,
    ctypes.c_uint,
    ctypes.POINTER(_Statx),
)


@dataclass(frozen=True, slots=True)
class Extra:
    """A zero says that the file system does not tell."""

    born_ns: int
    mount: int
    align: int


def look(file: int, name: bytes = b"") -> Extra:
    """Look at an open file, or at `name` in an open folder, past any network cache."""
    found = _Statx()
    flags = _FORCE_SYNC | _NOFOLLOW | (0 if name else _EMPTY_PATH)
    _statx(file, name, flags, _BTIME | _MNT_ID | _DIOALIGN, ctypes.byref(found))
    born = found.btime.seconds * 10**9 + found.btime.nanoseconds
    return Extra(
        born if found.mask & _BTIME else 0,
        found.mnt_id if found.mask & _MNT_ID else 0,
        max(found.dio_mem_align, found.dio_offset_align) if found.mask & _DIOALIGN else 0,
    )
