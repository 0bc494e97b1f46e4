"""What the page cache is said to hold, it holds."""

import os
from pathlib import Path

import pytest

from labkeeper.host import cache, filesystems


@pytest.mark.parametrize("size", [1, 4096, 4097, 9 * 1024 * 1024])
@pytest.mark.parametrize("knows", [True, False])
def test_a_file_that_was_just_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, size: int, *, knows: bool
) -> None:
    """It is held; on a disk it is not any more when it was dropped; an older kernel says so too."""
    if not knows:
        monkeypatch.setattr(cache, "_CACHESTAT", 100_000)  # ENOSYS
    (tmp_path / "a").write_bytes(os.urandom(size))
    file = os.open(tmp_path / "a", os.O_RDWR)
    try:
        os.fsync(file)
        held = cache.holds(file, size)
        cache.drop(file)
        held_after = cache.holds(file, size)
        is_disk = filesystems.of(file).direct
    finally:
        os.close(file)

    assert held
    assert held_after is not is_disk


def test_one_page_of_many(tmp_path: Path) -> None:
    """A page in the middle is enough to say that memory holds some of it."""
    (tmp_path / "a").write_bytes(bytes(8 * 1024 * 1024))
    file = os.open(tmp_path / "a", os.O_RDWR)
    try:
        os.fsync(file)
        if not filesystems.of(file).direct:
            pytest.skip("the temporary folder is on no disk that forgets")
        cache.drop(file)
        os.posix_fadvise(file, 0, 0, os.POSIX_FADV_RANDOM)
        os.pread(file, 1, 6 * 1024 * 1024 + 5)
        held = cache.holds(file, 8 * 1024 * 1024)
    finally:
        os.close(file)

    assert held
