"""Who tells what changes is said as it is, with what is in the way of more."""

from pathlib import Path
from unittest import mock

import pytest

from labkeeper.host import filesystems, inotify
from labkeeper.host.feed import MISSED, Watcher
from labkeeper.keep.change_facts import of_changes
from labkeeper.keep.facts import Fact, State
from labkeeper.plan import Tier
from labkeeper.source import Span
from labkeeper.storage.index import Index

HERE = Span("lab.yaml", 0, 0)


def tier(root: Path) -> Tier:
    return Tier("box", "hot", str(root), None, None, None, HERE, HERE)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    if not filesystems.at(str(tmp_path)).is_told:
        pytest.skip("the scratch folder is on a file system that others change, too")
    (tmp_path / "tier" / "a" / "b").mkdir(parents=True)
    return tmp_path / "tier"


def told(root: Path, state: Path) -> Fact:
    refused = PermissionError(1, "Operation not permitted")
    with mock.patch.object(Watcher, "start", side_effect=refused):
        (fact,) = of_changes([tier(root)], state)
    return fact


def test_watched_one_by_one(root: Path, tmp_path: Path) -> None:
    """An ordinary user's labkeeper says how many folders it may watch, and what more takes."""
    with mock.patch.object(inotify, "most_watches", lambda: 2000):
        fact = told(root, tmp_path / "state")
    assert (fact.state, fact.help) == (State.OK, "")
    assert fact.what.startswith("up to 1,000 of its folders are watched one by one (inotify): ")
    assert "CAP_SYS_ADMIN" in fact.what


def test_too_few_watches(root: Path, tmp_path: Path) -> None:
    """Where more folders were found than may be watched, it says so, and what mends it."""
    index = Index.open(tmp_path / "state", str(root))
    index.refresh(MISSED)
    index.close()
    with mock.patch.object(inotify, "most_watches", lambda: 4):
        fact = told(root, tmp_path / "state")
    assert fact.state is State.UNKNOWN
    assert "more folders than the 2 that may be watched" in fact.what
    assert "fs.inotify.max_user_watches=12" in fact.help


def test_nobody_tells(tmp_path: Path) -> None:
    """What others change is walked, and why is said."""
    (fact,) = of_changes([tier(Path("/proc"))], tmp_path)
    assert fact.state is State.UNKNOWN
    assert "walked" in fact.what
    assert "is not told here" in fact.what
