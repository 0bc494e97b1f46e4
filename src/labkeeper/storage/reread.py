"""Reading the copy back, and saying from where."""

import fcntl
import os
import time
from typing import Final, Protocol

from blake3 import blake3

from labkeeper.host import cache, statx
from labkeeper.host.filesystems import Filesystem
from labkeeper.storage import small
from labkeeper.storage.ring import Ring, set_direct, spans
from labkeeper.storage.stage import SMALL
from labkeeper.store.units import Evidence

_PAUSES: Final = (0.0, 0.02)  # seconds


class Watch(Protocol):
    """Who is told of each piece; it may wait (a limit) or raise (a stop)."""

    def passed(self, count: int) -> None:
        """Note that `count` bytes went through."""


def reread(file: int, filesystem: Filesystem, ring: Ring, watch: Watch) -> tuple[bytes, Evidence]:
    """Hash what the destination gives back, and say what kind of proof that is.

    tmpfs takes O_DIRECT and has no medium; btrfs, ZFS and FUSE take it and may answer from memory.
    So only the kinds known to be honest count as `medium`; for others the eviction is proven.
    """
    look = os.fstat(file)
    read = _small if look.st_size < SMALL else _large
    is_honest = filesystem.direct and not statx.look(file).is_buffered
    if is_honest and set_direct(file, on=True):
        digest = read(file, look, ring, watch)
        return digest, Evidence.MEDIUM if _is_direct(file) else Evidence.MEMORY
    in_memory = filesystem.in_memory or not _is_forgotten(file, look.st_size)
    digest = read(file, look, ring, watch)
    return digest, Evidence.MEMORY if in_memory else Evidence.DROPPED


def _is_forgotten(file: int, size: int) -> bool:
    """The page cache gave up all of a file; a page that is written just now it gives up later."""
    for pause in _PAUSES:
        time.sleep(pause)
        cache.drop(file)
        if not cache.holds(file, size):
            return True
    return False


def _is_direct(file: int) -> bool:
    """The reads went past the page cache: no refused one switched that off."""
    return bool(fcntl.fcntl(file, fcntl.F_GETFL) & os.O_DIRECT)


def _small(file: int, look: os.stat_result, _: Ring, watch: Watch) -> bytes:
    data = small.read(file, look.st_size)
    watch.passed(len(data))
    return blake3(data).digest()


def _large(file: int, look: os.stat_result, ring: Ring, watch: Watch) -> bytes:
    hasher = blake3()
    try:
        for piece in ring.read(file, spans(file, look.st_size, look.st_blocks)):
            count = len(piece.view)
            hasher.update(piece.view)
            ring.release(piece)
            watch.passed(count)
    except BaseException:
        ring.reset()
        raise
    return hasher.digest()
