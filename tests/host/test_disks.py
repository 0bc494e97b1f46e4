"""What a device is made of, by a tree like /sys."""

from pathlib import Path

import pytest

from labkeeper.host.disks import medium


def disk(sys: Path, name: str, turns: str) -> Path:
    folder = sys / "block" / name
    (folder / "queue").mkdir(parents=True)
    (folder / "queue/rotational").write_text(f"{turns}\n")
    return folder


def numbered(sys: Path, number: str, device: Path) -> None:
    (sys / "dev/block").mkdir(parents=True, exist_ok=True)
    (sys / "dev/block" / number).symlink_to(device)


@pytest.mark.parametrize(
    ("name", "turns", "expected"),
    [("sda", "1", "hdd"), ("sda", "0", "ssd"), ("nvme0n1", "0", "nvme"), ("vda", "1", None)],
)
def test_whole_disks(tmp_path: Path, name: str, turns: str, expected: str | None) -> None:
    """The kernel says whether it turns, except of a hypervisor's disk, where nobody knows."""
    numbered(tmp_path, "8:0", disk(tmp_path, name, turns))

    assert medium("8:0", tmp_path) == expected


def test_partitions(tmp_path: Path) -> None:
    """A partition is what its disk is."""
    part = disk(tmp_path, "sda", "1") / "sda1"
    part.mkdir()
    (part / "partition").write_text("1\n")
    numbered(tmp_path, "8:1", part)

    assert medium("8:1", tmp_path) == "hdd"


def test_what_lies_on_several(tmp_path: Path) -> None:
    """An encrypted mirror is as slow as its slowest disk."""
    crypt, mirror = tmp_path / "block/dm-0", tmp_path / "block/md0"
    for folder in (crypt / "slaves", mirror / "slaves"):
        folder.mkdir(parents=True)
    (crypt / "slaves/md0").symlink_to(mirror)
    for name, turns in (("sda", "0"), ("sdb", "1")):
        (mirror / "slaves" / name).symlink_to(disk(tmp_path, name, turns))
    numbered(tmp_path, "253:0", crypt)

    assert medium("253:0", tmp_path) == "hdd"


def test_a_circle_ends(tmp_path: Path) -> None:
    """A device that lies on itself is of nothing known."""
    loop = tmp_path / "block/dm-0"
    (loop / "slaves").mkdir(parents=True)
    (loop / "slaves/dm-0").symlink_to(loop)
    numbered(tmp_path, "253:0", loop)

    assert medium("253:0", tmp_path) is None
    assert medium("9:9", tmp_path) is None
