import subprocess
from datetime import UTC, datetime

import pytest

from labkeeper.keep.schedule import next_after
from tests.programs import program

NOW = datetime(2026, 11, 21, 16, 9, 7, tzinfo=UTC)  # a Saturday


@pytest.mark.parametrize(
    ("schedule", "then"),
    [
        ("hourly", "2026-11-21T17:00:00"),
        ("daily", "2026-11-22T00:00:00"),
        ("weekly", "2026-11-23T00:00:00"),
        ("quarterly", "2027-01-01T00:00:00"),
        ("*:0/15", "2026-11-21T16:15:00"),
        ("*:*:0/5", "2026-11-21T16:09:10"),
        ("*:0/15:30", "2026-11-21T16:15:30"),
        ("03:00", "2026-11-22T03:00:00"),
        ("Sun 03:00", "2026-11-22T03:00:00"),
        ("Mon..Fri 03:00", "2026-11-23T03:00:00"),
        ("Mon,Thu *-*-* 00:00", "2026-11-23T00:00:00"),
        ("*-*-01 04:30", "2026-12-01T04:30:00"),
        ("*-*~1", "2026-11-30T00:00:00"),
        ("*-02-29", "2028-02-29T00:00:00"),
        ("Mon *-*-01", "2027-02-01T00:00:00"),
        ("16..18:30", "2026-11-21T16:30:00"),
        ("*-*-* 06:00 America/New_York", "2026-11-22T11:00:00"),
        ("27-01-02", "2027-01-02T00:00:00"),
        ("@1800000000", "2027-01-15T08:00:00"),
    ],
)
def test_calendar(schedule: str, then: str) -> None:
    """What systemd's words mean."""
    found = next_after(schedule, NOW)

    assert found is not None
    assert found.astimezone(UTC).replace(tzinfo=None).isoformat() == then


@pytest.mark.parametrize(
    ("schedule", "then"),
    [
        ("0 3 * * *", "2026-11-22T03:00:00"),
        ("*/15 * * * mon-fri", "2026-11-23T00:00:00"),
        ("@hourly", "2026-11-21T17:00:00"),
        ("0 0 13 * fri", "2026-11-27T00:00:00"),
        ("0 0 * * 7", "2026-11-22T00:00:00"),
        ("30 4 1-7 jan *", "2027-01-01T04:30:00"),
    ],
)
def test_cron(schedule: str, then: str) -> None:
    """What cron's fields mean; a day of the month and one of the week are either enough."""
    found = next_after(schedule, NOW)

    assert found is not None
    assert found.replace(tzinfo=None).isoformat() == then


def test_past() -> None:
    """What lies behind does not come again."""
    assert next_after("2020-01-01", NOW) is None
    assert next_after("@0", NOW) is None


@pytest.mark.parametrize(
    "schedule",
    ["Mon..Fri 03:00", "*-*~3/2", "Sat,Sun *-*-* 10..12:0/20", "*-02-29", "*:*:0/7", "27-01-02"],
)
def test_beside_systemd(schedule: str) -> None:
    """systemd's own tool finds the same time."""
    said = subprocess.run(
        [program("systemd-analyze"), "calendar", f"--base-time={NOW:%Y-%m-%d %H:%M:%S} UTC",
         schedule],
        check=True, capture_output=True, text=True, env={"TZ": "UTC", "LC_ALL": "C"},
    ).stdout  # fmt: skip
    wanted = next(line for line in said.splitlines() if "Next elapse:" in line)
    found = next_after(schedule, NOW)

    assert found is not None
    assert f"{found:%Y-%m-%d %H:%M:%S}" in wanted
