"""The harness bites: movers with one step made wrong lose a file where the product does not."""

import fcntl
import os
import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from labkeeper.storage.batch import Batch
from labkeeper.storage.pipeline import COPY, Step
from labkeeper.store.units import State
from tests.storage.solo import move_here


def with_retire(act: Callable[[Batch], None]) -> tuple[Step, ...]:
    """The product's steps with another way to remove the source."""
    return tuple(replace(s, act=act) if s.enters is State.RETIRING else s for s in COPY)


def unlink_at_once(batch: Batch) -> None:
    """Broken: the source goes without being set aside, and nobody looks at the copy again."""
    for work in batch.works:
        for name in work.unit.names:
            folder, base = batch.run.source(name).parent(name.source)
            os.unlink(base, dir_fd=folder)


@pytest.fixture
def one_storage(monkeypatch: pytest.MonkeyPatch) -> None:
    """A pool and its branch, with a probe that did not see it (it went to another branch)."""
    monkeypatch.setattr("labkeeper.storage.origins._check_apart", lambda *_: None)
    monkeypatch.setattr("labkeeper.storage.alias.check", lambda *_, **__: None)


@pytest.mark.usefixtures("one_storage")
def test_one_storage_under_two_paths(hot: Path, state: Path) -> None:
    """Where source and destination are one, the product gives the file its name back."""
    (hot / "a").write_text("only one")

    _, report = move_here(state, f"{hot}/", f"{hot}/")

    assert (hot / "a").read_text() == "only one"
    assert [left.code for left in report.left] == ["copy-gone"]


@pytest.mark.usefixtures("one_storage")
def test_unlink_before_the_second_look_is_caught(hot: Path, state: Path) -> None:
    """The same move loses the file when the second look is left out."""
    (hot / "a").write_text("only one")

    move_here(state, f"{hot}/", f"{hot}/", steps=with_retire(unlink_at_once))

    assert not (hot / "a").exists()


class Writer:
    """A program that opens the file for writing just while it is being removed."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._thread = threading.Thread(target=self._write)

    def come(self) -> None:
        self._thread.start()
        self._thread.join(0.1)

    def end(self) -> None:
        self._thread.join()

    def _write(self) -> None:
        file = os.open(self._file, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
        os.write(file, b"precious")
        os.fsync(file)
        os.close(file)


def kept(*folders: Path) -> bool:
    """What the writer wrote can be found under some name."""
    return any(b"precious" in p.read_bytes() for folder in folders for p in folder.iterdir())


def test_a_lease_held_over_the_unlink_is_caught(hot: Path, cold: Path, state: Path) -> None:
    """A writer that waits for the lease writes into nothing when the unlink comes first."""
    (hot / "log").write_bytes(b"x")
    writer = Writer(hot / "log")

    def hold_and_unlink(batch: Batch) -> None:
        file = os.open(hot / "log", os.O_RDONLY)
        fcntl.fcntl(file, fcntl.F_SETLEASE, fcntl.F_RDLCK)
        writer.come()
        os.unlink(hot / "log")
        os.close(file)

    move_here(state, f"{hot}/", cold, steps=with_retire(hold_and_unlink))
    writer.end()

    assert not kept(hot, cold)


@pytest.mark.parametrize("moment", ["before it is set aside", "while it is set aside"])
def test_a_writer_at_the_same_moment_keeps_its_bytes(
    hot: Path, cold: Path, state: Path, moment: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The product lets the same writer in, or lets it make a new file, and loses neither."""
    (hot / "log").write_bytes(b"x")
    os.utime(hot / "log", (1, 1))
    writer = Writer(hot / "log")
    retire = next(step.act for step in COPY if step.enters is State.RETIRING)

    def come_and_retire(batch: Batch) -> None:
        if moment == "before it is set aside":
            writer.come()
        else:
            batch.run = replace(batch.run, sleep=lambda _: writer.come())
        retire(batch)

    move_here(state, f"{hot}/", cold, steps=with_retire(come_and_retire))
    writer.end()

    assert kept(hot, cold)
    assert (hot / "log").exists()
