"""Opening, naming and settling files so that nothing is followed out or replaced."""

import ctypes
import errno
import os
from typing import Final

from labkeeper.host import kernel

_OPENAT2: Final = 437  # the same number on every architecture: it came after the tables were joined
_NO_CROSSING: Final = 0x01  # RESOLVE_NO_XDEV
_NO_LINKS: Final = 0x04 | 0x02  # RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS
_BENEATH: Final = 0x08  # RESOLVE_BENEATH
_NOREPLACE: Final = 1
_FOLLOW: Final = 0x400  # AT_SYMLINK_FOLLOW
_EMPTY_PATH: Final = 0x1000  # AT_EMPTY_PATH
_HERE: Final = -100  # AT_FDCWD
_KEEP_SIZE: Final = 1
_TRIES: Final = 64
_CANNOT: Final = (errno.EINVAL, errno.ENOSYS, errno.EOPNOTSUPP)


class _How(ctypes.Structure):
    _fields_ = (
        ("flags", ctypes.c_uint64),
        ("mode", ctypes.c_uint64),
        ("resolve", ctypes.c_uint64),
    )


_openat2: Final = kernel.door(
    "syscall",
    ctypes.c_long,
    ctypes.c_int,
    ctypes.c_char_p,
    ctypes.POINTER(_How),
    ctypes.c_size_t,
)
_renameat2: Final = kernel.door(
    "renameat2",
    ctypes.c_int,
    ctypes.c_char_p,
    ctypes.c_int,
    ctypes.c_char_p,
    ctypes.c_uint,
)
_linkat: Final = kernel.door(
    "linkat",
    ctypes.c_int,
    ctypes.c_char_p,
    ctypes.c_int,
    ctypes.c_char_p,
    ctypes.c_int,
)
_syncfs: Final = kernel.door("syncfs", ctypes.c_int)
_fallocate: Final = kernel.door(
    "fallocate", ctypes.c_int, ctypes.c_int, ctypes.c_longlong, ctypes.c_longlong
)


def open_beneath(root: int, path: bytes, flags: int) -> int:
    """Open `path` below the folder `root`: no symbolic link, no `..` out, no other mount."""
    how = _How(flags | os.O_CLOEXEC, 0, _BENEATH | _NO_LINKS | _NO_CROSSING)
    for attempt in range(_TRIES):
        try:
            return _openat2(_OPENAT2, root, path or b".", ctypes.byref(how), ctypes.sizeof(how))
        except OSError as error:
            # EAGAIN: a rename anywhere raced with the walk; openat2(2) says to try again.
            if error.errno != errno.EAGAIN or attempt == _TRIES - 1:
                raise
    raise OSError(errno.EAGAIN, os.strerror(errno.EAGAIN))


def rename_new(old_folder: int, old: bytes, new_folder: int, new: bytes) -> None:
    """Rename, or fail with EEXIST where `new` exists.

    A file system that cannot (NTFS by FUSE, old pools) links and unlinks instead, which cannot
    replace either; a crash between leaves both names. One that cannot do that refuses (EINVAL).
    """
    try:
        _renameat2(old_folder, old, new_folder, new, _NOREPLACE)
    except OSError as error:
        if error.errno not in _CANNOT:
            raise
        try:
            os.link(old, new, src_dir_fd=old_folder, dst_dir_fd=new_folder, follow_symlinks=False)
        except OSError as refused:
            if refused.errno in (*_CANNOT, errno.EPERM):
                raise error from refused
            raise
        os.unlink(old, dir_fd=old_folder)


def name_open_file(file: int, folder: int, name: bytes) -> None:
    """Give an open, nameless file a name, or fail with EEXIST where it exists."""
    try:
        # Allowed with CAP_DAC_READ_SEARCH, and since Linux 6.10 to whoever opened the file.
        _linkat(file, b"", folder, name, _EMPTY_PATH)
    except FileNotFoundError:
        _linkat(_HERE, b"/proc/self/fd/%d" % file, folder, name, _FOLLOW)


def sync_filesystem(file: int) -> None:
    """Wait until all of the file system that holds `file` is on its medium."""
    _syncfs(file)


def allocate(file: int, offset: int, length: int) -> None:
    """Book room for bytes to come; the size stays. Raises EOPNOTSUPP where that is unknown."""
    _fallocate(file, _KEEP_SIZE, offset, length)
