import ctypes
import mmap
import os
from pathlib import Path

import pytest

from labkeeper.host import aio

BLOCK = 4096


@pytest.fixture
def queue() -> aio.Queue:
    found = aio.Queue.open(4)
    if found is None:
        pytest.skip("this kernel has no io_submit")
    return found


def test_many_at_once(tmp_path: Path, queue: aio.Queue) -> None:
    """Each read brings its own file's bytes to its own place, and says how many came."""
    bodies = [os.urandom(size) for size in (1, BLOCK, 3 * BLOCK + 5)]
    buffer = mmap.mmap(-1, 16 * BLOCK)
    address = ctypes.addressof(ctypes.c_char.from_buffer(buffer))
    files = []
    for number, body in enumerate(bodies):
        (tmp_path / str(number)).write_bytes(body)
        files.append(os.open(tmp_path / str(number), os.O_RDONLY))

    came = queue.read(
        [aio.Read(f, address + n * 4 * BLOCK, 4 * BLOCK) for n, f in enumerate(files)]
    )

    assert came == [len(body) for body in bodies]
    for number, body in enumerate(bodies):
        assert buffer[number * 4 * BLOCK :][: len(body)] == body
    for file in files:
        os.close(file)


def test_what_cannot_be_read(tmp_path: Path, queue: aio.Queue) -> None:
    """A file that is not open for reading brings nothing, and takes none of the others along."""
    (tmp_path / "a").write_bytes(b"a" * BLOCK)
    buffer = mmap.mmap(-1, 2 * BLOCK)
    address = ctypes.addressof(ctypes.c_char.from_buffer(buffer))
    good = os.open(tmp_path / "a", os.O_RDONLY)
    bad = os.open(tmp_path / "a", os.O_WRONLY)

    came = queue.read([aio.Read(good, address, BLOCK), aio.Read(bad, address + BLOCK, BLOCK)])

    assert came[0] == BLOCK
    assert came[1] <= 0
    assert queue.read([aio.Read(good, address, BLOCK)]) == [BLOCK]
    os.close(good)
    os.close(bad)
