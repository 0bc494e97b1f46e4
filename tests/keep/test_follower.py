"""What an app finishes makes its rules due; silence makes it be asked less often."""

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest

from labkeeper.keep.follower import EVERY, Follower
from tests.host.test_servarr import DAY
from tests.keep.labs import KEY, Scene, scene

HISTORY = "GET /api/v3/history/since"


@dataclass
class Clock:
    """A clock that is set by hand."""

    now: float = 0.0

    def __call__(self) -> float:
        """What it shows."""
        return self.now


@pytest.fixture
def lab(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Scene]:
    for name in ("SONARR", "SABNZBD"):
        monkeypatch.setenv(f"LABKEEPER_KEY_{name}", KEY)
    with ExitStack() as ending:
        yield scene(tmp_path, ending)


def imported(name: str) -> dict[str, object]:
    data = {"droppedPath": f"/downloads/{name}", "importedPath": f"/tv/{name}"}
    return {"id": 1, "date": DAY, "eventType": "downloadFolderImported", "data": data}


def test_an_import_makes_its_rule_due(lab: Scene) -> None:
    """Once, when it is new, and only the rule that waits for that app and looks at that folder."""
    clock = Clock()
    follower = Follower(lab.plan, lab.kept, clock)
    assert follower.news() == frozenset()
    lab.answer(HISTORY, [imported("a.mkv"), imported("b.mkv")])
    assert follower.news() == frozenset()
    clock.now += EVERY

    assert follower.news() == {"series"}
    clock.now += EVERY
    assert follower.news() == frozenset()


def test_silence(lab: Scene) -> None:
    """An app that is not believed is asked half as often each time, and nothing is due for it."""
    clock = Clock()
    follower = Follower(lab.plan, lab.kept, clock)
    follower.news()
    version = "GET /api/v3/system/status"
    lab.answer(version, {"appName": "Sonarr", "version": "9.0"})
    lab.answer(HISTORY, [imported("b.mkv")])
    clock.now += EVERY
    assert follower.news() == frozenset()
    lab.answer(version, {"appName": "Sonarr", "version": "4.0"})
    clock.now += EVERY
    before = len(lab.sonarr.asked)
    assert follower.news() == frozenset()
    assert len(lab.sonarr.asked) == before
    clock.now += EVERY

    assert follower.news() == {"series"}
