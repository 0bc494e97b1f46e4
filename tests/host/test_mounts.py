"""Reading what is mounted, and what was promised to be."""

from pathlib import Path

from labkeeper.host import mounts
from labkeeper.host.mounts import Mount, Promise


def test_mountinfo_is_read_with_its_escapes() -> None:
    """A mount point with a blank, and the optional fields before the dash."""
    text = (
        "36 35 98:0 / /mnt/my\\040disk rw,noatime master:1 - ext4 /dev/sda1 rw\n"
        "37 35 0:5 / /mnt/auto rw - autofs systemd-1 rw\n"
    )

    assert mounts.mounted(text) == (
        Mount("/mnt/my disk", "ext4", "/dev/sda1"),
        Mount("/mnt/auto", "autofs", "systemd-1"),
    )
    assert mounts.mounted()


def test_the_deepest_promise_counts(tmp_path: Path) -> None:
    """The longest mount point on the way is meant, never one that shares letters only."""
    fstab = tmp_path / "fstab"
    fstab.write_text(
        "# a comment\n"
        "UUID=0A1b /mnt/cold ext4 defaults 0 2\n"
        "server:/x /mnt/cold/inner nfs defaults 0 0\n"
        "/dev/sdb1 /mnt/co\\040ld xfs noauto\n"
        "UUID=1 none swap sw 0 0\n"
        "/dev/vda / ext4 defaults\n"
    )
    promises = mounts.promised(fstab, ())

    assert mounts.promise_for("/mnt/cold/a", promises) == Promise(
        "/mnt/cold", "UUID=0A1b", str(fstab)
    )
    inner = mounts.promise_for("/mnt/cold/inner", promises)
    assert inner is not None
    assert inner.what == "server:/x"
    assert mounts.promise_for("/mnt/coldness", promises) is None
    assert mounts.promise_for("/mnt/co ld/x", promises) is not None
    assert mounts.promise_for("/srv", promises) is None


def test_a_promise_names_its_disk() -> None:
    """UUID= and /dev/disk/by-uuid/ say which file system is meant; a device's name does not."""
    for what in ("UUID=0A1b", 'UUID="0a1b"', "/dev/disk/by-uuid/0a1b"):
        assert mounts.expected_uuid(Promise("/m", what, "fstab")) == "0a1b"
    assert mounts.expected_uuid(Promise("/m", "/dev/sda1", "fstab")) is None


def test_units_of_systemd_promise_too(tmp_path: Path) -> None:
    """A mount unit with a device or a server is a promise; one for the kernel is none."""
    (tmp_path / "mnt-cold.mount").write_text("[Mount]\nWhat=/dev/sdb1\nWhere=/mnt/cold\n")
    (tmp_path / "mnt-nas.mount").write_text("[Mount]\nWhat=nas:/x\nWhere=/mnt/nas/\n")
    (tmp_path / "dev-hugepages.mount").write_text("[Mount]\nWhat=hugetlbfs\nWhere=/dev/huge\n")

    promises = mounts.promised(tmp_path / "none", (str(tmp_path),))

    assert [promise.point for promise in promises] == ["/mnt/cold", "/mnt/nas"]
