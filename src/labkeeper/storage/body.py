"""Reading a source once: hashing and writing in the same pass."""

import errno
import os
from typing import Final

from blake3 import blake3

from labkeeper.host import files, leases
from labkeeper.storage.reasons import Blocked
from labkeeper.storage.reread import Watch
from labkeeper.storage.ring import Ring, Span, set_direct, spans

_CANNOT_BOOK: Final = (errno.EOPNOTSUPP, errno.ENOSYS, errno.EINVAL)


def copy_body(source: int, look: os.stat_result, copy: int, ring: Ring, watch: Watch) -> bytes:
    """Copy an open file's bytes and holes into an empty one and return their digest."""
    parts = spans(source, look.st_size, look.st_blocks)
    os.ftruncate(copy, look.st_size)
    for part in parts:
        _book(copy, part)
    set_direct(source, on=True)
    direct = _direct_door(copy)
    try:
        return _copy_pieces(source, parts, copy, direct, (ring, watch))
    finally:
        if direct is not None:
            os.close(direct)


def hash_body(source: int, look: os.stat_result, ring: Ring, watch: Watch) -> bytes:
    """Hash an open file without copying it."""
    set_direct(source, on=True)
    hasher = blake3()
    try:
        for piece in ring.read(source, spans(source, look.st_size, look.st_blocks)):
            count = len(piece.view)
            hasher.update(piece.view)
            ring.release(piece)
            _go_on(source, watch, count)
    except BaseException:
        ring.reset()
        raise
    return hasher.digest()


def _copy_pieces(
    source: int, parts: list[Span], plain: int, direct: int | None, through: tuple[Ring, Watch]
) -> bytes:
    ring, watch = through
    hasher = blake3()
    try:
        for piece in ring.read(source, parts):
            count = len(piece.view)
            hasher.update(piece.view)
            if piece.buffer is not None:
                ring.write(direct, plain, piece)
            _go_on(source, watch, count)
        ring.drain()
    except BaseException:
        ring.reset()
        raise
    return hasher.digest()


def _go_on(source: int, watch: Watch, count: int) -> None:
    if leases.broken(source):
        raise Blocked("open-for-writing", "another program opened it for writing meanwhile")
    watch.passed(count)


def _book(file: int, part: Span) -> None:
    if part.is_hole:
        return
    try:
        files.allocate(file, part.offset, part.length)
    except OSError as error:
        if error.errno not in _CANNOT_BOOK:
            raise


def _direct_door(file: int) -> int | None:
    """Open the same file again, past the page cache; None where that is refused."""
    try:
        return os.open(f"/proc/self/fd/{file}", os.O_RDWR | os.O_DIRECT | os.O_CLOEXEC)
    except OSError:
        return None
