"""On which disks a rule works."""

from dataclasses import replace
from pathlib import Path

import pytest

from labkeeper.host import spindles
from labkeeper.host.spindles import Spindles
from labkeeper.keep.apart import disks_of
from labkeeper.keep.rules import Kept
from labkeeper.plan import Place, Tier
from tests.keep.test_deciding import HERE, cleaning, moving

ON = {
    "/hot": Spindles(frozenset({"sda"})), "/hot/films": Spindles(frozenset({"sdx"})),
    "/cold": Spindles(frozenset({"sdb", "sdc"})), "/cold/films": Spindles(frozenset({"sdb"})),
    "/nas/a": Spindles(server="nas", why="it is on another machine"),
    "/zfs/a": Spindles(why="/zfs (zfs) does not say"), "/hot/old": Spindles(frozenset({"sda"})),
}  # fmt: skip
TIERS = tuple(
    Tier("box", name, f"/{name}", None, None, None, HERE, HERE) for name in ("hot", "cold")
)
KEPT = Kept("box", TIERS, (), (), 0.0)


def test_disks() -> None:
    """Those of the tiers, and of mounts below them; a share's server stands for its disks."""
    nas = replace(moving(), target=Place("nas", "/nas/a", HERE))

    assert disks_of(moving(), KEPT, ON.__getitem__) == frozenset({"sda", "sdx", "sdb", "sdc"})
    assert disks_of(nas, KEPT, ON.__getitem__) == frozenset({"sda", "sdx", "server nas"})
    assert disks_of(cleaning(), KEPT, ON.__getitem__) == frozenset({"sda"})


def test_unknown() -> None:
    """Where one does not tell, it is nobody's turn but that rule's."""
    zfs = replace(moving(), target=Place("zfs", "/zfs/a", HERE))

    assert disks_of(zfs, KEPT, ON.__getitem__) is None


def test_links(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A folder is on the disk that a link to it leads to: two rules never have it at one time."""
    asked: list[str] = []

    def under(path: str) -> Spindles:
        asked.append(path)
        return ON["/hot"]

    monkeypatch.setattr(spindles, "under", under)
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to("real")
    rule = replace(cleaning(), place=Place("none", str(tmp_path / "link"), HERE))

    assert disks_of(rule, KEPT) == frozenset({"sda"})
    assert asked == [str(tmp_path / "real")]
