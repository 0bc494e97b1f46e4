"""The process that hears of changes of whole file systems, and can do nothing else.

It needs CAP_SYS_ADMIN for as long as it takes to ask, and gives up everything then. That it heard
something it says at once, in a byte; what, when a byte comes in; where nobody is left to ask, it
ends.
"""

import ctypes
import os
import select
import struct
import sys
from collections.abc import Sequence
from typing import Final

from labkeeper.host import fanotify, kernel
from labkeeper.host.fanotify import Touched, Unread

READY: Final = b"+"
# Something was heard, for the first time since it was asked.
NEWS: Final = b"!"
# An answer, after its first byte: how long the rest is, and whether it is all; then each name with
# its numbers.
BEGIN: Final = b"="
ANSWER: Final = struct.Struct("=Q?")
# What a service covers: how long the names are that follow.
COVERED: Final = struct.Struct("=I")
RECORD: Final = struct.Struct("=QQQH")

_ROOM: Final = 100_000  # names that wait until somebody asks
# The kernel joins what happens to one file meanwhile, and holds 16,384 events (max_queued_events).
_REST: Final = 0.05
_SET_NO_NEW_PRIVS: Final = 38
_VERSION_3: Final = 0x20080522

_prctl: Final = kernel.door(
    "prctl", ctypes.c_int, ctypes.c_ulong, ctypes.c_ulong, ctypes.c_ulong, ctypes.c_ulong
)
_capset: Final = kernel.door("capset", ctypes.c_char_p, ctypes.c_char_p)


class Heard:
    """What happened since it was told the last time."""

    def __init__(self, queue: int) -> None:
        self._queue = queue
        self._names: set[Touched] = set()
        self._is_missed = False
        self._is_announced = False

    @property
    def is_news(self) -> bool:
        """There is something to tell, and nobody was told that there is; asked once."""
        is_news = bool(self._names or self._is_missed) and not self._is_announced
        self._is_announced |= is_news
        return is_news

    def hear(self) -> None:
        """Take what waits in the kernel's queue."""
        try:
            self._names.update(fanotify.read(self._queue))
        except Unread:
            self._is_missed = True
        if len(self._names) > _ROOM:
            self._is_missed = True
        if self._is_missed:
            self._names.clear()

    def tell(self) -> bytes:
        """Say it, and forget it."""
        self.hear()
        words = b"".join([RECORD.pack(*n[:3], len(n.name)) + n.name for n in self._names])
        head = ANSWER.pack(len(words), not self._is_missed)
        self._names, self._is_missed, self._is_announced = set(), False, False
        return BEGIN + head + words


def drop_privileges() -> None:
    """Keep nothing: a queue that is open goes on without."""
    _prctl(_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    _capset(struct.pack("=Ii", _VERSION_3, 0), bytes(24))


def serve(paths: Sequence[str]) -> None:
    """As a service: of paths that are not there, or not told of, it says so by leaving them out."""
    queue = fanotify.listen()
    covered = [path for path in map(os.fsencode, paths) if _is_covered(queue, path)]
    names = b"\0".join(covered)
    _answer(queue, READY + COVERED.pack(len(names)) + names)


def _is_covered(queue: int, path: bytes) -> bool:
    try:
        fanotify.cover(queue, path)
    except OSError:
        return False
    return True


def main(paths: Sequence[str]) -> None:
    """Answer until nobody asks any more."""
    queue = fanotify.listen()
    for path in paths:
        fanotify.cover(queue, os.fsencode(path))
    _answer(queue, READY)


def _answer(queue: int, first: bytes) -> None:
    drop_privileges()
    heard = Heard(queue)
    os.write(1, first)
    poll = select.poll()
    poll.register(0, select.POLLIN)
    poll.register(queue, select.POLLIN)
    asked = select.poll()
    asked.register(0, select.POLLIN)
    while True:
        poll.poll()
        if not asked.poll(int(_REST * 1000)):
            heard.hear()
            if heard.is_news:
                os.write(1, NEWS)
            continue
        if not os.read(0, 1):
            return
        words = memoryview(heard.tell())
        while words:
            words = words[os.write(1, words) :]


def run(served: Sequence[str] | None = None) -> None:
    """The program: its exit status is the errno of what it was refused."""
    try:
        if served is None:
            main(sys.argv[1:])
        else:
            serve(served)
    except OSError as refused:
        sys.exit(refused.errno or 1)
