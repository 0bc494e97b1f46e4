"""A fault at every call: nothing lost or torn, one more run converges, nothing is left over."""

import errno
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.programs import program
from tests.storage import cells
from tests.storage.faults import calls_of, cell
from tests.storage.scenes import SCENES, Cleaning, Moving, Scene, Undoing
from tests.storage.syscalls import Syscall, syscalls_of
from tests.storage.world import World

# Of each kind; `./lk bench faults` runs 10,000 in all.
_CELLS = int(os.environ.get("LABKEEPER_CELLS", "1800"))


@pytest.fixture
def world(cold: Path) -> Iterator[World]:
    with cells.prepared():
        yield World(cold / "world")


@pytest.mark.parametrize(
    ("scene", "fault", "step"),
    [
        (Moving(), "KILL", 11),
        (Moving(), "EIO", 19),
        (Moving(), "ENOSPC", 29),
        (Moving(), "LIE", 29),
        *((scene, "KILL", 3) for scene in SCENES[1:]),
        *((scene, "EIO", 5) for scene in SCENES[1:]),
    ],
)
def test_a_fault_now_and_then(world: World, scene: Scene, fault: str, step: int) -> None:
    """A sample of the cells of `test_a_fault_at_every_call`, for every run of the tests."""
    number = calls_of(scene, world)
    assert number > 10

    assert [w for at in range(1, number + 1, step) for w in cell(scene, world, at, fault)] == []


@pytest.mark.parametrize(
    ("scene", "fault", "step"),
    [(Moving(), "KILL", 7), (Moving(), "EIO", 23), (Cleaning(), "KILL", 3), (Undoing(), "KILL", 3)],
)
def test_a_fault_where_no_rename_refuses_to_replace(
    world: World, monkeypatch: pytest.MonkeyPatch, scene: Scene, fault: str, step: int
) -> None:
    """The same on NTFS and old pools, which link and unlink: a crash between leaves both names."""

    def refuse(*_: object) -> int:
        raise OSError(errno.EINVAL, os.strerror(errno.EINVAL))

    monkeypatch.setattr("labkeeper.host.files._renameat2", refuse)
    number = calls_of(scene, world)

    assert [w for at in range(1, number + 1, step) for w in cell(scene, world, at, fault)] == []


@pytest.mark.parametrize("scene", SCENES, ids=lambda scene: scene.name)
def test_a_system_call_now_and_then(world: World, scene: Scene) -> None:
    """A sample of what strace makes fail, for every run of the tests."""
    program("strace")
    chosen = cells.sample(syscalls_of(scene, world), 8)

    assert [what for cell in chosen for what in cell.run(world)] == []


def test_strace_reaches_the_call(world: World) -> None:
    """An injected error is seen by the move: the harness does fail what it says it fails."""
    program("strace")
    Syscall(Moving(), "linkat", 1, "EIO").run(world)

    assert "EIO (Input/output error) (INJECTED)" in world.root.with_suffix(".strace").read_text()


@pytest.mark.testbed
@pytest.mark.parametrize("kind", cells.KINDS)
def test_a_fault_at_every_call(world: World, kind: str) -> None:
    """SIGKILL, each error, a short write and a lying disk at every call of a command."""
    program("strace")
    chosen = cells.sample(cells.KINDS[kind](world), _CELLS)
    assert len(chosen) >= min(_CELLS, 1500)

    assert [what for wrong in cells.run_all(chosen) for what in wrong] == []
