"""`labkeeper up --demo`, run as a person runs it: its processes, its files, Ctrl-C and a crash."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from labkeeper.storage.stage import owner_of

ROOT = Path(__file__).parents[2]
SCHEMA = json.loads((ROOT / "docs/reference/up.schema.json").read_text("utf-8"))
Event = dict[str, Any]


def start(*arguments: object) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "-m", "labkeeper", "up", *map(str, arguments)],
        env={**os.environ, "PYTHONPATH": str(ROOT / "src")},
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True,
    )  # fmt: skip


def run(*arguments: object) -> list[Event]:
    """All events of a start that ends by itself."""
    process = start(*arguments, "--json")
    out, err = process.communicate(timeout=120)
    assert process.returncode == 0, err
    assert "Traceback" not in err
    events = [json.loads(line) for line in out.splitlines()]
    for event in events:
        jsonschema.validate(event, SCHEMA)
    return events


def of(events: list[Event], kind: str) -> list[Event]:
    return [event for event in events if event["kind"] == kind]


def names(demo: Path) -> set[str]:
    """Every file of both tiers, by its path."""
    return {str(p) for tier in ("hot", "cold") for p in (demo / tier).rglob("*") if p.is_file()}


def check_told(events: list[Event]) -> None:
    """What was said to have moved lies there with its size, and no more where it was."""
    files = [file for event in of(events, "move") for file in event["files"]]
    for file in files:
        assert Path(file["to"]).stat().st_size == file["bytes"], file
        assert not Path(file["path"]).exists(), file
    assert sum(event["names"] for event in of(events, "move")) == len(files)


def check_clean(demo: Path) -> None:
    """Nothing of a move lies about, and the demo's own process is gone."""
    assert [name for name in names(demo) if owner_of(os.fsencode(name).rpartition(b"/")[2])] == []
    mine = [p for p in Path("/proc").glob("[0-9]*/cmdline") if _is_life(p, demo)]
    assert mine == []


def _is_life(path: Path, demo: Path) -> bool:
    try:
        words = path.read_bytes().split(b"\0")
    except OSError:
        return False
    return b"labkeeper.demo.life" in words and os.fsencode(demo) in words


def wait_for_part(demo: Path) -> None:
    """Wait until a move is in the middle of a large file."""
    for _ in range(1500):
        if any((demo / "cold").rglob(".labkeeper-*.part")):
            return
        time.sleep(0.02)
    pytest.fail("no move was seen in its middle")


@pytest.mark.testbed
def test_everything(tmp_path: Path) -> None:
    """Within half a minute every kind of event was seen, and each is what is on disk."""
    demo = tmp_path / "demo"
    events = run("--demo", demo, "--seconds", "24")

    seen = {event["kind"] for event in events}
    assert seen == {"finding", "proof", "move", "clean", "undo", "forecast", "summary"}
    assert [e["finding"]["check"] for e in of(events, "finding") if
            e["finding"]["severity"] == "error"] == ["threshold-out-of-range"]  # fmt: skip
    assert [e["alert"] for e in of(events, "proof") if e["fires"] == "no"] == ["ShelfAlmostFull"]
    first = of(events, "move")[0]
    assert {left["reason"] for left in first["left"]} >= {"seeding", "different-exists"}
    assert first["kept"] == 1
    assert first["names"] >= 64
    assert sum(first["verified"].values()) == first["names"]
    check_told(events)
    # What was downloaded meanwhile follows, and is said so at the end.
    assert (demo / "cold/movies/Series/Episode 1.mkv").exists()
    assert len(of(events, "move")) > 1
    links = [demo / "cold/movies/Harbour (2021)" / name
             for name in ("Harbour.mkv", "Harbour - the same file.mkv")]  # fmt: skip
    assert links[0].samefile(links[1])
    aside = [item["path"] for event in of(events, "clean") for item in event["aside"]]
    back = [item["path"] for event in of(events, "undo") for item in event["items"]]
    assert len(aside) == 4
    assert len(back) == 1
    assert set(back) < set(aside)
    assert [Path(path).exists() for path in aside] == [path in back for path in aside]
    summary = of(events, "summary")[-1]
    assert events[-1] is summary
    assert summary["moved"]["names"] == sum(e["names"] for e in of(events, "move"))
    assert (summary["aside"], summary["back"], summary["held"]) == (4, 1, 3)
    check_clean(demo)


@pytest.mark.testbed
def test_stopped_and_gone_on(tmp_path: Path) -> None:
    """Ctrl-C in the middle of a move leaves nothing half done; the next start ends the move."""
    demo = tmp_path / "demo"
    process = start("--demo", demo, "--json")
    wait_for_part(demo)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=60)

    assert process.returncode == 0
    assert "Traceback" not in err
    before = [json.loads(line) for line in out.splitlines()]
    assert before[-1]["kind"] == "summary"
    # A whole copy that was not looked at yet may wait for the next start, under the journal's name.
    assert {left["reason"] for left in before[-1]["left"]} >= {"interrupted"}

    events = run("--demo", demo, "--seconds", "9")

    check_told(events)
    check_moved(demo)
    check_clean(demo)


@pytest.mark.testbed
def test_killed_and_gone_on(tmp_path: Path) -> None:
    """SIGKILL in the middle of a move loses nothing, and the next start ends the move."""
    demo = tmp_path / "demo"
    process = start("--demo", demo, "--json")
    wait_for_part(demo)
    process.kill()
    process.communicate(timeout=60)

    run("--demo", demo, "--seconds", "12")

    check_moved(demo)
    check_clean(demo)


def check_moved(demo: Path) -> None:
    """What is to move has moved; what is to stay has stayed."""
    complete, library = demo / "hot/downloads/complete", demo / "cold/movies"
    for film in ("Harbour (2021)/Harbour.mkv", "Lanterns (2019)/Lanterns.mkv",
                 "Small Hours (2023)/subtitles/000.srt", "Twice (2012)/Twice.mkv"):  # fmt: skip
        assert (library / film).is_file(), film
        assert not (complete / film).exists(), film
    assert (complete / "Seeded (2020)/Seeded.mkv").is_file()
    assert (complete / "Collision (1999)/Collision.mkv").is_file()


def test_refusals(tmp_path: Path) -> None:
    """A folder that is somebody's, a lab that is not there or has no tiers: 2, and why."""
    (tmp_path / "full").mkdir()
    (tmp_path / "full/mine").touch()
    (tmp_path / "lab.yaml").write_text("lab: x\nhosts: {box: {target: compose}}\n", "utf-8")
    for arguments, words in (
        (("--demo", tmp_path / "full"), "is not empty"),
        ((tmp_path / "none.yaml",), "cannot be read"),
        ((tmp_path / "lab.yaml",), "has no tiers"),
        ((tmp_path / "lab.yaml", "--host", "other"), "the lab has no host `other`"),
    ):
        process = start(*arguments)
        _, err = process.communicate(timeout=60)

        assert process.returncode == 2, err
        assert words in err
        assert "= help:" in err
