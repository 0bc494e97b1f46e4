"""With each folder watched by itself, as any user may: real folders, real events."""

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from unittest import mock

import pytest
from hypothesis import HealthCheck, given, settings

from labkeeper.host import feeds, filesystems, inotify, mounts
from labkeeper.host.feed import MISSED
from labkeeper.host.watches import Watches
from labkeeper.keep.knowing import Knowledge
from labkeeper.storage.index import Index
from tests.storage.filing import Place, Step, assert_true
from tests.storage.test_index import STEPS


@pytest.fixture(autouse=True)
def _on_a_disk(tmp_path: Path) -> None:
    if not filesystems.at(str(tmp_path)).is_told:
        pytest.skip("the scratch folder is on a file system that others change, too")


@pytest.fixture
def root(tmp_path: Path) -> Path:
    folder = tmp_path / "root"
    (folder / "a" / "deep").mkdir(parents=True)
    (folder / "a" / "deep" / "film").write_bytes(bytes(5000))
    return folder


@pytest.fixture
def feed(root: Path) -> Iterator[Watches]:
    found = Watches.start(str(root), 1)
    yield found
    found.close()


def opened(root: Path, state: Path, feed: Watches) -> Index:
    index = Index.open(state, str(root))
    index.refresh(feed.take(), feed.cover)
    return index


def follow(place: Place, state: Path, rounds: list[list[Step]]) -> None:
    feed = Watches.start(str(place.root), 1)
    index = opened(place.root, state, feed)
    try:
        for steps in rounds:
            for step in steps:
                place.do(step)
            index.refresh(feed.take(), feed.cover)
            assert_true(index, place.root)
    finally:
        feed.close()
        index.close()


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(rounds=STEPS)
def test_law(rounds: list[list[Step]]) -> None:
    """Whatever is done to files and links of the root, the index is what a fresh walk finds.

    A second name that comes and goes between two looks is not told of the first: one step a look.
    """
    steps = [[step] for steps in rounds for step in steps]
    with tempfile.TemporaryDirectory() as folder:
        follow(Place(Path(folder), has_beside=False), Path(folder) / "state", steps)


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(rounds=STEPS)
def test_law_of_what_comes_and_goes(rounds: list[list[Step]]) -> None:
    """Many steps a look, in and out of the root, too; a file has one name then."""
    with tempfile.TemporaryDirectory() as folder:
        follow(Place(Path(folder), has_links=False), Path(folder) / "state", rounds)


def story(place: Place, state: Path) -> None:
    """A folder is made, and a file in it later; a folder moves, and a file comes into it."""
    (place.root / "first").mkdir()
    feed = Watches.start(str(place.root), 1)
    index = opened(place.root, state, feed)
    (place.root / "second").mkdir()
    index.refresh(feed.take(), feed.cover)
    for name in ("second", "first"):
        (place.root / name / "file").write_bytes(bytes(5000))
    index.refresh(feed.take(), feed.cover)
    assert_true(index, place.root)
    (place.root / "first").rename(place.root / "second" / "moved")
    (place.root / "second" / "moved" / "more").write_bytes(bytes(5000))
    index.refresh(feed.take(), feed.cover)
    assert_true(index, place.root)
    (place.root / "second" / "moved" / "more").write_bytes(bytes(15_000))
    index.refresh(feed.take(), feed.cover)
    assert_true(index, place.root)
    feed.close()
    index.close()


def _only_once(self: Watches, path: bytes, inode: int) -> None:
    """Folders that are made later are not watched."""
    if len(self._inodes) < 2:
        COVER(self, path, inode)


def _no_names(queue: int) -> Iterator[inotify.Told]:
    """What is told is taken for the first folder's."""
    return (told._replace(watch=1) for told in READ(queue))


COVER, READ = Watches.cover, inotify.read
BROKEN = {
    "new folders are not watched": (Watches, "cover", _only_once),
    "folders are mistaken for each other": (inotify, "read", _no_names),
}


def test_the_story(tmp_path: Path) -> None:
    """It holds for what is not broken."""
    story(Place(tmp_path), tmp_path / "state")


@pytest.mark.parametrize("name", BROKEN)
def test_broken_variants_are_caught(name: str, tmp_path: Path) -> None:
    """A feed that is wrong in one of these ways does not pass."""
    where, what, instead = BROKEN[name]
    with mock.patch.object(where, what, instead), pytest.raises(AssertionError):
        story(Place(tmp_path), tmp_path / "state")


def test_a_start_watches_what_did_not_change(root: Path, tmp_path: Path, feed: Watches) -> None:
    """Folders of which an earlier process knew all are watched though nobody reads them."""
    opened(root, tmp_path / "state", feed).close()
    again = Watches.start(str(root), 1)
    index = opened(root, tmp_path / "state", again)

    (root / "a" / "deep" / "new").touch()
    index.refresh(again.take(), again.cover)

    assert_true(index, root)
    again.close()
    index.close()


def test_what_ran_over_is_missed(root: Path, tmp_path: Path, feed: Watches) -> None:
    """A queue of the kernel that could not hold all is told of once, and everything looked at."""
    index = opened(root, tmp_path / "state", feed)
    most = int(Path("/proc/sys/fs/inotify/max_queued_events").read_text())
    (root / "a" / "0").touch()
    for number in range(most // 2 + 10):
        (root / "a" / str(number)).rename(root / "a" / str(number + 1))

    assert not feed.is_quiet
    changes = feed.take()
    index.refresh(changes, feed.cover)

    assert changes == MISSED
    assert feed.take().is_all
    assert_true(index, root)
    index.close()


def test_more_folders_than_may_be_watched(root: Path, tmp_path: Path) -> None:
    """Nothing is known then, it is said why, and it is not tried again at once."""
    asked = []

    def listen(roots: list[str]) -> dict[str, Watches]:
        asked.append(roots)
        return {each: Watches.start(each, 1) for each in roots}

    with mock.patch.object(inotify, "most_watches", lambda: 5):
        knowledge = Knowledge(tmp_path / "state", [str(root)], listen)  # type: ignore[arg-type]
        for _ in range(3):
            knowledge.refresh()

    assert not knowledge.feed(str(root)).is_alive
    assert "more folders than the 2 that may be watched" in knowledge.feed(str(root)).why
    assert knowledge.bytes_below(str(root)) is None
    assert asked == [[str(root)]]
    knowledge.close()


def test_nothing_happened(root: Path, tmp_path: Path) -> None:
    """A pass that nothing asks for is not made; what happens is seen by the next."""
    knowledge = Knowledge(
        tmp_path / "state", [str(root)], lambda roots: {r: Watches.start(r, 1) for r in roots}
    )
    knowledge.refresh()
    index = knowledge.index(str(root))
    assert index is not None
    index.audit_all()
    knowledge.refresh()
    # Whoever else mounts something meanwhile asks for a pass, too.
    unchanged = mock.patch.object(mounts.Table, "has_changed", lambda _: False)
    with unchanged, mock.patch.object(Index, "refresh") as refreshed:
        for _ in range(3):
            knowledge.look()
    assert not refreshed.called

    (root / "a" / "new").write_bytes(bytes(9000))
    knowledge.look()
    assert_true(index, root)
    knowledge.close()


def test_whoever_can_tell(root: Path) -> None:
    """Without the right to hear of all, folders are watched; what others change is not told."""
    refused = PermissionError(1, "Operation not permitted")
    with mock.patch("labkeeper.host.feeds.Watcher.start", side_effect=refused):
        found = feeds.listen([str(root)])[str(root)]
    assert (found.how, found.is_alive) == ("inotify", True)
    assert "CAP_SYS_ADMIN" in found.why
    found.close()

    (other,) = feeds.listen(["/proc"]).values()
    assert (other.how, other.is_alive) == ("walks", False)
    assert "is not told here" in other.why


_AS_ANYBODY = """
import hashlib, os, sys
from pathlib import Path
from labkeeper.keep.knowing import Knowledge
os.setgid(65534); os.setuid(65534)
root, state = sys.argv[1:]
knowledge = Knowledge(Path(state), [root])
knowledge.refresh()
print(knowledge.feed(root).how, knowledge.feed(root).is_alive, knowledge.bytes_below(root))
os.chmod(root + "/closed", 0o700)
knowledge.refresh()
print(knowledge.bytes_below(root))
Path(root, "closed", "new").write_bytes(bytes(5000))
knowledge.refresh()
print(knowledge.bytes_below(root))
knowledge.close()
"""


@pytest.mark.testbed
def test_as_anybody() -> None:
    """An ordinary user's labkeeper watches; a folder that is closed to it makes all unknown."""
    if os.geteuid():
        pytest.skip("to become an ordinary user needs root")
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        root, state = Path(folder) / "root", Path(folder) / "state"
        (root / "closed").mkdir(parents=True)
        state.mkdir()
        (root / "closed" / "film").write_bytes(bytes(5000))
        for path in (root, state, root / "closed"):
            os.chown(path, 65534, 65534)
        (root / "closed").chmod(0)
        places = os.pathsep.join(filter(None, sys.path))
        done = subprocess.run(
            [sys.executable, "-c", _AS_ANYBODY, str(root), str(state)],
            capture_output=True, text=True, check=False, env={**os.environ, "PYTHONPATH": places},
        )  # fmt: skip
    assert done.stderr == ""
    assert done.stdout.splitlines() == ["inotify True None", "8192", "16384"]
