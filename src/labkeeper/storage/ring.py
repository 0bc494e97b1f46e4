"""A ring of buffers: reads run ahead, hashing is in order, writes run behind."""

import errno
import fcntl
import mmap
import os
from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from queue import SimpleQueue
from typing import Final, Self

from labkeeper.values import dataclass

PIECE: Final = 4 * 1024 * 1024
DEPTH: Final = 8
# Every device known asks for 4096 at most; STATX_DIOALIGN may ask for less, never needed.
BLOCK: Final = 4096
_ZEROS: Final = memoryview(bytes(PIECE))


@dataclass(frozen=True, slots=True)
class Span:
    """A part of a file: bytes, or a hole."""

    offset: int
    length: int
    is_hole: bool


@dataclass(frozen=True, slots=True)
class Piece:
    """Some bytes at their offset; a hole's have no buffer."""

    offset: int
    view: memoryview
    buffer: memoryview | None


def spans(file: int, size: int, blocks: int) -> list[Span]:
    """Return the data and the holes of a file, data widened to whole blocks."""
    if blocks * 512 >= size:
        return [Span(0, size, is_hole=False)] if size else []
    found: list[Span] = []
    at = 0
    while at < size:
        start = min(_seek(file, at, os.SEEK_DATA, size) // BLOCK * BLOCK, size)
        if start > at:
            found.append(Span(at, start - at, is_hole=True))
        at = max(at, start)
        if at < size:
            end = _seek(file, max(at, start), os.SEEK_HOLE, size)
            end = min(-(-max(end, at + 1) // BLOCK) * BLOCK, size)
            found.append(Span(at, end - at, is_hole=False))
            at = end
    return found


def _seek(file: int, at: int, whence: int, size: int) -> int:
    try:
        return os.lseek(file, at, whence)
    except OSError as error:
        if error.errno == errno.ENXIO:  # no data from here to the end
            return size
        if error.errno == errno.EINVAL:  # holes are not told: all of it is data
            return at if whence == os.SEEK_DATA else size
        raise


def set_direct(file: int, *, on: bool) -> bool:
    """Switch an open file past the page cache, or back; False where that is refused."""
    flags = fcntl.fcntl(file, fcntl.F_GETFL)
    try:
        fcntl.fcntl(file, fcntl.F_SETFL, flags | os.O_DIRECT if on else flags & ~os.O_DIRECT)
    except OSError as error:
        if error.errno == errno.EINVAL:
            return False
        raise
    return True


_Ahead = tuple[int, int, memoryview | None, "Future[int] | None"]


class Ring:
    """Buffers that were allocated once, aligned, and the threads that fill and empty them."""

    def __init__(self, depth: int = DEPTH) -> None:
        self._depth = depth
        self._threads = ThreadPoolExecutor(depth)
        self._reads: deque[_Ahead] = deque()
        self._writes: deque[Future[None]] = deque()
        self._free = self._new_buffers()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._threads.shutdown()

    def read(self, file: int, parts: list[Span]) -> Iterator[Piece]:
        """Yield a file's pieces in order; give each buffer back with `write` or `release`."""
        for offset, length, is_hole in _pieces(parts):
            if is_hole:
                self._reads.append((offset, length, None, None))
                continue
            while self._free.empty() and self._reads:
                yield self._arrived()
            buffer = self._free.get()
            future = self._threads.submit(_fill, file, buffer, offset, length)
            self._reads.append((offset, length, buffer, future))
        while self._reads:
            yield self._arrived()

    def release(self, piece: Piece) -> None:
        """Give a piece's buffer back."""
        piece.view.release()
        if piece.buffer is not None:
            self._free.put(piece.buffer)

    def write(self, direct: int | None, plain: int, piece: Piece) -> None:
        """Write a piece behind our back and give its buffer back then."""
        while self._writes and self._writes[0].done():
            self._writes.popleft().result()
        self._writes.append(self._threads.submit(self._write, direct, plain, piece))

    def drain(self) -> None:
        """Wait for every write; one that failed is raised."""
        while self._writes:
            self._writes.popleft().result()

    def reset(self) -> None:
        """Wait for all that is under way and start anew: after an error nobody owns a buffer."""
        for *_, future in self._reads:
            if future is not None:
                future.exception()
        for written in self._writes:
            written.exception()
        self._reads.clear()
        self._writes.clear()
        self._free = self._new_buffers()

    def _new_buffers(self) -> "SimpleQueue[memoryview]":
        size = self._depth * PIECE
        whole = mmap.mmap(-1, size, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
        # Past the page cache the kernel pins every page of a buffer for each read and write: with
        # pages of 2 MiB that took a third of the system time that it took with pages of 4 KiB.
        with suppress(OSError):  # a kernel that has none
            whole.madvise(mmap.MADV_HUGEPAGE)
        buffers = memoryview(whole)
        free: SimpleQueue[memoryview] = SimpleQueue()
        for start in range(0, size, PIECE):
            free.put(buffers[start : start + PIECE])
        return free

    def _arrived(self) -> Piece:
        offset, length, buffer, future = self._reads.popleft()
        if buffer is None or future is None:
            return Piece(offset, _ZEROS[:length], None)
        count = future.result()
        return Piece(offset, buffer[: min(count, length)], buffer)

    def _write(self, direct: int | None, plain: int, piece: Piece) -> None:
        try:
            _pour(direct, plain, piece.view, piece.offset)
        finally:
            self.release(piece)


def _pieces(parts: list[Span]) -> Iterator[tuple[int, int, bool]]:
    for part in parts:
        # Pieces end at multiples of their size, so that a device sees whole stripes.
        at, end = part.offset, part.offset + part.length
        while at < end:
            length = min(PIECE - at % PIECE, end - at)
            yield at, length, part.is_hole
            at += length


def _fill(file: int, buffer: memoryview, offset: int, length: int) -> int:
    """Read until the piece is full or the file ends; a direct read asks for whole blocks."""
    wanted = -(-length // BLOCK) * BLOCK
    got = 0
    while got < length:
        count = _read_at(file, buffer[got:wanted], offset + got)
        if count == 0:
            break
        got += count
        if got % BLOCK and got < length:  # a short direct read inside the file: go on plainly
            set_direct(file, on=False)
    return got


def _read_at(file: int, view: memoryview, offset: int) -> int:
    try:
        return os.preadv(file, [view], offset)
    except OSError as error:
        if error.errno == errno.EINVAL and set_direct(file, on=False):
            return os.preadv(file, [view], offset)
        raise


def _pour(direct: int | None, plain: int, view: memoryview, offset: int) -> None:
    """Write all of a piece: whole blocks past the page cache, the tail through it."""
    whole = len(view) // BLOCK * BLOCK if direct is not None else 0
    done = 0
    while done < len(view):
        if direct is not None and done < whole and done % BLOCK == 0:
            try:
                done += os.pwrite(direct, view[done:whole], offset + done)
            except OSError as error:
                if error.errno != errno.EINVAL:
                    raise
                whole = 0
        else:
            done += os.pwrite(plain, view[done:], offset + done)
