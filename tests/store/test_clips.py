"""The record of clips remembers each event once, and how far it came."""

import sqlite3
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from labkeeper.store.clips import Clip, Clipped, Clips
from labkeeper.store.state import Broken, Newer

ONE = Clip("1.5-abcdef", Clipped.WANTED, "yard", 100.0, 120.0, ("person", "car"), 145.0)


@pytest.fixture
def clips(tmp_path: Path) -> Iterator[Clips]:
    found = Clips.open(tmp_path)
    yield found
    found.close()


def test_once(clips: Clips) -> None:
    """An event that is noted again changes nothing of what became of it."""
    assert clips.until("a") is None
    assert clips.want("a", [ONE], 150.0, 0.0) == 1
    done = replace(ONE, state=Clipped.COPIED, path=b"x\xff", size=7, digest=b"d")
    clips.put("a", done)

    assert clips.want("a", [replace(ONE, camera="other")], 160.0, 0.0) == 0
    assert clips.of("a", ONE.review) == done
    assert clips.until("a") == 160.0


def test_rules_are_apart(clips: Clips) -> None:
    """Two rules copy the same event to two places."""
    clips.want("a", [ONE], 1.0, 0.0)
    clips.want("b", [ONE], 1.0, 0.0)
    clips.put("a", replace(ONE, state=Clipped.COPIED))

    assert (clips.open_ones("a"), clips.open_ones("b")) == ([], [ONE])


def test_what_is_open(clips: Clips) -> None:
    """The oldest comes first; what is copied or missed does not come."""
    two, three = replace(ONE, review="2-b", began=50.0), replace(ONE, review="3-c", began=70.0)
    clips.want("a", [ONE, two, three], 1.0, 0.0)
    clips.put("a", replace(three, state=Clipped.MISSED, why="gone"))
    clips.put("a", replace(ONE, state=Clipped.VERIFIED, digest=b"d"))

    assert [c.review for c in clips.open_ones("a")] == ["2-b", ONE.review]


def test_it_forgets(clips: Clips) -> None:
    """What came to its end long ago is forgotten; what is still to be copied never is."""
    two = replace(ONE, review="2-b")
    clips.want("a", [ONE, two], 1.0, 0.0)
    clips.put("a", replace(two, state=Clipped.COPIED))
    clips.want("a", [], 2.0, 121.0)

    assert clips.of("a", "2-b") is None
    assert clips.open_ones("a") == [ONE]


def test_opened_again(tmp_path: Path, clips: Clips) -> None:
    """It is still there; a newer labkeeper's is not touched; a broken one is said to be."""
    clips.want("a", [ONE], 1.0, 0.0)
    again = Clips.open(tmp_path)
    assert again.open_ones("a") == [ONE]
    again.close()
    with sqlite3.connect(tmp_path / "clips.db") as connection:
        connection.execute("PRAGMA user_version = 9")
    connection.close()
    with pytest.raises(Newer):
        Clips.open(tmp_path)
    (tmp_path / "b").mkdir()
    (tmp_path / "b" / "clips.db").write_bytes(b"no database at all, but long enough to be read")
    with pytest.raises(Broken):
        Clips.open(tmp_path / "b")
