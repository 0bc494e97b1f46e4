"""What apps say decides what moves and what is cleaned; what one does not say blocks."""

import json
import os
import shutil
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

import jsonschema
import pytest
from click.testing import CliRunner, Result
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from labkeeper.cli import main
from labkeeper.keep.apps import app_of, apps_on
from labkeeper.keep.deciding import Go
from labkeeper.keep.events import Moved
from labkeeper.keep.heeding import care_for
from labkeeper.keep.moving import Ask, Manner, run_move
from labkeeper.keep.usage import Usage
from labkeeper.storage.moving import Talk
from labkeeper.storage.trust import APART
from labkeeper.store.journal import Journal
from tests.host.apps import App, Said
from tests.keep.labs import KEY, Scene, scene

SCHEMA = json.loads(
    (Path(__file__).parents[2] / "docs/reference/tier-explain.schema.json").read_text("utf-8")
)
QUEUE, HISTORY, ROOTS = "GET /api/v3/queue", "GET /api/v3/history/since", "GET /api/v3/rootfolder"
GIB = 1 << 30


@pytest.fixture
def lab(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Scene]:
    for name in ("SONARR", "SABNZBD", "JELLYFIN"):
        monkeypatch.setenv(f"LABKEEPER_KEY_{name}", KEY)
    with ExitStack() as ending:
        yield scene(tmp_path, ending)


def move(lab: Scene, name: str) -> Moved:
    """One look of a rule of the lab."""
    rule = next(each for each in lab.kept.moves if each.name == name)
    lab.state.mkdir(exist_ok=True)
    go = Go("now", rule.older_than, is_for_finished=True)
    silent = Talk(*[lambda *_: None] * 6)
    ask = Ask(lab.plan, lab.kept, rule, go, Usage(0, 10 << 20))
    return run_move(ask, Manner(lab.state, copies=True), silent)


def tier(lab: Scene, *words: object) -> Result:
    path = str(lab.folder / "lab.yaml")
    words = (*words, path, "--host", "box", "--state", lab.state)
    return CliRunner().invoke(main, ["tier", *map(str, words)])


def test_where_they_answer(lab: Scene) -> None:
    """Of each app it is known where it is, and how it calls the folders; the longest counts."""
    sonarr = app_of(lab.plan, "box", "sonarr")
    assert sonarr is not None
    assert sonarr.maps.here("/downloads/a/../b") == f"{lab.folder}/hot/downloads/b"
    assert sonarr.maps.here("/downloads/tv/a") == f"{lab.folder}/hot/series/a"
    assert sonarr.maps.here("/downloadsx") is None
    assert sonarr.maps.there(f"{lab.folder}/hot/tv/x") == "/tv/x"
    silent = next(app for app in apps_on(lab.plan, "box") if app.name == "radarr")
    assert silent.url is None or silent.url.startswith("http://127.0.0.1:")


def test_what_is_imported_moves(lab: Scene) -> None:
    """A file that Sonarr took over moves, and Sonarr is told to look again; another stays."""
    lab.put("hot/tv/a.mkv")
    lab.put("hot/tv/b.mkv")

    moved = move(lab, "series")

    assert (moved.refused, moved.left, moved.told) == (None, (), ("sonarr",))
    assert (lab.names("hot/tv"), lab.names("cold/tv")) == ({"b.mkv"}, {"a.mkv"})
    assert [asked.method for asked in lab.sonarr.asked].count("POST") == 1
    assert lab.sonarr.faults == []


def test_what_is_old_moves_too(lab: Scene) -> None:
    """Of an import and an age each is enough."""
    os.utime(lab.put("hot/tv/b.mkv"), (1, 1))

    assert move(lab, "series").names == 1


def test_a_job_of_a_category(lab: Scene) -> None:
    """Jobs of SABnzbd that are done move, if they are of the category."""
    for number, category in ((1, "tv"), (2, "movies")):
        lab.put(f"hot/downloads/{number}/x.mkv")
        lab.sabnzbd.past.append(
            {"nzo_id": str(number), "name": "x", "status": "Completed", "category": category,
             "completed": 4_000_000_000, "storage": f"/downloads/{number}", "path": "/x"}
        )  # fmt: skip

    assert (move(lab, "jobs").names, lab.names("cold")) == (1, {"downloads/1/x.mkv"})


def test_a_whole_folder_is_never_done(lab: Scene) -> None:
    """A job that was put into the folder of all does not make all of it done."""
    lab.put("hot/downloads/other.mkv")
    lab.sabnzbd.past.append(
        {"nzo_id": "1", "name": "x", "status": "Completed", "category": "tv",
         "completed": 4_000_000_000, "storage": "/downloads", "path": "/x"}
    )  # fmt: skip

    assert move(lab, "jobs").names == 0


def test_what_waits_for_an_import_stays(lab: Scene) -> None:
    """A download in Sonarr's queue is not cleaned, and neither is it under another name."""
    lab.put("hot/downloads/b/x.mkv")
    os.link(lab.put("hot/downloads/b/y.mkv"), lab.folder / "hot/downloads/also")
    lab.put("hot/downloads/c/x.mkv")
    for path in (lab.folder / "hot/downloads").rglob("*"):
        os.utime(path, (1, 1))

    explained = tier(lab, "explain", lab.folder / "hot/downloads/also")
    assert explained.exit_code == 0, explained.output
    assert "sonarr    in use: it waits for `B` (importPending)" in explained.stdout
    assert "clean by `downloads`: stays" in explained.stdout

    said = json.loads(tier(lab, "explain", lab.folder / "hot/downloads/c/x.mkv", "--json").stdout)
    jsonschema.validate(said, SCHEMA)
    assert {app["app"]: app["in_use"] for app in said["apps"]} == {
        "jellyfin": "no", "radarr": "unknown", "sabnzbd": "no", "sonarr": "no",
    }  # fmt: skip


def clean(lab: Scene, monkeypatch: pytest.MonkeyPatch) -> Result:
    monkeypatch.setattr("labkeeper.storage.searching.time.time", lambda: 4e9)
    return tier(lab, "clean", "--yes", "--explain")


def test_a_cleaning_asks(lab: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    """What nobody has to do with goes; what Sonarr waits for does not."""
    lab.put("hot/downloads/b/x.mkv")
    lab.put("hot/downloads/c/x.mkv")

    result = clean(lab, monkeypatch)

    assert lab.names("hot/downloads") == {"b/x.mkv"}, result.output
    assert "x.mkv stays: `sonarr`: it waits for `B`" in result.stderr


def test_a_folder_under_another_name(lab: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    """A rule whose folder is a link into the downloads asks as one that names these."""
    lab.put("hot/downloads/b/x.mkv")
    (lab.folder / "hot/also").symlink_to(lab.folder / "hot/downloads")
    text = (lab.folder / "lab.yaml").read_text()
    (lab.folder / "lab.yaml").write_text(text.replace('path: "hot:downloads"', 'path: "hot:also"'))

    result = clean(lab, monkeypatch)

    assert lab.names("hot/downloads") == {"b/x.mkv"}, result.output


def test_what_was_watched_goes_first(lab: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of two files of one age and size, it is worth a tenth; the other has still to be watched."""
    film = {"Name": "A", "Path": "/media/downloads/c/seen.mkv"}
    lab.jellyfin.answers["GET /Items"] = {"Items": [film], "TotalRecordCount": 1}
    lab.put("hot/downloads/c/a.mkv")
    lab.put("hot/downloads/c/seen.mkv")

    lines = clean(lab, monkeypatch).stderr.splitlines()

    first, second = (line for line in lines if "downloads" not in line and "value" in line)
    assert first.startswith("c/seen.mkv: value 0.0000 = 1 / (1 +")
    assert "/ 10, as it was watched" in first
    assert second.startswith("c/a.mkv: value")


LIES: dict[str, Said | tuple[str, object]] = {
    "500": Said(status=500),
    "403": Said(status=403),
    "html": Said(b"<html>"),
    "half": Said(b"[{", head={"Content-Length": "100"}),
    "10 GB": Said(raw=b"HTTP/1.1 200 OK\r\nContent-Length: 10737418240\r\n\r\n["),
    "another version": ("GET /api/v3/system/status", {"appName": "Sonarr", "version": "9.1"}),
    "moved root": (ROOTS, [{"id": 1, "path": "/data/tv", "accessible": True}]),
    "root away": (ROOTS, [{"id": 1, "path": "/tv/away", "accessible": True}]),
    "no root": (ROOTS, []),
    "half a queue": (QUEUE, {"totalRecords": 2, "records": []}),
}


@pytest.mark.parametrize("lie", LIES.values(), ids=LIES)
def test_lies(lab: Scene, lie: Said | tuple[str, object], monkeypatch: pytest.MonkeyPatch) -> None:
    """Where Sonarr is not believed, nothing in its folders is moved or cleaned, and it is said."""
    lab.put("hot/downloads/c/x.mkv")
    lab.put("hot/tv/a.mkv")
    if isinstance(lie, tuple):
        lab.answer(*lie)
    else:
        monkeypatch.setattr(App, "__call__", lambda *_: lie)

    result = clean(lab, monkeypatch)
    moved = move(lab, "series")

    assert lab.names("hot") == {"downloads/c/x.mkv", "tv/a.mkv"}
    assert "what `" in result.stderr
    assert "is unknown" in result.stderr
    assert moved.refused is not None
    assert moved.refused.code == "app-unknown"
    assert KEY not in result.output + moved.refused.message


def test_an_app_without_a_key_is_not_asked(lab: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    """Somebody who set up no key is not kept from cleaning; the key may stand in its settings."""
    monkeypatch.delenv("LABKEEPER_KEY_SONARR")
    lab.put("hot/downloads/b/x.mkv")
    said = tier(lab, "explain", lab.folder / "hot/downloads/b/x.mkv").stdout
    assert "sonarr    unknown: not asked: labkeeper has no key for it" in said

    lab.put("config/config.xml").write_text(f"<Config><ApiKey>{KEY}</ApiKey></Config>")
    said = tier(lab, "explain", lab.folder / "hot/downloads/b/x.mkv").stdout

    assert "sonarr    in use: it waits for `B`" in said
    assert KEY not in said


def test_a_rule_for_an_app_that_cannot_be_asked(lab: Scene) -> None:
    """It refuses, with the names of those that can."""
    rule = replace(lab.kept.moves[0], finished_by=("prowlarr",))
    lab.kept = replace(lab.kept, moves=(rule,))

    refused = move(lab, rule.name).refused

    assert refused is not None
    assert "`prowlarr` cannot be asked" in refused.message


def test_a_queue_that_is_empty_after_a_start(lab: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    """What Sonarr waited for stays when it does not name it any more, until it has not for long."""
    lab.put("hot/downloads/b/x.mkv")
    clock = [1e9]
    monkeypatch.setattr("labkeeper.keep.heeding._now", lambda: clock[0])
    clean(lab, monkeypatch)
    lab.answer(QUEUE, {"totalRecords": 0, "records": []})

    for later in (86400.0, APART - 1):
        clock[0] += later
        result = clean(lab, monkeypatch)
        assert "a short while ago it waits for `B`" in result.stderr
        assert lab.names("hot/downloads") == {"b/x.mkv"}
    clock[0] += 1
    clean(lab, monkeypatch)

    assert lab.names("hot/downloads") == set()


_ANSWERS = st.lists(
    st.tuples(st.sets(st.sampled_from("abc")), st.booleans(), st.sampled_from([1.0, APART + 1])),
    min_size=2, max_size=5,
)  # fmt: skip


@settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
@given(answers=_ANSWERS)
def test_a_law_of_queues(lab: Scene, answers: list[tuple[set[str], bool, float]]) -> None:
    """Nothing goes that the last answer which was trusted, or this one, calls in use."""
    rule = next(each for each in lab.kept.cleanups if each.name == "downloads")
    shutil.rmtree(lab.state, ignore_errors=True)
    trusted: set[str] = set()
    now = 1e9
    for queue, is_silent, later in answers:
        now += later
        there = {name for name in "abc" if lab.put(f"hot/downloads/{name}/x.mkv")}
        rows = [
            {"id": n, "title": name, "outputPath": f"/downloads/{name}", "sizeleft": 0.0}
            for n, name in enumerate(queue)
        ]
        said = {"totalRecords": len(rows) + is_silent, "records": rows}
        lab.answer(QUEUE, said)
        journal = Journal.open(lab.state)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("labkeeper.keep.heeding._now", lambda now=now: now)
            care = care_for(rule, lab.plan, lab.kept, journal)
        journal.close()
        look = (lab.folder / "hot/downloads").stat()
        gone = {
            name for name in there
            if care.withheld.why([f"{lab.folder}/hot/downloads/{name}/x.mkv".encode()],
                                 look.st_dev, 0) is None
        }  # fmt: skip
        assert not gone & (queue | trusted)
        assert not (is_silent and gone)
        trusted = trusted if is_silent else queue
