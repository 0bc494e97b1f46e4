"""Which disks a folder lies on, by trees like /sys."""

from pathlib import Path

import pytest

from labkeeper.host.mounts import Mount
from labkeeper.host.spindles import Spindles, Work, under, work


def disk(sys: Path, name: str, number: str = "") -> Path:
    folder = sys / "block" / name
    folder.mkdir(parents=True)
    if number:
        (sys / "dev/block").mkdir(parents=True, exist_ok=True)
        (sys / "dev/block" / number).symlink_to(folder)
    return folder


def over(sys: Path, name: str, number: str, *parts: Path) -> None:
    slaves = disk(sys, name, number) / "slaves"
    slaves.mkdir()
    for part in parts:
        (slaves / part.name).symlink_to(part)


def test_what_disks_do(tmp_path: Path) -> None:
    """Bytes both ways, and the time with something to do; who says nothing is left out."""
    (disk(tmp_path, "sda") / "stat").write_text(" 100 0 2000 50 10 0 480 70 0 1500 120 0 0\n")
    (disk(tmp_path, "sdb") / "stat").write_text("1 2\n")

    assert work(["sda", "sdb", "sdc"], tmp_path) == {"sda": Work(2480 * 512, 1.5)}


def test_partitions_mirrors_and_images(tmp_path: Path) -> None:
    """Below partitions, encryption, mirrors and images, the whole disks stand."""
    part = disk(tmp_path, "sda", "8:0") / "sda1"
    part.mkdir()
    (part / "partition").write_text("1\n")
    (tmp_path / "dev/block/8:1").symlink_to(part)
    over(tmp_path, "md0", "9:0", part, disk(tmp_path, "sdb", "8:16"))
    over(tmp_path, "dm-0", "253:0", tmp_path / "block/md0")
    image = disk(tmp_path, "loop0", "7:0") / "loop"
    image.mkdir()
    (image / "backing_file").write_text("/mnt/crypt/disk.img\n")
    mounts = (
        Mount("/", "ext4", "/dev/sda1", "8:1"), Mount("/mnt/crypt", "ext4", "/dev/dm-0", "253:0"),
        Mount("/mnt/image", "xfs", "/dev/loop0", "7:0"), Mount("/mnt/tmp", "tmpfs", "tmpfs", "0:9"),
    )  # fmt: skip

    assert under("/srv/films", mounts, tmp_path).disks == {"sda"}
    assert under("/mnt/crypt", mounts, tmp_path).disks == {"sda", "sdb"}
    assert under("/mnt/image/a/b", mounts, tmp_path).disks == {"sda", "sdb"}
    assert under("/mnt/imagex", mounts, tmp_path).disks == {"sda"}
    assert under("/mnt/tmp", mounts, tmp_path) == Spindles(
        why="/mnt/tmp (tmpfs) does not say which disks it is on"
    )
    (image / "backing_file").write_text("/gone (deleted)\n")
    assert under("/mnt/image", mounts[2:], tmp_path).disks == {"loop0"}


def test_a_pool_of_btrfs(tmp_path: Path) -> None:
    """All of its devices, whichever the mount names."""
    devices = tmp_path / "fs/btrfs/aa-bb/devices"
    devices.mkdir(parents=True)
    for name in ("sdc", "sdd"):
        (devices / name).symlink_to(disk(tmp_path, name))
    crypt = disk(tmp_path, "dm-3")
    (crypt / "dm").mkdir()
    (crypt / "dm/name").write_text("pool-crypt\n")
    (devices / "dm-3").symlink_to(crypt)
    mounts = (Mount("/pool", "btrfs", "/dev/sdd", "0:40"), Mount("/x", "btrfs", "/dev/sdx", "0:41"),
              Mount("/y", "btrfs", "/dev/mapper/pool-crypt", "0:40"))  # fmt: skip

    assert under("/pool/films", mounts, tmp_path).disks == {"sdc", "sdd", "dm-3"}
    assert under("/y", mounts, tmp_path).disks == {"sdc", "sdd", "dm-3"}
    assert under("/x", mounts, tmp_path).why == "/x (btrfs) does not say which disks it is on"


@pytest.mark.parametrize(
    ("kind", "device", "server"),
    [("nfs4", "nas:/films", "nas"), ("cifs", "//nas/films", "nas"),
     ("nfs", "[fd00::1]:/films", "fd00::1"), ("fuse.sshfs", "me@nas:/films", "nas")],
)  # fmt: skip
def test_a_share(kind: str, device: str, server: str, tmp_path: Path) -> None:
    """Its disks are another machine's."""
    found = under("/mnt/nas", (Mount("/mnt/nas", kind, device, "0:50"),), tmp_path)

    assert (found.disks, found.server) == (frozenset(), server)
    assert "is on another machine" in found.why
