"""What `labkeeper up` says of clips, in lines and as JSON."""

import json
from pathlib import Path

import jsonschema

from labkeeper.cli.up_json import event_line
from labkeeper.cli.up_lines import Wording
from labkeeper.keep.events import Clip, Clipped, Missing, Refused
from labkeeper.report.text import Style
from labkeeper.store.units import Evidence

SCHEMA = json.loads(
    (Path(__file__).parents[2] / "docs/reference/up.schema.json").read_text("utf-8")
)
CLIP = Clip("1.5-abc", "yard\x1b[31m", ("car", "person"), 1.5e9, b"/c/yard/x.mp4", 4096,
            Evidence.MEDIUM)  # fmt: skip
MISSING = Missing("2.5-abc", "gate", 1.5e9, "Frigate has no recording of it", is_final=True)
TOLD = Clipped("people", "frigate", "cold:clips", (CLIP,), (MISSING,))
REFUSED = Clipped(
    "people", "frigate", "cold:clips", refused=Refused("no-room", "full", "make room")
)


def lines(event: Clipped) -> list[str]:
    return Wording({}, "", "labkeeper up").lines(event, Style())


def test_lines() -> None:
    """Which clip came, how it is proven, and what is missing; no name colours a terminal."""
    text = "\n".join(lines(TOLD))

    assert text.startswith("clips     people: frigate to cold:clips: 1 clip, 4.0 KiB copied")
    assert "car, person: re-read from the disk itself" in text
    assert "gate: Frigate has no recording of it; it will not come" in text
    assert "\x1b" not in text


def test_refused_lines() -> None:
    """Why nothing could be copied, and what helps."""
    text = "\n".join(lines(REFUSED))

    assert "people: frigate to cold:clips: nothing was touched: full" in text
    assert "help: make room" in text


def test_json() -> None:
    """Each is what the schema says."""
    for event in (TOLD, REFUSED, Clipped("a", "b", "c")):
        document = json.loads(event_line(event, {}))
        jsonschema.validate(document, SCHEMA)
        assert document["kind"] == "clips"
    told = json.loads(event_line(TOLD, {}))
    assert told["clips"][0]["path"] == "/c/yard/x.mp4"
    assert told["missing"][0]["final"] is True
