"""What is known is what a walk finds, or nothing is known."""

import sqlite3
from collections.abc import Callable, Sequence
from contextlib import closing
from pathlib import Path

import pytest

from labkeeper.host.fanotify import Touched
from labkeeper.host.feed import Changes, Feed, NoFeed
from labkeeper.keep.knowing import Knowledge, measured
from labkeeper.keep.known import known_elsewhere
from labkeeper.keep.measuring import bytes_below
from labkeeper.storage.index import file_of


class Told:
    """A feed that says what it is given."""

    how = "told"
    why = ""
    is_alive = True
    hears_all = True

    def __init__(self) -> None:
        self.next: Changes = Changes()

    def take(self) -> Changes:
        """What was given."""
        taken, self.next = self.next, Changes()
        return taken

    @property
    def is_quiet(self) -> bool:
        """Nothing waits."""
        return self.next == Changes()

    def cover(self, path: bytes, inode: int) -> None:
        """It has all in view."""

    def close(self) -> None:
        """It goes on."""


def telling(told: Told) -> Callable[[Sequence[str]], dict[str, Feed]]:
    return lambda roots: dict.fromkeys(roots, told)


def touched(folder: Path, *names: bytes) -> Sequence[Touched]:
    return [Touched(0, folder.stat().st_ino, 0, name) for name in names]


def test_known_without_a_walk(tmp_path: Path) -> None:
    """What was told is known, and what nobody told is not looked for."""
    root = tmp_path / "tier"
    root.mkdir()
    (root / "film").write_bytes(bytes(9000))
    told = Told()
    knowledge = Knowledge(tmp_path / "state", [str(root)], telling(told))
    knowledge.refresh()
    assert knowledge.bytes_below(str(root)) == bytes_below(str(root))

    (root / "song").write_bytes(bytes(9000))
    knowledge.refresh()
    assert knowledge.bytes_below(str(root)) != bytes_below(str(root))
    told.next = Changes(touched(root, b"song"))
    knowledge.refresh()
    assert knowledge.bytes_below(str(root)) == bytes_below(str(root))
    knowledge.close()


def test_unknown_is_walked(tmp_path: Path) -> None:
    """A folder of no tier, a tier that is away, one that another process keeps: a walk tells."""
    root = tmp_path / "tier"
    root.mkdir()
    knowledge = Knowledge(tmp_path / "state", [str(root)], telling(Told()))
    other = Knowledge(tmp_path / "state", [str(root)], telling(Told()))
    knowledge.refresh()
    other.refresh()

    assert knowledge.bytes_below(str(root)) == 0
    assert other.bytes_below(str(root)) is None
    assert knowledge.bytes_below(str(tmp_path)) is None
    assert measured(other, lambda _: 17)(str(root)) == 17
    knowledge.refresh([str(root)])
    assert knowledge.bytes_below(str(root)) is None
    knowledge.close()
    other.close()


def test_an_overflow_is_not_sure(tmp_path: Path) -> None:
    """Where something was missed, nobody is sure until all was read again."""
    root = tmp_path / "tier"
    root.mkdir()
    (root / "film").write_bytes(bytes(9000))
    told = Told()
    knowledge = Knowledge(tmp_path / "state", [str(root)], telling(told))
    knowledge.refresh()
    index = knowledge.index(str(root))
    assert index is not None
    index.audit_all()
    knowledge.refresh()
    with (root / "film").open("r+b") as film:
        film.truncate(100_000)
    told.next = Changes(is_all=False)
    index._rows.was_read(1, (root.stat().st_mtime_ns, root.stat().st_ctime_ns), 0, "")
    knowledge.refresh()

    assert knowledge.bytes_below(str(root)) is None
    knowledge.close()


def test_another_process_may_ask(tmp_path: Path) -> None:
    """It is told what somebody is sure of who still keeps it, and nothing else."""
    root, state = tmp_path / "tier", tmp_path / "state"
    root.mkdir()
    (root / "film").write_bytes(bytes(9000))
    assert known_elsewhere(state, str(root), str(root)) is None
    knowledge = Knowledge(state, [str(root)], telling(Told()))
    knowledge.refresh()

    found = known_elsewhere(state, str(root), str(root))
    assert found is not None
    assert (found.files, found.bytes) == (1, bytes_below(str(root)))
    assert known_elsewhere(state, str(root), str(root / "none")) is None
    knowledge.close()
    assert known_elsewhere(state, str(root), str(root)) is None


def test_a_tier_that_comes_late(tmp_path: Path) -> None:
    """Nobody is asked to listen before a tier is there, and then at once."""
    root = tmp_path / "tier"
    root.mkdir()
    asked: list[Sequence[str]] = []

    def listen(paths: Sequence[str]) -> dict[str, Feed]:
        asked.append(paths)
        return dict.fromkeys(paths, Told())

    knowledge = Knowledge(tmp_path / "state", [str(root)], listen)
    knowledge.refresh([str(root)])
    assert asked == []
    knowledge.refresh([])
    assert asked == [[str(root)]]
    assert knowledge.bytes_below(str(root)) == 0
    knowledge.close()


def test_what_went_away_is_no_longer_believed(tmp_path: Path) -> None:
    """Another process is not told what was true of a folder that is another one by now."""
    root, state = tmp_path / "tier", tmp_path / "state"
    root.mkdir()
    (root / "film").write_bytes(bytes(9000))
    knowledge = Knowledge(state, [str(root)], telling(Told()))
    knowledge.refresh()
    root.rename(tmp_path / "away")
    root.mkdir()
    knowledge.refresh()

    assert known_elsewhere(state, str(root), str(root)) is None
    assert knowledge.bytes_below(str(root)) is None
    knowledge.close()


def test_a_newer_index(tmp_path: Path) -> None:
    """What a later labkeeper wrote is not read by this one, and made anew where it keeps it."""
    root, state = tmp_path / "tier", tmp_path / "state"
    root.mkdir()
    (root / "film").write_bytes(bytes(9000))
    knowledge = Knowledge(state, [str(root)], telling(Told()))
    knowledge.refresh()
    with closing(sqlite3.connect(file_of(state, str(root)))) as rows:
        rows.execute("PRAGMA user_version = 99")
    assert known_elsewhere(state, str(root), str(root)) is None
    knowledge.close()

    again = Knowledge(state, [str(root)], telling(Told()))
    again.refresh()
    assert again.bytes_below(str(root)) == bytes_below(str(root))
    again.close()


def test_a_full_disk_below_the_index(tmp_path: Path) -> None:
    """Nothing is known while it is full; what was written before is kept, and used again."""
    root, state = tmp_path / "tier", tmp_path / "state"
    root.mkdir()
    told = Told()
    knowledge = Knowledge(state, [str(root)], telling(told))
    knowledge.refresh()
    index = knowledge.index(str(root))
    assert index is not None
    (pages,) = index.rows._row("PRAGMA page_count")
    index.rows._run(f"PRAGMA max_page_count = {pages}")
    for number in range(500):
        (root / f"a file with a long name of which a page holds few {number}").touch()
    told.next = Changes(is_all=False)
    knowledge.refresh()
    assert knowledge.bytes_below(str(root)) is None
    assert file_of(state, str(root)).exists()

    knowledge._again.clear()
    knowledge.refresh()
    assert knowledge.bytes_below(str(root)) == bytes_below(str(root))
    knowledge.close()


def test_a_feed_that_does_not_last(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is tried again after a minute, then less and less often."""
    root = tmp_path / "tier"
    root.mkdir()
    clock = [1e6]
    monkeypatch.setattr("labkeeper.keep.knowing.time.monotonic", lambda: clock[0])
    asked = []

    def listen(paths: Sequence[str]) -> dict[str, Feed]:
        asked.append(clock[0] - 1e6)
        return {path: NoFeed("nobody") for path in paths}

    knowledge = Knowledge(tmp_path / "state", [str(root)], listen)
    while clock[0] < 1e6 + 20_000:
        knowledge.look()
        clock[0] += 30

    assert asked == [0, 60, 180, 420, 900, 1860, 3780, 7380, 10980, 14580, 18180]
    assert knowledge.feed(str(root)).why == "nobody"
    knowledge.close()
