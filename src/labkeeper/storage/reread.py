"""Reading the copy back, and saying from where."""

import fcntl
import os
from typing import Final, Protocol

from blake3 import blake3

from labkeeper.host import cache
from labkeeper.host.filesystems import Filesystem
from labkeeper.storage import small
from labkeeper.storage.ring import BLOCK, PIECE, Ring, set_direct, spans
from labkeeper.storage.stage import SMALL
from labkeeper.store.units import Evidence

_PROBE: Final = memoryview(bytearray(BLOCK))


class Watch(Protocol):
    """Who is told of each piece; it may wait (a limit) or raise (a stop)."""

    def passed(self, count: int) -> None:
        """Note that `count` bytes went through."""


def reread(file: int, filesystem: Filesystem, ring: Ring, watch: Watch) -> tuple[bytes, Evidence]:
    """Hash what the destination gives back, and say what kind of proof that is.

    tmpfs takes O_DIRECT and has no medium; ZFS and FUSE may take it and ignore it. So only the
    kinds known to be honest count as `medium`; for others the eviction itself is proven.
    """
    look = os.fstat(file)
    if filesystem.direct and set_direct(file, on=True):
        digest = (_small if look.st_size < SMALL else _large)(file, look, ring, watch)
        return digest, Evidence.MEDIUM if _is_direct(file) else Evidence.MEMORY
    cache.drop(file)
    in_memory = filesystem.in_memory or any(
        cache.holds(file, at, _PROBE) for at in range(0, look.st_size, PIECE)
    )
    digest = _large(file, look, ring, watch)
    return digest, Evidence.MEMORY if in_memory else Evidence.DROPPED


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
