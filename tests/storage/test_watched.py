"""With the kernel telling of changes: real file systems in images, bind mounts, a dead watcher."""

import os
import signal
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Final
from unittest import mock

import pytest
from hypothesis import HealthCheck, given, settings

from labkeeper.host import filesystems, mounts
from labkeeper.host.feed import MISSED, Watcher
from labkeeper.keep.knowing import Knowledge
from labkeeper.keep.measuring import bytes_below
from labkeeper.storage.index import Index
from tests.storage.disks import run
from tests.storage.filing import Place, Step, assert_true
from tests.storage.test_index import STEPS

pytestmark = pytest.mark.testbed

_MAKE: Final = {
    "ext4": ("mkfs.ext4", "-q", "-F"),
    "xfs": ("mkfs.xfs", "-q", "-f"),
    "btrfs": ("mkfs.btrfs", "-q", "-f"),
}


@pytest.fixture(params=[*_MAKE, "tmpfs"])
def disk(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Path]:
    """A file system of its own."""
    if os.geteuid():
        pytest.skip("mounting needs root")
    point = tmp_path / "disk"
    point.mkdir()
    if request.param == "tmpfs":
        run("mount", "-t", "tmpfs", "tmpfs", point)
    else:
        image = tmp_path / "image"
        with image.open("wb") as file:
            file.truncate(512 * 1024**2)
        run(*_MAKE[request.param], image)
        run("mount", "-o", "loop", image, point)
    yield point
    run("umount", "-R", point)


def watcher(root: Path) -> Watcher:
    return Watcher.start([str(root)])


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(rounds=STEPS)
def test_law(disk: Path, rounds: list[list[Step]]) -> None:
    """Whatever was done, the index is what a fresh walk finds, and no audit was needed."""
    with ExitStack() as ending:
        folder = ending.enter_context(tempfile.TemporaryDirectory(dir=disk))
        state = ending.enter_context(tempfile.TemporaryDirectory())
        place = Place(Path(folder))
        index = Index.open(Path(state), str(place.root))
        feed = watcher(place.root)
        ending.callback(feed.close)
        for steps in rounds:
            for step in steps:
                place.do(step)
            index.refresh(feed.take())
            assert_true(index, place.root)
        index.close()


def test_a_watcher_that_died(disk: Path, tmp_path: Path) -> None:
    """What happened meanwhile is swept up; it is not sure of sizes until all is read again."""
    (disk / "a").mkdir()
    knowledge = Knowledge(tmp_path / "state", [str(disk)])
    knowledge.refresh()
    assert knowledge.bytes_below(str(disk)) == 0
    feed = knowledge.feed(str(disk))
    assert isinstance(feed, Watcher)
    os.kill(feed.process, signal.SIGKILL)
    (disk / "a" / "new").write_bytes(bytes(9000))
    knowledge.refresh()
    assert knowledge.bytes_below(str(disk)) is None

    knowledge._again.clear()
    knowledge.refresh()
    index = knowledge.index(str(disk))
    assert index is not None
    assert_true(index, disk)
    index.audit_all()
    knowledge.refresh()
    assert knowledge.bytes_below(str(disk)) == (disk / "a" / "new").stat().st_blocks * 512
    knowledge.close()


def test_more_than_the_kernel_holds(disk: Path, tmp_path: Path) -> None:
    """A queue that ran over is told of, and everything is looked at."""
    (disk / "a").mkdir()
    index = Index.open(tmp_path / "state", str(disk))
    feed = watcher(disk)
    index.refresh(feed.take())
    os.kill(feed.process, signal.SIGSTOP)
    for number in range(9_000):
        (disk / "a" / str(number)).touch()
        (disk / "a" / str(number)).rename(disk / "a" / f"n{number}")
    os.kill(feed.process, signal.SIGCONT)

    changes = feed.take()
    index.refresh(changes)

    assert not changes.is_all
    assert index.sum_of().files == 9_000
    assert_true(index, disk)
    feed.close()
    index.close()


def test_bind_mounts(disk: Path, tmp_path: Path) -> None:
    """What is seen a second time by a mount counts once; what a mount hides is not there."""
    for name in ("films", "seen", "hidden"):
        (disk / "root" / name).mkdir(parents=True)
        (disk / "root" / name / "file").write_bytes(bytes(5000))
    (disk / "outside").mkdir()
    root = disk / "root"
    index = Index.open(tmp_path / "state", str(root))
    feed = watcher(root)
    index.refresh(feed.take())
    number = index.folder_at(str(root / "films"))

    run("mount", "--bind", root / "films", root / "seen")
    (root / "seen" / "more").write_bytes(bytes(7000))
    index.refresh(feed.take())
    assert index.folder_at(str(root / "films")) == number
    assert_true(index, root)
    assert index.sum_of().files == 3

    run("mount", "--bind", root / "hidden", root / "hidden")
    index.refresh(feed.take())
    assert_true(index, root)
    run("umount", root / "hidden")
    run("umount", root / "seen")
    index.refresh(feed.take())
    assert_true(index, root)
    assert index.sum_of().files == 4
    feed.close()
    index.close()


def test_the_watcher_can_do_nothing_else(disk: Path) -> None:
    """It has no capability left when it listens, may win none, and ends with who asks it."""
    feed = watcher(disk)
    status = Path(f"/proc/{feed.process}/status").read_text()

    assert "CapEff:\t0000000000000000" in status
    assert "CapPrm:\t0000000000000000" in status
    assert "NoNewPrivs:\t1" in status
    feed.close()
    assert not Path(f"/proc/{feed.process}").exists()


def test_a_watcher_with_nothing_to_say(disk: Path) -> None:
    """That nothing happened is known without asking it; that something did, soon."""
    feed = watcher(disk)
    assert not feed.take().touched
    assert feed.is_quiet
    (disk / "new").touch()
    end = time.monotonic() + 30
    while feed.is_quiet and time.monotonic() < end:
        time.sleep(0.01)

    assert not feed.is_quiet
    assert {touched.name for touched in feed.take().touched} >= {b"new"}
    os.kill(feed.process, signal.SIGKILL)
    while feed.is_quiet and time.monotonic() < end:
        time.sleep(0.01)
    assert not feed.is_quiet
    assert feed.take() == MISSED


def test_a_disk_that_goes_and_comes_back_as_another(disk: Path, tmp_path: Path) -> None:
    """It can be unmounted while it is known, and nothing that was known of it is told again."""
    image = tmp_path / "image"
    if not image.exists():
        pytest.skip("what is in memory does not come back")
    (disk / "film").write_bytes(bytes(9000))
    knowledge = Knowledge(tmp_path / "state", [str(disk)])
    knowledge.refresh()
    index = knowledge.index(str(disk))
    assert index is not None
    index.audit_all()
    knowledge.refresh()
    assert knowledge.bytes_below(str(disk)) is not None

    run("umount", disk)
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    run("mount", "-o", "loop", image, elsewhere)
    with (elsewhere / "film").open("r+b") as film:
        film.write(bytes(2_000_000))
    run("umount", elsewhere)
    run("mount", "-o", "loop", image, disk)
    knowledge.refresh()
    assert knowledge.bytes_below(str(disk)) is None

    knowledge._again.clear()
    (disk / "more").write_bytes(bytes(9000))
    knowledge.refresh()
    again = knowledge.index(str(disk))
    assert again is not None
    again.audit_all()
    knowledge.refresh()
    (disk / "last").write_bytes(bytes(9000))
    knowledge.refresh()
    assert_true(again, disk)
    knowledge.close()


def test_a_root_below_and_two_on_one_disk(disk: Path, tmp_path: Path) -> None:
    """A folder that moves from one to the other leaves the one, and is in the other."""
    roots = [disk / "media" / "films", disk / "incoming"]
    for root in roots:
        (root / "kept").mkdir(parents=True)
    knowledge = Knowledge(tmp_path / "state", [str(root) for root in roots])
    knowledge.refresh()
    (roots[1] / "new" / "deep").mkdir(parents=True)
    (roots[1] / "new" / "deep" / "film").write_bytes(bytes(9000))
    (roots[0] / "kept" / "link").hardlink_to(roots[1] / "new" / "deep" / "film")
    knowledge.refresh()
    (roots[1] / "new").rename(roots[0] / "kept" / "new")
    (disk / "media" / "beside").mkdir()
    knowledge.refresh()
    with (roots[0] / "kept" / "link").open("ab") as film:
        film.write(bytes(50_000))
    knowledge.refresh()

    for root in roots:
        index = knowledge.index(str(root))
        assert index is not None
        assert_true(index, root)
    knowledge.close()


def test_subvolumes(disk: Path, tmp_path: Path) -> None:
    """A subvolume of btrfs is another file system to whoever moves, and is not counted."""
    if filesystems.at(str(disk)).kind != "btrfs":
        pytest.skip("it has none")
    root = disk / "root"
    root.mkdir()
    index = Index.open(tmp_path / "state", str(root))
    feed = watcher(root)
    index.refresh(feed.take())
    run("btrfs", "subvolume", "create", root / "photos")
    (root / "photos" / "one").write_bytes(bytes(9000))
    (root / "two").write_bytes(bytes(9000))
    for _ in range(2):
        index.refresh(feed.take())
        assert index.sum_of().files == 1
        assert index.sum_of().bytes == bytes_below(str(root))
        assert_true(index, root)
        index.audit_all()
    feed.close()
    index.close()

    inside = Knowledge(tmp_path / "inside", [str(root / "photos")])
    inside.refresh()
    (root / "photos" / "three").write_bytes(bytes(9000))
    inside.refresh()
    found = inside.index(str(root / "photos"))
    assert found is not None
    assert_true(found, root / "photos")
    inside.close()


def test_an_index_on_the_disk_that_it_is_of(disk: Path) -> None:
    """What it writes there is heard of, and is nothing new: it comes to rest."""
    (disk / "root").mkdir()
    knowledge = Knowledge(disk / "state", [str(disk / "root")])
    knowledge.refresh()
    index = knowledge.index(str(disk / "root"))
    assert index is not None
    index.audit_all()
    knowledge.refresh()
    (disk / "root" / "film").write_bytes(bytes(9000))
    for _ in range(5):
        knowledge.look()
        time.sleep(0.2)
    # Whoever else mounts something meanwhile asks for a pass, too.
    unchanged = mock.patch.object(mounts.Table, "has_changed", lambda _: False)
    with unchanged, mock.patch.object(Index, "refresh") as refreshed:
        for _ in range(5):
            knowledge.look()
            time.sleep(0.1)
    assert not refreshed.called
    assert knowledge.bytes_below(str(disk / "root")) == bytes_below(str(disk / "root"))
    knowledge.close()
