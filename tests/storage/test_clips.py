"""A clip's name says all that its retention needs, and no camera's name leads anywhere else."""

import os
import time
from datetime import timedelta, timezone
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labkeeper.storage.candidates import Rule
from labkeeper.storage.cleaning import CleanRequest, clean
from labkeeper.storage.clips import Keeping, name_of
from labkeeper.store.quarantine import Quarantine

DAY = 86400.0
T = 1795269802.475377
NUMBER = f"{T}-mxklsc"
EAST = timezone(timedelta(hours=1))
KEEPING = Keeping(30 * DAY, (("person", 90 * DAY), ("cat", 7 * DAY)))


def test_a_name() -> None:
    """A person finds it: the camera, the day, the time there, and what is seen."""
    found = name_of("front_door", ("car", "person"), NUMBER, T, EAST)

    assert found == b"front_door/2026-11-21/15-03-22_car+person_1795269802.475377-mxklsc.mp4"
    assert name_of("yard", (), NUMBER, T, EAST).startswith(b"yard/2026-11-21/15-03-22_event_")


@pytest.mark.parametrize(
    ("camera", "folder"),
    [
        ("../../etc", b"etc"), ("..", b"camera"), ("/", b"camera"), ("a/b\0c\nd", b"a-b-c-d"),
        (".hidden", b"hidden"), ("Garten Süd", "Garten-Süd".encode()), ("x" * 300, b"x" * 64),
    ],
)  # fmt: skip
def test_cameras(camera: str, folder: bytes) -> None:
    """Whatever a camera is called, its clips lie in one folder below."""
    assert name_of(camera, ("person",), NUMBER, T, EAST).split(b"/")[0] == folder


@given(st.text(max_size=80), st.lists(st.text(max_size=90), max_size=12))
def test_no_name_leads_out(camera: str, labels: list[str]) -> None:
    """Three parts, none hidden and none too long; and its retention reads it back."""
    found = name_of(camera, KEEPING.ordered(labels), NUMBER, T, EAST)
    parts = found.split(b"/")

    assert len(parts) == 3
    assert all(part[:1] not in (b"", b".") and len(part) <= 255 for part in parts)
    assert b"\0" not in found
    seconds, _ = KEEPING.of(labels)
    assert KEEPING.overdue([found], T + seconds - 1) is None
    assert KEEPING.overdue([found], T + seconds + 1) is not None


@pytest.mark.parametrize(
    ("labels", "days", "why"),
    [
        (("person",), 90, "`person` is kept for 90d"),
        (("car", "cat"), 30, "`car` is kept for 30d"),
        (("cat",), 7, "`cat` is kept for 7d"),
        (("cat", "person"), 90, "`person` is kept for 90d"),
        ((), 30, "it is kept for 30d"),
    ],
)
def test_how_long(labels: tuple[str, ...], days: int, why: str) -> None:
    """What is kept longest of all that is seen decides."""
    found = name_of("yard", KEEPING.ordered(labels), NUMBER, T, None)

    assert KEEPING.overdue([found], T + days * DAY - 1) is None
    assert KEEPING.overdue([found], T + days * DAY + 1) == why


@pytest.mark.parametrize(
    "name",
    [
        b"holiday.mp4", b"yard/2026-11-21/film.mp4", b"yard/2026-11-21/15-03-22_person.mp4",
        b"a/b/2026-11-21/15-03-22_person_1.5-abcdef.mp4",
        b"yard/2026-11-21/15-03-22_person_1.5-abcdef.mp4.part",
        b"yard/2026-11-21/15-03-22_person_1.5-abcdef.mp4/x",
        b"yard/2026-11-21/15-03-22_person_1" + b"0" * 400 + b"-abcdef.mp4",
        b"yard/2026-11-21/15-03-22_person_\xff-abcdef.mp4",
    ],
)  # fmt: skip
def test_what_is_no_clip(name: bytes) -> None:
    """What labkeeper did not name stays for ever."""
    assert KEEPING.overdue([name], 1e12) is None
    ours = name_of("yard", ("person",), NUMBER, T, None)
    assert KEEPING.overdue([ours, name], 1e12) is None


def cleaned(folder: Path, state: Path, *, is_sure: bool = True) -> set[str]:
    """What was put aside."""
    record = Quarantine.open(state)
    try:
        request = CleanRequest(
            path=str(folder), rule=Rule(timedelta(), clips=KEEPING), keep_free=None,
            hold=timedelta(0), most_files=1000, most_share=0.25, is_sure=is_sure,
            is_dry_run=False, purges_all=True,
        )  # fmt: skip
        report = clean(request, record)
    finally:
        record.close()
    return {os.fsdecode(item.names[0]) for item in report.aside}


def test_the_engine(tmp_path: Path) -> None:
    """It takes what is over its time, though it was copied just now, and nothing else."""
    (tmp_path / "state").mkdir()
    clips = tmp_path / "clips"
    now = time.time()
    put = {}
    for label, days in (("person", 80), ("person", 91), ("car", 31), ("car", 29), ("cat", 8)):
        began = now - days * DAY
        name = os.fsdecode(name_of("yard", (label,), f"{began:.3f}-abcdef", began, None))
        put[label, days] = name
    for name in (*put.values(), "notes.txt"):
        (clips / name).parent.mkdir(parents=True, exist_ok=True)
        (clips / name).write_bytes(bytes(5000))

    assert cleaned(clips, tmp_path / "state") == {
        put["person", 91], put["car", 31], put["cat", 8]
    }  # fmt: skip
    left = {str(p.relative_to(clips)) for p in clips.rglob("*.*") if p.is_file()}
    assert {put["person", 80], put["car", 29], "notes.txt"} <= left
