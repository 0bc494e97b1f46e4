"""What an app finishes makes its rules due; silence makes it be asked less often."""

import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from labkeeper.host.qbittorrent import Torrent
from labkeeper.keep.apps import App
from labkeeper.keep.asking import said_of
from labkeeper.keep.follower import EVERY, Follower, coming_now
from labkeeper.keep.truth import Coming, coming_to
from labkeeper.storage.paths import Maps, PathMap
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


@pytest.fixture
def following(lab: Scene) -> Iterator[tuple[Follower, Clock]]:
    clock = Clock()
    follower = Follower(lab.plan, lab.kept, clock)
    yield follower, clock
    follower.close()


def imported(name: str, date: str = DAY) -> dict[str, object]:
    data = {"droppedPath": f"/downloads/{name}", "importedPath": f"/tv/{name}"}
    return {"id": 1, "date": date, "eventType": "downloadFolderImported", "data": data}


def heard(follower: Follower) -> set[str]:
    """What is due when all have answered that are asked now."""
    due = set(follower.news())
    until = time.monotonic() + 60
    while follower.is_asking and time.monotonic() < until:
        time.sleep(0.005)
        due |= follower.news()
    assert not follower.is_asking
    return due


def test_an_import_makes_its_rule_due(lab: Scene, following: tuple[Follower, Clock]) -> None:
    """Once, when it is new, and only the rule that waits for that app and looks at that folder."""
    follower, clock = following
    assert heard(follower) == set()
    lab.answer(HISTORY, [imported("a.mkv"), imported("b.mkv")])
    assert heard(follower) == set()
    clock.now += EVERY

    assert heard(follower) == {"series"}
    clock.now += EVERY
    assert heard(follower) == set()


def test_silence(lab: Scene, following: tuple[Follower, Clock]) -> None:
    """An app that is not believed is asked half as often each time, and nothing is due for it."""
    follower, clock = following
    heard(follower)
    version = "GET /api/v3/system/status"
    lab.answer(version, {"appName": "Sonarr", "version": "9.0"})
    lab.answer(HISTORY, [imported("b.mkv")])
    clock.now += EVERY
    assert heard(follower) == set()
    lab.answer(version, {"appName": "Sonarr", "version": "4.0"})
    clock.now += EVERY
    before = len(lab.sonarr.asked)
    assert heard(follower) == set()
    assert len(lab.sonarr.asked) == before
    clock.now += EVERY

    assert heard(follower) == {"series"}


def test_only_what_is_new_is_asked_for(lab: Scene, following: tuple[Follower, Clock]) -> None:
    """The history is read whole at first; then from a little before its own last row."""
    follower, clock = following
    heard(follower)
    lab.answer(HISTORY, [imported("a.mkv"), imported("b.mkv", "2026-11-01T11:00:00Z")])
    clock.now += EVERY
    assert heard(follower) == {"series"}
    clock.now += EVERY
    assert heard(follower) == set()

    asked = [each.query["date"] for each in lab.sonarr.asked if each.path.endswith("/since")]
    assert asked[1:] == ["2026-11-01T09:50:00Z", "2026-11-01T10:50:00Z"]


def test_one_that_hangs(lab: Scene) -> None:
    """It is given up at its own time; what another finishes is heard meanwhile."""
    asked, over = threading.Event(), threading.Event()

    def silent() -> None:
        asked.set()
        over.wait(60)

    lab.sabnzbd.pause = silent
    clock = Clock()
    follower = Follower(lab.plan, lab.kept, clock)
    until = time.monotonic() + 60
    try:
        follower.news()
        assert asked.wait(60)
        while len(lab.sonarr.asked) < 4 or follower._followed[0].errand.is_away:
            assert time.monotonic() < until
            follower.news()
        lab.answer(HISTORY, [imported("a.mkv"), imported("b.mkv")])
        clock.now += EVERY
        due: set[str] = set()
        while not due and time.monotonic() < until:
            due |= follower.news()
        assert due == {"series"}
    finally:
        follower.close()
        over.set()
    assert not follower.is_asking


def test_torrents_that_come() -> None:
    """What is fetched counts where it arrives and where it stays, unless it waits for people."""
    app = App("qb", "qbittorrent", Maps((PathMap("/data", "/mnt/hot"),)), (), None, None)

    def torrent(state: str, left: int, download: str = "") -> Torrent:
        return Torrent("h", "t", state, 0.5, "/data/done", download, amount_left=left,
                       content_path="/data/done/t")  # fmt: skip

    said = said_of(
        app,
        [
            torrent("downloading", 5), torrent("queuedDL", 7, "/elsewhere"),
            torrent("forcedDL", 11, "/data/new"), torrent("downloading", 0),
            *(torrent(state, 100) for state in ("stalledDL", "pausedDL", "stoppedDL", "error")),
        ],
    )  # fmt: skip

    assert said.coming == (
        Coming(("/mnt/hot/done", "/mnt/hot/done"), 5), Coming(("/mnt/hot/done",), 7),
        Coming(("/mnt/hot/new", "/mnt/hot/done"), 11),
    )  # fmt: skip
    tiers = {"/mnt/hot": "hot", "/mnt/hot/new": "fast", "/mnt/cold": "cold"}
    assert coming_to(tiers, [said]) == {"hot": 23, "fast": 11}
    assert coming_to(tiers, [replace(said, doubt="it is another")]) == {}


def test_what_is_coming(lab: Scene, following: tuple[Follower, Clock]) -> None:
    """What a client is about to fetch counts for the tier that it is for, while it is believed."""
    follower, clock = following
    lab.sabnzbd.slots = [
        {"nzo_id": n, "filename": n, "status": status, "mbleft": "3.00", "cat": "*"}
        for n, status in (("a", "Downloading"), ("b", "Paused"))
    ]
    heard(follower)
    assert follower.coming() == coming_now(lab.plan, lab.kept) == {"hot": 3 * 2**20}
    lab.sabnzbd.is_paused = True
    clock.now += EVERY
    heard(follower)
    assert follower.coming() == {}
    lab.sabnzbd.is_paused = False
    clock.now += EVERY
    heard(follower)
    assert follower.coming() == {"hot": 3 * 2**20}
    lab.sabnzbd.version = "9.0"
    clock.now += EVERY
    heard(follower)

    assert follower.coming() == {}
