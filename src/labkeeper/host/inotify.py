"""What changes in folders that are watched one by one: inotify, which any user may ask for.

It tells less than fanotify: nothing of a file that is written by a name outside these folders, and
it needs a watch for each folder, of which a user has so many.
"""

import ctypes
import os
import struct
from collections.abc import Iterator
from pathlib import Path
from typing import Final, NamedTuple

from labkeeper.host import kernel

# linux/inotify.h. What is written, and what comes and goes; of folders alone, never by a link.
_CLOEXEC_NONBLOCK: Final = os.O_CLOEXEC | os.O_NONBLOCK
_WANTED: Final = 0x2 | 0x4 | 0x8 | 0x40 | 0x80 | 0x100 | 0x200 | 0x01000000
_UNMOUNT: Final = 0x2000
_Q_OVERFLOW: Final = 0x4000
_IGNORED: Final = 0x8000
_EVENT: Final = struct.Struct("=iIII")
_READ: Final = 256 * 1024
_MOST: Final = Path("/proc/sys/fs/inotify/max_user_watches")

_init: Final = kernel.door("inotify_init1", ctypes.c_int)
_add: Final = kernel.door("inotify_add_watch", ctypes.c_int, ctypes.c_char_p, ctypes.c_uint32)


class Told(NamedTuple):
    """Something happened to `name` in a watched folder; the folder itself where there is none."""

    watch: int
    name: bytes
    # Nothing more is told by this watch.
    is_last: bool


class Missed(Exception):
    """The kernel could not tell all: its queue ran over, or the file system is gone."""


def listen() -> int:
    """Return a queue of events."""
    return _init(_CLOEXEC_NONBLOCK)


def watch(queue: int, folder: int) -> int:
    """Have the queue told of what changes in an open folder; ENOSPC where no watch is left."""
    return _add(queue, b"/proc/self/fd/%d" % folder, _WANTED)


def most_watches() -> int:
    """How many a user may have, in all programs together."""
    try:
        return int(_MOST.read_text())
    except (OSError, ValueError):
        return 0


def read(queue: int) -> Iterator[Told]:
    """Yield what waits in the queue; it ends when nothing does."""
    while True:
        try:
            data = os.read(queue, _READ)
        except BlockingIOError:
            return
        at = 0
        while at < len(data):
            watched, mask, _, length = _EVENT.unpack_from(data, at)
            at += _EVENT.size
            if mask & (_Q_OVERFLOW | _UNMOUNT):
                raise Missed
            name = data[at : at + length].partition(b"\0")[0]
            at += length
            yield Told(watched, name, bool(mask & _IGNORED))
