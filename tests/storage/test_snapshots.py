"""Snapshots before a cleaning, and what a cleaning frees behind snapshots, on a real btrfs."""

import os
import subprocess
import tempfile
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from labkeeper.storage import snapshots
from labkeeper.storage.candidates import Rule
from labkeeper.storage.reasons import Refusal
from labkeeper.storage.tree import Tree
from labkeeper.store.quarantine import Quarantine
from labkeeper.store.snapshots import Snapshot, Stage
from tests.programs import program, said
from tests.storage.cleaner import clean_here, undo_here
from tests.storage.disks import run, unmount

SIZE = 4 << 20


@pytest.fixture(scope="module")
def disk() -> Iterator[Path]:
    """A btrfs; nothing of it is left behind."""
    program("btrfs")
    folder = Path(tempfile.mkdtemp(prefix="labkeeper-btrfs-", dir="/var/tmp"))
    image, point = folder / "image", folder / "disk"
    point.mkdir()
    with image.open("wb") as file:
        file.truncate(256 << 20)
    run("mkfs.btrfs", "-q", "-f", image)
    mounted = subprocess.run(("mount", "-o", "loop", image, point), check=False)
    if mounted.returncode:
        run("rm", "-r", folder)
        pytest.skip("nothing can be mounted here")
    yield point
    unmount(point)
    run("rm", "-r", folder)


@pytest.fixture
def sub(disk: Path) -> Iterator[Path]:
    """A subvolume with two old films."""
    path = Path(tempfile.mkdtemp(dir=disk)) / "media"
    run("btrfs", "subvolume", "create", path)
    for name in ("a", "b"):
        (path / name).write_bytes(os.urandom(SIZE))
    run("sync", "-f", path)
    yield path


def _kept(state: Path) -> list[Snapshot]:
    record = Quarantine.open(state)
    try:
        return record.snapshots.all()
    finally:
        record.close()


@pytest.mark.testbed
def test_one_is_made_before_and_goes_with_the_hold(sub: Path, state: Path) -> None:
    """It has what went under its old name, is read-only, and ends with the hold."""
    body = (sub / "a").read_bytes()

    report = clean_here(state, sub, snapshot=True, hold=timedelta(hours=2))

    (kept,) = _kept(state)
    assert report.snapshot == kept
    assert len(report.aside) == 2
    assert (Path(kept.name) / "a").read_bytes() == body
    assert said("btrfs", "property", "get", kept.name, "ro") == (0, "ro=true\n")
    assert 7100 < kept.held_until - kept.at <= 7200
    assert os.stat(sub / ".labkeeper-quarantine").st_mode & 0o777 == 0o700

    record = Quarantine.open(state)
    with Tree(os.fsencode(sub)) as tree:
        assert snapshots.let_go(record, tree) == []
        assert Path(kept.name).exists()
        assert snapshots.let_go(record, tree, kept.held_until) == []
    record.close()
    assert not Path(kept.name).exists()
    assert _kept(state) == []
    assert [item.frees for item in undo_here(state).items] == [SIZE, SIZE]
    assert (sub / "a").read_bytes() == body


@pytest.mark.testbed
def test_one_of_ours_takes_nothing_from_what_is_freed(sub: Path, state: Path) -> None:
    """It goes before what it was made for is purged; then the room is really there."""
    clean_here(state, sub, snapshot=True, hold=timedelta(0))
    before = os.statvfs(sub)

    report = clean_here(state, sub, hold=timedelta(0), purges_all=True)

    assert [item.frees for item in report.purged] == [SIZE, SIZE]
    run("sync", "-f", sub)
    after = os.statvfs(sub)
    assert (after.f_bfree - before.f_bfree) * after.f_frsize > SIZE


@pytest.mark.testbed
def test_nothing_is_put_aside_for_room_that_a_snapshot_holds(sub: Path, state: Path) -> None:
    """Of two old files the one that nobody else has goes; the other would be lost for nothing."""
    run("btrfs", "subvolume", "snapshot", "-r", sub, sub.parent / "hourly")
    (sub / "c").write_bytes(os.urandom(SIZE))
    run("sync", "-f", sub)

    report = clean_here(state, sub, missing=2 * SIZE)

    assert [item.names for item in report.aside] == [(b"c",)]
    assert (report.useless, report.still_short) == (2 * SIZE, SIZE)
    assert sorted(path.name for path in sub.iterdir()) == [".labkeeper-quarantine", "a", "b"]


@pytest.mark.testbed
def test_what_goes_for_its_age_is_counted_honestly(sub: Path, state: Path) -> None:
    """It goes, and frees nothing now; so it is said, of each file and of all."""
    run("btrfs", "subvolume", "snapshot", "-r", sub, sub.parent / "hourly")

    report = clean_here(state, sub, rule=Rule(timedelta(0)), snapshot=True, hold=timedelta(0))

    assert len(report.aside) == 2
    assert [item.frees for item in report.aside] == [0, 0]
    assert report.behind == 2 * SIZE
    assert "frees nothing now" in report.chosen[0].explanation
    purged = clean_here(state, sub, hold=timedelta(0), purges_all=True)
    assert [item.frees for item in purged.purged] == [0, 0]
    assert (sub.parent / "hourly" / "a").exists()


@pytest.mark.testbed
def test_a_snapshot_while_it_is_held_is_seen_when_it_is_purged(sub: Path, state: Path) -> None:
    """What was to be free when it was put aside is not, when another's snapshot took it in."""
    put = clean_here(state, sub, hold=timedelta(0))
    run("btrfs", "subvolume", "snapshot", "-r", sub, sub.parent / "hourly")

    report = clean_here(state, sub, hold=timedelta(0), purges_all=True)

    assert [item.frees for item in put.aside] == [SIZE, SIZE]
    assert [item.frees for item in report.purged] == [0, 0]


@pytest.mark.testbed
def test_others_are_told_from_ours_while_ours_is_held(sub: Path, state: Path) -> None:
    """With a snapshot of ours there, files that only ours holds still free their bytes."""
    (sub / "held").mkdir()
    clean_here(state, sub / "held", snapshot=True)
    (sub / "held" / "x").write_bytes(b"x" * SIZE)
    clean_here(state, sub / "held", snapshot=True, hold=timedelta(hours=30))
    assert [each.stage for each in _kept(state)] == [Stage.HELD]

    only_ours = clean_here(state, sub, is_dry_run=True, missing=SIZE, hold=timedelta(hours=48))
    shorter = clean_here(state, sub, is_dry_run=True, missing=SIZE, hold=timedelta(hours=1))
    time.sleep(1.1)  # btrfs says the time of a snapshot in whole seconds
    run("btrfs", "subvolume", "snapshot", "-r", sub, sub.parent / "hourly")
    others = clean_here(state, sub, is_dry_run=True, missing=SIZE, hold=timedelta(hours=48))

    assert [candidate.frees for candidate in only_ours.chosen] == [SIZE]
    assert (shorter.chosen, shorter.useless) == ([], 2 * SIZE)
    assert (others.chosen, others.useless) == ([], 2 * SIZE)
    assert others.others is not None
    assert others.others.count == 1


@pytest.mark.testbed
def test_only_ours_is_ever_removed(sub: Path, state: Path) -> None:
    """A snapshot that somebody made in the place of ours stays, and is told of."""
    clean_here(state, sub, snapshot=True, hold=timedelta(0))
    (kept,) = _kept(state)
    run("btrfs", "subvolume", "delete", kept.name)
    run("btrfs", "subvolume", "snapshot", "-r", sub, kept.name)

    report = clean_here(state, sub, rule=Rule(timedelta(days=9)))

    assert [left.code for left in report.left] == ["snapshot-stays"]
    assert "not labkeeper's" in report.left[0].why
    assert Path(kept.name).exists()


@pytest.mark.testbed
def test_a_power_cut_in_the_middle(sub: Path, state: Path) -> None:
    """One that was made and not yet noted is known again; one that was not is forgotten."""
    name = sub / ".labkeeper-quarantine" / "snapshot-x"
    name.parent.mkdir(mode=0o700)
    run("btrfs", "subvolume", "snapshot", "-r", sub, name)
    record = Quarantine.open(state)
    root, top = os.fsencode(sub), str(sub)
    for path in (str(name), str(name) + "2"):
        record.snapshots.intend(Snapshot(0, root, "btrfs", top, path, "", Stage.INTENT, 1.0, 2.0))
    with Tree(root) as tree:
        snapshots.settle(record, tree)
        assert [(each.name, each.stage) for each in record.snapshots.all()] == [
            (str(name), Stage.HELD)
        ]
        assert snapshots.let_go(record, tree) == []
    record.close()
    assert not name.exists()


@pytest.mark.testbed
def test_a_copy_by_reflink_holds_its_bytes_too(sub: Path, state: Path) -> None:
    """No snapshot, and yet nothing is free when it goes."""
    run("cp", "--reflink=always", sub / "a", sub.parent / "copy")
    run("sync", "-f", sub)

    report = clean_here(state, sub, missing=2 * SIZE, is_dry_run=True)

    assert [candidate.names for candidate in report.chosen] == [(b"b",)]
    assert report.useless == SIZE


def test_where_there_are_none_nothing_is_cleaned(hot: Path, state: Path) -> None:
    """Whoever asks for a net is not left without one, and hears why."""
    (hot / "a").write_bytes(b"a")
    with pytest.raises(Refusal) as refusal, Tree(os.fsencode(hot)) as tree:
        snapshots.subject_of(tree)
    if "btrfs" in refusal.value.message:
        pytest.skip("the temporary folder is on btrfs")
    with pytest.raises(Refusal) as refused:
        clean_here(state, hot, snapshot=True)

    assert refused.value.code == "no-snapshot"
    assert "makes no snapshots" in refused.value.message
    assert (hot / "a").exists()
