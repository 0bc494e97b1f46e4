import os
from pathlib import Path

from labkeeper.keep.measuring import bytes_below, usage_of
from labkeeper.plan import Amount, Tier
from labkeeper.source import Span

HERE = Span("lab.yaml", 0, 0)
MIB = 1 << 20


def tier(path: Path | str, size: int | None, keep_free: Amount | None = None) -> Tier:
    return Tier("box", "hot", str(path), None, keep_free, size, HERE, HERE)


def test_counted(tmp_path: Path) -> None:
    """A folder with a size is counted, an inode with two names once, holes not at all."""
    (tmp_path / "a").mkdir()
    (tmp_path / "a/film").write_bytes(os.urandom(2 * MIB))
    (tmp_path / "link").hardlink_to(tmp_path / "a/film")
    with (tmp_path / "holes").open("wb") as sparse:
        sparse.truncate(50 * MIB)

    usage = usage_of(tier(tmp_path, 10 * MIB, Amount(ratio=0.1)))

    assert usage.is_known
    assert 2 * MIB <= usage.used < 2.1 * MIB
    assert usage.used == bytes_below(str(tmp_path))
    assert (usage.size, usage.keep_free) == (10 * MIB, MIB)
    assert usage.room == usage.free - MIB


def test_not_there(tmp_path: Path) -> None:
    """What is not there, or is no folder, is unknown and not empty."""
    (tmp_path / "file").touch()

    assert not usage_of(tier(tmp_path / "none", MIB)).is_known
    assert not usage_of(tier(tmp_path / "file", MIB)).is_known


def test_not_mounted() -> None:
    """A tier without a size is a disk; a folder of the system's own is one that is missing."""
    usage = usage_of(tier("/usr", None))

    assert not usage.is_known
    assert "system's own disk" in usage.why


def test_mounted() -> None:
    """A mount says itself how full it is."""
    usage = usage_of(tier("/dev/shm", None, Amount(bytes=MIB)))

    assert usage.is_known
    assert usage.size > 0
    assert usage.keep_free == MIB
