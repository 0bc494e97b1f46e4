"""What changes on a whole file system: fanotify, which tells the folder and the name of each."""

import ctypes
import errno
import os
import struct
from collections.abc import Iterator
from typing import Final, NamedTuple

from labkeeper.host import kernel
from labkeeper.host.handles import inode_in

# linux/fanotify.h.
_CLOEXEC: Final = 0x1
_NONBLOCK: Final = 0x2
_REPORT_FID: Final = 0x200
_REPORT_DFID_NAME: Final = 0x400 | 0x800
# Which file was made, renamed or removed, too: another name of it may be known. Linux 5.17.
_REPORT_TARGET: Final = 0x1000
_ADD: Final = 0x1
_FILESYSTEM: Final = 0x100
_Q_OVERFLOW: Final = 0x4000
# modify, attrib, close-write, moved from and to, create, delete; and all of them of folders.
_WANTED: Final = 0x2 | 0x4 | 0x8 | 0x40 | 0x80 | 0x100 | 0x200 | 0x40000000
_HERE: Final = -100
_IN_FID: Final = 1
_IN_DFID_NAME: Final = 2
_IN_DFID: Final = 3

# struct fanotify_event_metadata, fanotify_event_info_header with the fsid, file_handle.
_EVENT: Final = struct.Struct("=IBBHQii")
_INFO: Final = struct.Struct("=BxHQ")
_HANDLE: Final = struct.Struct("=Ii")
_READ: Final = 256 * 1024

_init: Final = kernel.door("fanotify_init", ctypes.c_uint, ctypes.c_uint)
_mark: Final = kernel.door(
    "fanotify_mark", ctypes.c_int, ctypes.c_uint, ctypes.c_uint64, ctypes.c_int, ctypes.c_char_p
)


class Touched(NamedTuple):
    """Something happened to `name` in a folder, or to a file without a place: zero is none.

    An inode is told by its number on the file system `filesystem` (statfs(2): f_fsid).
    """

    filesystem: int
    folder: int
    file: int
    name: bytes


class Unread(Exception):
    """The kernel could not tell all, or told what is not understood: everything must be looked at.

    `FAN_Q_OVERFLOW`, or a handle of an unknown kind.
    """


def listen() -> int:
    """Return a queue of events; it needs CAP_SYS_ADMIN."""
    flags = _CLOEXEC | _NONBLOCK | _REPORT_FID | _REPORT_DFID_NAME
    try:
        return _init(flags | _REPORT_TARGET, os.O_RDONLY | os.O_CLOEXEC)
    except OSError as error:
        if error.errno != errno.EINVAL:
            raise
    return _init(flags, os.O_RDONLY | os.O_CLOEXEC)


def cover(queue: int, path: bytes) -> None:
    """Have the queue told of all that changes on the file system that holds `path`."""
    _mark(queue, _ADD | _FILESYSTEM, _WANTED, _HERE, path)


def read(queue: int) -> Iterator[Touched]:
    """Yield what waits in the queue; it ends when nothing does."""
    while True:
        try:
            data = os.read(queue, _READ)
        except BlockingIOError:
            return
        at = 0
        while at < len(data):
            length, _, _, head, mask, _, _ = _EVENT.unpack_from(data, at)
            if mask & _Q_OVERFLOW:
                raise Unread
            yield _touched(data, at + head, at + length)
            at += length


def _touched(data: bytes, at: int, end: int) -> Touched:
    filesystem = folder = file = 0
    name = b""
    while at < end:
        kind, length, filesystem = _INFO.unpack_from(data, at)
        size, layout = _HANDLE.unpack_from(data, at + _INFO.size)
        begin = at + _INFO.size + _HANDLE.size
        inode = inode_in(layout, data[begin : begin + size])
        if inode is None:
            raise Unread
        if kind == _IN_FID:
            file = inode
        elif kind in (_IN_DFID_NAME, _IN_DFID):
            folder = inode
            if kind == _IN_DFID_NAME:
                name = data[begin + size : at + length].partition(b"\0")[0]
        at += length
    return Touched(filesystem, folder, file, name)
