"""Small files many at a time: the disk is told what comes next, and reads it in its own order."""

import ctypes
import mmap
import os
from collections import deque
from contextlib import suppress
from typing import Final

from blake3 import blake3

from labkeeper.host import aio
from labkeeper.storage.batch import Run, Work
from labkeeper.storage.ring import BLOCK, set_direct
from labkeeper.storage.source import open_quietly
from labkeeper.storage.stage import SMALL
from labkeeper.store.units import Kind, Way

_FILES: Final = 64
_BYTES: Final = 4 * 1024 * 1024


class Soon:
    """Tells the disk of the sources that are read next. It is a hint: nothing depends on it."""

    def __init__(self, run: Run, works: list[Work]) -> None:
        self._run = run
        self._waiting = deque(works)
        self._told: deque[int] = deque()  # their sizes
        self._bytes = 0

    def next(self) -> None:
        """One more is read now; tell of as many as fit."""
        if self._told:
            self._bytes -= self._told.popleft()
        while self._waiting and len(self._told) < _FILES and self._bytes < _BYTES:
            work = self._waiting.popleft()
            size = work.unit.facts.size if work.unit.facts.size < SMALL else 0
            self._told.append(size)
            self._bytes += size
            if size and work.unit.kind is Kind.FILE:
                with suppress(OSError):
                    self._tell(work, size)

    def _tell(self, work: Work, size: int) -> None:
        name = work.unit.names[0]
        file = open_quietly(*self._run.source(name).parent(name.source))
        try:
            os.posix_fadvise(file, 0, size, os.POSIX_FADV_WILLNEED)
        finally:
            os.close(file)


class Early:
    """Reads small copies back many at a time, from the medium, and hashes them."""

    def __init__(self, run: Run, works: list[Work]) -> None:
        self._run = run
        self._waiting = deque(works if run.filesystem.direct else ())
        self._digests: dict[int, bytes] = {}

    def digest(self, work: Work) -> bytes | None:
        """What the medium gave back; None where it has to be read for itself."""
        number = work.unit.id
        while number not in self._digests and self._waiting:
            group = self._group()
            if group:
                self._read(group)
            if any(each is work for each in group):
                break
        return self._digests.pop(number, None)

    def _group(self) -> list[Work]:
        group: list[Work] = []
        room = _BYTES
        while self._waiting and len(group) < _FILES:
            wanted = _wanted(self._waiting[0])
            if wanted > room:
                break
            work = self._waiting.popleft()
            if not wanted or work.is_buffered or work.stage is None:
                continue
            if set_direct(work.stage.file, on=True):
                group.append(work)
                room -= wanted
        return group

    def _read(self, group: list[Work]) -> None:
        queue = _queue()
        if queue is None:
            self._waiting.clear()
            return
        reads = []
        at = 0
        for work in group:
            assert work.stage is not None  # noqa: S101  `_group` asked
            wanted = _wanted(work)
            reads.append(aio.Read(work.stage.file, _ADDRESS + at, wanted))
            at += wanted
        try:
            counts = queue.read(reads)
        except OSError:
            # Some may be under way still: their buffer is never looked at again.
            _queues[os.getpid()] = None
            self._waiting.clear()
            return
        at = 0
        for work, read, came in zip(group, reads, counts, strict=True):
            # Any other number is looked into by the plain way, which says what is wrong.
            if came == work.unit.facts.size:
                self._digests[work.unit.id] = blake3(_VIEW[at : at + came]).digest()
            at += read.length


# Private, as in small.py: a forked worker has its own.
_BUFFER: Final = mmap.mmap(-1, _BYTES, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
_VIEW: Final = memoryview(_BUFFER)
_ADDRESS: Final = ctypes.addressof(ctypes.c_char.from_buffer(_BUFFER))
_queues: Final[dict[int, aio.Queue | None]] = {}


def _queue() -> aio.Queue | None:
    """This process's own: one that was forked from another has none of its parent's."""
    process = os.getpid()
    if process not in _queues:
        _queues.clear()
        _queues[process] = aio.Queue.open(_FILES)
    return _queues[process]


def _wanted(work: Work) -> int:
    """How much is asked for: more than there should be, so that a longer file is seen."""
    unit = work.unit
    is_small = unit.kind is Kind.FILE and unit.way is Way.COPY and unit.facts.size < SMALL
    return (unit.facts.size // BLOCK + 1) * BLOCK if is_small else 0
