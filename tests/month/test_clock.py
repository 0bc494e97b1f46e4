"""Whole processes believe the clock, and the times of their files agree with it."""

import json
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.month.clock import Clock, told_of

pytestmark = pytest.mark.testbed
BEGIN = datetime(2031, 3, 3, 6, tzinfo=UTC)
HOUR = 3600
_SAY = """
import datetime, json, os, sys, threading, time
name = sys.argv[1]
if not os.path.exists(name):
    open(name, "w").close()
look = os.stat(name)
os.utime(name, ns=(look.st_atime_ns, look.st_mtime_ns))
again = os.lstat(name)
event = threading.Event()
event.wait(0.01)
time.sleep(0.01)
print(json.dumps([time.time(), datetime.datetime.now(datetime.UTC).timestamp(), time.monotonic(),
    look.st_mtime_ns, again.st_mtime_ns, look.st_ctime_ns]))
"""


def say(clock: Clock, folder: Path, name: str) -> list[float]:
    status, text, wrong = told_of(folder, clock.environment, sys.executable, "-S", "-c", _SAY, name)
    assert status == 0, wrong
    said = json.loads(text)
    assert isinstance(said, list)
    return said


def test_it_is_believed(tmp_path: Path) -> None:
    """Time, calendar and files agree; what is set is what was read; waits take what they take."""
    clock = Clock(tmp_path, BEGIN)
    first = say(clock, tmp_path, "a")
    clock.go_to(BEGIN.timestamp() + HOUR)
    old, new = say(clock, tmp_path, "a"), say(clock, tmp_path, "b")

    begin = BEGIN.timestamp()
    for said, hours in ((first, 0), (old, 1), (new, 1)):
        assert 0 <= said[0] - begin - hours * HOUR < 60
        assert 0 <= said[1] - said[0] < 60
    assert old[2] - first[2] > HOUR - 60
    assert first[3] == first[4] == old[3] == old[4]
    assert 0 <= old[3] / 1e9 - begin < 60, "written in the first hour"
    # `utime` changed it again.
    assert HOUR > old[5] / 1e9 - begin > 0
    assert HOUR <= new[3] / 1e9 - begin < HOUR + 60
    assert clock.told((tmp_path / "b").stat().st_mtime_ns) == new[3]


def test_it_may_be_wrong(tmp_path: Path) -> None:
    """After a boot it may say a time long ago; what counts without a calendar still goes on."""
    clock = Clock(tmp_path, BEGIN)
    first = say(clock, tmp_path, "a")
    clock.go_wrong(-9 * HOUR)
    wrong = say(clock, tmp_path, "b")
    assert say(clock, tmp_path, "a")[3] == first[3], "what was read was set again"
    clock.go_wrong(0)
    right = say(clock, tmp_path, "a")

    assert wrong[0] < first[0] < right[0]
    assert wrong[3] == wrong[4] < first[3]
    assert first[2] < wrong[2] < right[2]
    assert right[3] == right[4] == first[3]
