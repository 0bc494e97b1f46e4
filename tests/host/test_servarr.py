"""Sonarr, Radarr and Lidarr are asked what their own descriptions of their APIs allow."""

from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest

from labkeeper.host import servarr
from labkeeper.host.http import Unanswered
from labkeeper.host.servarr import FLAVOURS, Awaited, Imported, Root, Servarr
from tests.host.apps import APIS, App, serving

KEY = "0123456789abcdef"
DAY = "2026-11-01T10:00:00Z"
SINCE = datetime(2026, 10, 1, tzinfo=UTC)
EVENTS = {"sonarr": "downloadFolderImported", "radarr": "downloadFolderImported",
          "lidarr": "trackFileImported"}  # fmt: skip
PARTS: dict[str, type[msgspec.Struct]] = {
    "system/status": servarr.Status, "history/since": servarr.History, "queue": servarr.Queue,
    "rootfolder": servarr.RootFolder, "command": servarr.Command,
}  # fmt: skip


def app(name: str) -> App:
    """It has one file imported, one that it waits for, and one root."""
    api = f"/api/{FLAVOURS[name].api}"
    version = {"sonarr": "4.0.19.2979", "radarr": "6.2.1.1", "lidarr": "3.1.0.4875"}[name]
    moved = {"droppedPath": "/downloads/a.mkv", "importedPath": "/tv/a.mkv", "fileId": None}
    return App(
        name,
        KEY,
        {
            f"GET {api}/system/status": {"appName": FLAVOURS[name].name, "version": version},
            f"GET {api}/history/since": [
                {"id": 1, "date": DAY, "eventType": "grabbed", "data": {}, "sourceTitle": "A"},
                {"id": 2, "date": DAY, "eventType": EVENTS[name], "data": moved,
                 "sourceTitle": "A", "downloadId": "H1"},
            ],
            f"GET {api}/queue": {
                "page": 1, "pageSize": 500, "totalRecords": 1,
                "records": [
                    {"id": 4, "title": "B", "downloadId": "H2", "outputPath": "/downloads/b",
                     "trackedDownloadState": "importPending", "sizeleft": 7.0},
                ],
            },
            f"GET {api}/rootfolder": [{"id": 1, "path": "/tv", "accessible": True}],
            f"POST {api}/command": {"id": 3, "name": FLAVOURS[name].rescan, "status": "queued"},
        },
    )  # fmt: skip


@pytest.mark.parametrize("name", FLAVOURS)
def test_what_it_says(name: str) -> None:
    """Every request is one that it takes, and every answer is read."""
    real = app(name)
    with serving(real) as url:
        client = Servarr(FLAVOURS[name], url, KEY)
        client.enter()

        at = datetime(2026, 11, 1, 10, tzinfo=UTC)
        assert client.imports(SINCE) == [Imported("A", "H1", "/downloads/a.mkv", "/tv/a.mkv", at)]
        assert client.queue() == [Awaited("B", "H2", "importPending", "/downloads/b", 7)]
        assert client.roots() == [Root("/tv", is_accessible=True)]
        client.rescan()

    assert real.faults == []
    assert all(KEY not in asked.path + str(asked.query) for asked in real.asked)


@pytest.mark.parametrize("name", FLAVOURS)
def test_its_words(name: str) -> None:
    """Each field that is read, each event that is waited for, is one of its API."""
    api = f"/api/{FLAVOURS[name].api}"
    for path, part in PARTS.items():
        method = "POST" if path == "command" else "GET"
        shape: Any = APIS[name][f"{method} {api}/{path}"]["answer"]
        shape = shape[0] if isinstance(shape, list) else shape
        names = {each.encode_name for each in msgspec.structs.fields(part)}
        assert names <= set(shape), path
    rows = APIS[name][f"GET {api}/queue"]["answer"]["records"][0]
    assert {each.encode_name for each in msgspec.structs.fields(servarr.QueueRow)} <= set(rows)
    events = APIS[name][f"GET {api}/history/since"]["answer"][0]["eventType"]
    known = events.removeprefix("enum:").split("|")
    assert EVENTS[name] in FLAVOURS[name].imports <= set(known)


def test_another_program() -> None:
    """Radarr at Sonarr's address is not taken for Sonarr."""
    with (
        serving(app("radarr")) as url,
        pytest.raises(Unanswered, match="at the address of Sonarr answers Radarr"),
    ):
        Servarr(FLAVOURS["sonarr"], url, KEY).enter()


@pytest.mark.parametrize("version", ["2.0.0.5344", "5.0", "", "v4", "9" * 5000])
def test_another_version(version: str) -> None:
    """A version that is not known is not talked to."""
    real = app("sonarr")
    real.answers["GET /api/v3/system/status"] = {"appName": "Sonarr", "version": version}
    with serving(real) as url, pytest.raises(Unanswered, match="says that it is version"):
        Servarr(FLAVOURS["sonarr"], url, KEY).enter()


def test_a_wrong_key() -> None:
    """It is told, and neither key is."""
    with serving(app("sonarr")) as url, pytest.raises(Unanswered) as unanswered:
        Servarr(FLAVOURS["sonarr"], url, "fedcba9876543210").enter()

    assert "does not let labkeeper in (401" in unanswered.value.why
    assert "fedcba" not in unanswered.value.why


def test_a_part_of_a_queue() -> None:
    """A queue that ends before its own number is none."""
    real = app("sonarr")
    page = {"totalRecords": 3, "records": []}
    real.answers["GET /api/v3/queue"] = page
    with serving(real) as url, pytest.raises(Unanswered, match="shows 0 of 3"):
        Servarr(FLAVOURS["sonarr"], url, KEY).queue()
