"""A fault at every call: nothing lost or torn, one more run converges, nothing is left over."""

import errno
import os
from pathlib import Path

import pytest

from tests.storage.faults import World, calls_of_a_move, cell

_FAULTS = ("KILL", "EIO", "ENOSPC", "EDQUOT", "EXDEV", "EROFS", "SHORT", "LIE")


@pytest.fixture
def world(cold: Path, monkeypatch: pytest.MonkeyPatch) -> World:
    """All on memory, where a cell takes 20 ms; one mount, told to copy all the same."""
    monkeypatch.setattr("labkeeper.storage.origins._is_one_mount", lambda *_: False)
    return World(cold / "world")


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


@pytest.mark.testbed
@pytest.mark.parametrize("fault", _FAULTS)
def test_a_fault_at_every_call(world: World, fault: str) -> None:
    """SIGKILL, each error, a short write and a lying disk at every call of a move of everything."""
    calls = calls_of_a_move(world)

    wrong = [what for at in range(1, calls + 1) for what in cell(world, at, fault)]

    assert wrong == []
