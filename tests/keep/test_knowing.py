"""What is known is what a walk finds, or nothing is known."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from labkeeper.host.fanotify import Touched
from labkeeper.host.feed import Changes
from labkeeper.keep.knowing import Knowledge, known_elsewhere, measured
from labkeeper.keep.measuring import bytes_below


class Told:
    """A feed that says what it is given."""

    how = "told"
    is_alive = True

    def __init__(self) -> None:
        self.next: Changes = Changes()

    def take(self) -> Changes:
        """What was given."""
        taken, self.next = self.next, Changes()
        return taken

    def cover(self, path: bytes, inode: int) -> None:
        """It has all in view."""

    def close(self) -> None:
        """It goes on."""


def touched(folder: Path, *names: bytes) -> Sequence[Touched]:
    return [Touched(0, folder.stat().st_ino, 0, name) for name in names]


def test_known_without_a_walk(tmp_path: Path) -> None:
    """What was told is known, and what nobody told is not looked for."""
    root = tmp_path / "tier"
    root.mkdir()
    (root / "film").write_bytes(bytes(9000))
    told = Told()
    knowledge = Knowledge(tmp_path / "state", [str(root)], told)
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
    knowledge = Knowledge(tmp_path / "state", [str(root)], Told())
    other = Knowledge(tmp_path / "state", [str(root)], Told())
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
    knowledge = Knowledge(tmp_path / "state", [str(root)], told)
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
    knowledge = Knowledge(state, [str(root)], Told())
    knowledge.refresh()

    found = known_elsewhere(state, str(root), str(root))
    assert found is not None
    assert (found.files, found.bytes) == (1, bytes_below(str(root)))
    assert known_elsewhere(state, str(root), str(root / "none")) is None
    knowledge.close()
    assert known_elsewhere(state, str(root), str(root)) is None


def test_a_tier_that_comes_late(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody is asked to listen before a tier is there, and then at once."""
    root = tmp_path / "tier"
    root.mkdir()
    asked: list[Sequence[str]] = []

    def start(paths: Sequence[str]) -> Told:
        asked.append(paths)
        return Told()

    monkeypatch.setattr("labkeeper.keep.knowing.Watcher.start", start)
    knowledge = Knowledge(tmp_path / "state", [str(root)])
    knowledge.refresh([str(root)])
    assert asked == []
    knowledge.refresh([])
    assert asked == [[str(root)]]
    assert knowledge.bytes_below(str(root)) == 0
    knowledge.close()
