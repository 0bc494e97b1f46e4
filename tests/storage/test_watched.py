"""With the kernel telling of changes: real file systems in images, bind mounts, a dead watcher."""

import os
import signal
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Final

import pytest
from hypothesis import HealthCheck, given, settings

from labkeeper.host.feed import Watcher
from labkeeper.keep.knowing import Knowledge
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
    feed = Watcher.start([str(root)])
    assert feed is not None
    return feed


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
    feed = knowledge._feed
    assert isinstance(feed, Watcher)
    os.kill(feed.process, signal.SIGKILL)
    (disk / "a" / "new").write_bytes(bytes(9000))
    knowledge.refresh()
    assert knowledge.bytes_below(str(disk)) is None

    knowledge._next_try = 0.0
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
