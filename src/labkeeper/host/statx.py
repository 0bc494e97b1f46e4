"""What `statx` knows and `os.stat` does not: birth and mount, past any network cache.

One call of it answers for `os.fstat` too.
"""

import ctypes
import os
import struct
from typing import Final, NamedTuple

from labkeeper.host import kernel

_EMPTY_PATH: Final = 0x1000
_NOFOLLOW: Final = 0x100
_FORCE_SYNC: Final = 0x2000
_BASIC: Final = 0x7FF
_BTIME: Final = 0x800
_MNT_ID: Final = 0x1000
_MNT_ID_UNIQUE: Final = 0x4000  # Linux 6.8: never given twice
_DIOALIGN: Final = 0x2000  # Linux 6.1

_FIXED: Final = 0x10 | 0x20  # STATX_ATTR_IMMUTABLE, STATX_ATTR_APPEND

# struct statx, linux/stat.h: mask, attributes, nlink, uid, gid, mode, ino, size; then btime,
# mtime; then the device's two numbers and the mount.
_HEAD: Final = struct.Struct("=I4xQIIIH2xQQ")
_BIRTH: Final = struct.Struct("=qI")
_AT_BIRTH: Final = 80
_AT_MTIME: Final = 112
_DEVICE: Final = struct.Struct("=II")
_AT_DEVICE: Final = 136
_MOUNT: Final = struct.Struct("=Q")
_AT_MOUNT: Final = 144
_ALIGN: Final = struct.Struct("=II")
_AT_ALIGN: Final = 152
_SIZE: Final = 256

_statx: Final = kernel.door(
    "statx", ctypes.c_int, ctypes.c_char_p, ctypes.c_int, ctypes.c_uint, ctypes.c_char_p
)


class Look(NamedTuple):
    """A zero in `born_ns` or `mount` says that the file system does not tell.

    `is_buffered` says that it reads this file through the page cache, whatever it is opened with;
    `is_fixed`, that `chattr` marked it as immutable or append-only: it keeps its names.
    """

    device: int
    inode: int
    size: int
    mode: int
    owner: int
    group: int
    links: int
    mtime_ns: int
    born_ns: int
    mount: int
    is_buffered: bool
    is_fixed: bool


def look(file: int, name: bytes = b"") -> Look:
    """Look at an open file, or at `name` in an open folder, past any network cache."""
    found = ctypes.create_string_buffer(_SIZE)
    flags = _FORCE_SYNC | _NOFOLLOW | (0 if name else _EMPTY_PATH)
    _statx(file, name, flags, _BASIC | _BTIME | _MNT_ID | _DIOALIGN, found)
    mask, marks, links, owner, group, mode, inode, size = _HEAD.unpack_from(found)
    born = _BIRTH.unpack_from(found, _AT_BIRTH)
    changed = _BIRTH.unpack_from(found, _AT_MTIME)
    return Look(
        os.makedev(*_DEVICE.unpack_from(found, _AT_DEVICE)),
        inode,
        size,
        mode,
        owner,
        group,
        links,
        changed[0] * 10**9 + changed[1],
        born[0] * 10**9 + born[1] if mask & _BTIME else 0,
        _MOUNT.unpack_from(found, _AT_MOUNT)[0] if mask & _MNT_ID else 0,
        bool(mask & _DIOALIGN) and 0 in _ALIGN.unpack_from(found, _AT_ALIGN),
        bool(marks & _FIXED),
    )


def mount_of(file: int) -> int | None:
    """Which mount an open file was opened on; none where a later mount may get its number."""
    found = ctypes.create_string_buffer(_SIZE)
    _statx(file, b"", _EMPTY_PATH, _MNT_ID_UNIQUE, found)
    mask = _HEAD.unpack_from(found)[0]
    return int(_MOUNT.unpack_from(found, _AT_MOUNT)[0]) if mask & _MNT_ID_UNIQUE else None
