import pytest

from labkeeper.lab.cron import Schedule
from labkeeper.targets.calendar import on_calendar
from tests.programs import program, said


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("daily", ("daily",)),
        ("Sun 04:30", ("Sun 04:30",)),
        ("@weekly", ("weekly",)),
        ("@midnight", ("daily",)),
        ("0 4 * * 1", ("Mon *-*-* 4:0:00",)),
        ("*/15 * * * *", ("*-*-* *:0/15:00",)),
        ("5 1-6/2 1,15 jan-mar *", ("*-1..3-1,15 1..6/2:5:00",)),
        ("0 3 * * 5-7", ("Sun,Fri,Sat *-*-* 3:0:00",)),
        ("0 3 * * */2", ("Sun,Tue,Thu,Sat *-*-* 3:0:00",)),
        ("0 3 * * 0-6", ("*-*-* 3:0:00",)),
        # Either of the days is enough to cron.
        ("0 3 13 * fri", ("*-*-13 3:0:00", "Fri *-*-* 3:0:00")),
    ],
)
def test_cron_becomes_what_systemd_takes(text: str, expected: tuple[str, ...]) -> None:
    """The same times, and systemd itself takes them."""
    found = on_calendar(Schedule.parse(text))
    assert found == expected
    for each in found:
        status, out = said(program("systemd-analyze"), "calendar", each)
        assert status == 0, out
