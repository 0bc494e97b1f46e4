"""That a copy was read back is said of what the disk was really asked for."""

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from labkeeper.store.units import Evidence
from tests.programs import program
from tests.storage.disks import run
from tests.storage.solo import move_here

# What mkfs makes, how it is mounted, and what may be said of copies there.
DISKS = {
    "ext4": ("mkfs.ext4 -q -F", "defaults", {Evidence.MEDIUM}),
    "ext4, data=journal": ("mkfs.ext4 -q -F", "data=journal", {Evidence.DROPPED, Evidence.MEMORY}),
    "ext4, inline data": (
        "mkfs.ext4 -q -F -I 256 -O inline_data", "defaults",
        {Evidence.MEDIUM, Evidence.DROPPED, Evidence.MEMORY},
    ),
    "xfs": ("mkfs.xfs -q -f", "defaults", {Evidence.MEDIUM}),
    "btrfs": ("mkfs.btrfs -q -f", "defaults", {Evidence.DROPPED, Evidence.MEMORY}),
    "btrfs, compressed": (
        "mkfs.btrfs -q -f", "compress-force=zstd", {Evidence.DROPPED, Evidence.MEMORY},
    ),
}  # fmt: skip
SIZES = (5000, 32768, 300_000, 3 * 1024**2)


@pytest.fixture(params=DISKS)
def disk(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[tuple[Path, str]]:
    """A file system of its own, and its name."""
    make, options, _ = DISKS[request.param]
    program(make.partition(" ")[0])
    image, point = tmp_path / "disk.img", tmp_path / "disk"
    point.mkdir()
    with image.open("wb") as file:
        file.truncate(320 * 1024**2)
    run(*make.split(), image)
    run("mount", "-o", f"loop,{options}", image, point)
    yield point, request.param
    run("umount", point)


def sectors(point: Path) -> int:
    """How many were read from the disk since it is there."""
    words = ("findmnt", "-no", "SOURCE", str(point))
    device = subprocess.run(words, check=True, capture_output=True, text=True).stdout.strip()
    return int(Path(f"/sys/block/{Path(device).name}/stat").read_text().split()[2])


@pytest.mark.testbed
@pytest.mark.skipif(os.geteuid() != 0, reason="mounts need root")
def test_the_disk_was_asked(disk: tuple[Path, str], cold: Path, state: Path) -> None:
    """What is said to come from the disk, or past the cache, was read from the disk: all of it."""
    point, name = disk
    for number in range(24):
        (cold / str(number)).write_bytes(os.urandom(SIZES[number % len(SIZES)]))
    (cold / "tiny").write_bytes(b"kept in the inode")
    before = sectors(point)

    _, report = move_here(state, f"{cold}/", point)

    read = (sectors(point) - before) * 512
    assert report.left == []
    assert set(report.verified) <= DISKS[name][2]
    assert report.verified[Evidence.MEMORY] <= 1  # the tiny one
    assert read >= sum(SIZES) * 6
