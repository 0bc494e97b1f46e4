"""Hours of rules: over midnight, over the end of a week, and when clocks are put forward."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from labkeeper.keep.hours import closes, opens
from labkeeper.lab.window import Window as Written
from labkeeper.plan import Window

BERLIN = ZoneInfo("Europe/Berlin")


def hours(text: str) -> Window:
    read = Written.parse(text)
    return Window(read.days, read.begin, read.end)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=BERLIN)


@pytest.mark.parametrize(
    ("text", "now", "end"),
    [
        # 2026-11-21 is a Saturday.
        ("01:00-07:00", "2026-11-21 01:00", "2026-11-21 07:00"),
        ("01:00-07:00", "2026-11-21 06:59:59", "2026-11-21 07:00"),
        ("01:00-07:00", "2026-11-21 07:00", None),
        ("22:00-06:00", "2026-11-21 23:00", "2026-11-22 06:00"),
        ("22:00-06:00", "2026-11-22 05:00", "2026-11-22 06:00"),
        ("22:00-06:00", "2026-11-22 12:00", None),
        ("00:00-24:00", "2026-11-21 12:00", "2026-11-22 00:00"),
        ("Fri 22:00-06:00", "2026-11-21 05:00", "2026-11-21 06:00"),
        ("Sat 22:00-06:00", "2026-11-21 05:00", None),
        ("Sat,Sun 08:00-12:00", "2026-11-22 09:00", "2026-11-22 12:00"),
        ("Sat..Mon 08:00-12:00", "2026-11-24 09:00", None),
    ],
)
def test_when_they_end(text: str, now: str, end: str | None) -> None:
    """Inside of them, when that is; outside, none."""
    assert closes(hours(text), at(now)) == (at(end) if end else None)


@pytest.mark.parametrize(
    ("text", "now", "begin"),
    [
        ("01:00-07:00", "2026-11-21 00:00", "2026-11-21 01:00"),
        ("01:00-07:00", "2026-11-21 01:00", "2026-11-22 01:00"),
        ("Sat 22:00-06:00", "2026-11-21 23:00", "2026-11-28 22:00"),
        ("Mon 00:00-24:00", "2026-11-21 12:00", "2026-11-23 00:00"),
    ],
)
def test_when_they_begin(text: str, now: str, begin: str) -> None:
    """The next time, a week ahead at the most."""
    assert opens(hours(text), at(now)) == at(begin)


def test_clocks_that_jump() -> None:
    """Hours are those on the wall: one is missing in spring, and one is there twice in autumn."""
    spring = closes(hours("01:00-07:00"), at("2026-03-29 01:30"))
    autumn = closes(hours("01:00-07:00"), at("2026-10-25 01:30"))
    missing = opens(hours("02:30-04:00"), at("2026-03-29 00:00"))

    assert spring is not None
    assert autumn is not None
    assert spring.timestamp() - at("2026-03-29 01:30").timestamp() == 4.5 * 3600
    assert autumn.timestamp() - at("2026-10-25 01:30").timestamp() == 6.5 * 3600
    assert missing == at("2026-03-29 03:30")
