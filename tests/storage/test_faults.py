"""A fault at every call: nothing lost or torn, one more run converges, nothing is left over."""

import errno
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.programs import program
from tests.storage import cells
from tests.storage.faults import World, calls_of_a_move, cell
from tests.storage.syscalls import Syscall, syscalls_of_a_move

# Of each kind; `./lk bench faults` runs 10,000 in all.
_CELLS = int(os.environ.get("LABKEEPER_CELLS", "1800"))


@pytest.fixture
def world(cold: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    """All on memory, where a cell takes 20 ms; one mount, told to copy all the same."""
    monkeypatch.setattr("labkeeper.storage.origins._is_one_mount", lambda *_: False)
    yield World(cold / "world")


@pytest.mark.parametrize(
    ("fault", "step"), [("KILL", 11), ("EIO", 19), ("ENOSPC", 29), ("LIE", 29)]
)
def test_a_fault_now_and_then(world: World, fault: str, step: int) -> None:
    """A sample of the cells of `test_a_fault_at_every_call`, for every run of the tests."""
    calls = calls_of_a_move(world)
    assert calls > 200

    wrong = [what for at in range(1, calls + 1, step) for what in cell(world, at, fault)]

    assert wrong == []


@pytest.mark.parametrize(("fault", "step"), [("KILL", 7), ("EIO", 23)])
def test_a_fault_where_no_rename_refuses_to_replace(
    world: World, monkeypatch: pytest.MonkeyPatch, fault: str, step: int
) -> None:
    """The same on NTFS and old pools, which link and unlink: a crash between leaves both names."""

    def refuse(*_: object) -> int:
        raise OSError(errno.EINVAL, os.strerror(errno.EINVAL))

    monkeypatch.setattr("labkeeper.host.files._renameat2", refuse)
    calls = calls_of_a_move(world)

    wrong = [what for at in range(1, calls + 1, step) for what in cell(world, at, fault)]

    assert wrong == []


def test_a_system_call_now_and_then(world: World) -> None:
    """A sample of what strace makes fail, for every run of the tests."""
    program("strace")
    chosen = cells.sample(syscalls_of_a_move(world), 20)

    assert [what for cell in chosen for what in cell.run(world)] == []


def test_strace_reaches_the_call(world: World) -> None:
    """An injected error is seen by the move: the harness does fail what it says it fails."""
    program("strace")
    world.make()
    Syscall("linkat", 1, "EIO").run(world)

    assert "EIO (Input/output error) (INJECTED)" in world.root.with_suffix(".strace").read_text()


@pytest.mark.testbed
@pytest.mark.parametrize("kind", cells.KINDS)
def test_a_fault_at_every_call(world: World, kind: str) -> None:
    """SIGKILL, each error, a short write and a lying disk at every call of a move of everything."""
    program("strace")
    chosen = cells.sample(cells.KINDS[kind](world), _CELLS)
    assert len(chosen) >= min(_CELLS, 1500)

    assert [what for wrong in cells.run_all(chosen) for what in wrong] == []
