"""Which bytes of a file another file or a snapshot has as well: removing it does not free them."""

import fcntl
import struct
from collections.abc import Iterator
from typing import Final

# linux/fiemap.h, linux/fs.h: FS_IOC_FIEMAP, struct fiemap and struct fiemap_extent.
_FIEMAP: Final = 0xC020660B
_HEAD: Final = struct.Struct("=QQIIII")
_EXTENT: Final = struct.Struct("=QQQQQIIII")
_LAST, _SHARED = 0x1, 0x2000
_AT_ONCE: Final = 256
_END: Final = 2**64 - 1


def shared(file: int) -> int:
    """Bytes of an open file whose extents are not its alone. OSError where nobody can tell.

    btrfs says so of what a snapshot or a reflink holds, XFS of reflinks (it has no snapshots).
    """
    return sum(length for _, length, flags in _extents(file) if flags & _SHARED)


def shared_at(file: int) -> tuple[tuple[int, int], ...]:
    """Where an open file lies on its disk, if none of it is its alone; nothing otherwise."""
    found = tuple(_extents(file))
    if not all(flags & _SHARED for _, _, flags in found):
        return ()
    return tuple((at, length) for at, length, _ in found)


def _extents(file: int) -> Iterator[tuple[int, int, int]]:
    start = 0
    while True:
        answer = bytearray(_HEAD.size + _AT_ONCE * _EXTENT.size)
        _HEAD.pack_into(answer, 0, start, _END - start, 0, 0, _AT_ONCE, 0)
        fcntl.ioctl(file, _FIEMAP, answer)
        mapped = _HEAD.unpack_from(answer)[3]
        if not mapped:
            return
        for number in range(mapped):
            row = _EXTENT.unpack_from(answer, _HEAD.size + number * _EXTENT.size)
            yield row[1], row[2], row[5]
            start = row[0] + row[2]
            if row[5] & _LAST:
                return
