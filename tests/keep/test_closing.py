"""A move whose hours are over ends at a safe place, and goes on when they begin again."""

import os
import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

import pytest

from labkeeper.keep.deciding import Go
from labkeeper.keep.moving import Ask, Manner, run_move
from labkeeper.keep.usage import Usage
from labkeeper.storage.moving import Talk
from tests.keep.labs import Scene, scene

QUIET = Talk(*[lambda *_: None] * 6)
KIB = 1 << 10
ROOM = Usage(0, 1 << 40)


@pytest.fixture
def lab(tmp_path: Path) -> Iterator[Scene]:
    with ExitStack() as ending:
        yield scene(tmp_path, ending)


def ask(lab: Scene, ends: float | None, limit: int | None) -> Ask:
    rule = replace(lab.kept.moves[0], limit=limit, finished_by=(), older_than=None)
    return Ask(lab.plan, lab.kept, rule, Go("it is time", ends=ends), ROOM)


def test_its_hours_are_over(lab: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every file is whole on one side or the other; the next time moves the rest."""
    monkeypatch.setenv("LABKEEPER_KEY_SONARR", "0123456789abcdef")
    bodies = {f"{number}.mkv": os.urandom(400 * KIB) for number in range(6)}
    for name, body in bodies.items():
        (lab.folder / "hot/tv" / name).write_bytes(body)
    manner = Manner(lab.state, copies=True)
    lab.state.mkdir()

    first = run_move(ask(lab, time.time() + 2, 200 * KIB), manner, QUIET)
    between = {
        path.name: path.read_bytes()
        for side in ("hot/tv", "cold/tv")
        for path in (lab.folder / side).glob("*.mkv")
    }
    second = run_move(ask(lab, None, None), manner, QUIET)

    assert first.refused is None
    assert (first.is_stopped, first.is_late) == (True, True)
    assert first.names < len(bodies)
    assert between == bodies
    assert (second.is_stopped, second.is_late) == (False, False)
    assert lab.names("cold/tv") == {*bodies}
    assert lab.names("hot/tv") == set()


def test_its_hours_go_on(lab: Scene) -> None:
    """A move that is done before they end is not stopped."""
    lab.put("hot/tv/a.mkv")
    lab.state.mkdir()
    done = run_move(ask(lab, time.time() + 3600, None), Manner(lab.state, copies=True), QUIET)

    assert done.refused is None or "key" not in done.refused.message
    assert not done.is_late
    assert not done.is_stopped
