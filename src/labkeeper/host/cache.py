"""Whether the page cache holds a part of a file: the proof that a re-read was a re-read."""

import ctypes
import errno
import mmap
import os
from typing import Final

from labkeeper.host import kernel

_CACHESTAT: Final = 451  # the same number on every architecture; Linux 6.5
_BLOCK: Final = 4096
_STEP: Final = 4 * 1024 * 1024
_BUFFER: Final = memoryview(mmap.mmap(-1, _BLOCK))  # a file that is opened O_DIRECT asks for it


class _Range(ctypes.Structure):
    _fields_ = (("offset", ctypes.c_uint64), ("length", ctypes.c_uint64))


class _Pages(ctypes.Structure):
    _fields_ = (("cached", ctypes.c_uint64), ("rest", ctypes.c_uint64 * 4))


_cachestat: Final = kernel.door(
    "syscall",
    ctypes.c_long,
    ctypes.c_int,
    ctypes.POINTER(_Range),
    ctypes.POINTER(_Pages),
    ctypes.c_uint,
)
_NO_ANSWER: Final = (errno.ENOSYS, errno.EPERM, errno.EOPNOTSUPP, errno.EINVAL)


def drop(file: int) -> None:
    """Ask the kernel to forget the clean pages of a file; `holds` says whether it did."""
    os.posix_fadvise(file, 0, 0, os.POSIX_FADV_DONTNEED)


def holds(file: int, size: int) -> bool:
    """Whether any of a file can be read without its disk; True where there is no proof."""
    # What a file system keeps beside its own records (btrfs, inline) is in no page of the file.
    if size > _BLOCK:
        try:
            return _cached(file) > 0
        except OSError as error:
            if error.errno not in _NO_ANSWER:
                raise
    return any(_comes_at_once(file, at) for at in range(0, size, _STEP))


def _cached(file: int) -> int:
    pages = _Pages()
    all_of_it = _Range(0, 0)
    _cachestat(_CACHESTAT, file, ctypes.byref(all_of_it), ctypes.byref(pages), 0)
    return int(pages.cached)


def _comes_at_once(file: int, offset: int) -> bool:
    """Try to read without any I/O: what can be read so lies in memory."""
    try:
        return os.preadv(file, [_BUFFER], offset, os.RWF_NOWAIT) > 0
    except BlockingIOError:
        return False
    except OSError as error:
        if error.errno in (errno.EOPNOTSUPP, errno.EINVAL):
            return True  # no proof either way: say the weaker thing
        raise
