"""A small file: one read and one write, through one buffer of this process."""

import errno
import mmap
import os
from typing import Final

from labkeeper.storage.ring import BLOCK, set_direct
from labkeeper.storage.stage import SMALL

# Aligned for reads past the page cache, and private: an anonymous map is shared with a forked
# worker otherwise, which reads into it too.
_BUFFER: Final = mmap.mmap(-1, SMALL + BLOCK, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
_VIEW: Final = memoryview(_BUFFER)


def read(file: int, size: int) -> memoryview:
    """Read a file that should have `size` bytes, until the next `read`.

    Up to a block more is asked for than it should have: of a longer one, more comes back.
    """
    wanted = (size // BLOCK + 1) * BLOCK
    got = _read_at(file, _VIEW[:wanted], 0)
    while got < size and (more := _read_at(file, _VIEW[got:wanted], got)):
        got += more
    return _VIEW[:got]


def write(file: int, data: memoryview) -> None:
    """Write all of an empty file."""
    done = 0
    while done < len(data):
        done += os.write(file, data[done:])


def _read_at(file: int, view: memoryview, offset: int) -> int:
    try:
        return os.preadv(file, [view], offset)
    except OSError as error:
        # A refusal of O_DIRECT, or of an offset behind a short read.
        if error.errno == errno.EINVAL and set_direct(file, on=False):
            return os.preadv(file, [view], offset)
        raise
