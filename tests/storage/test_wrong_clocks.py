"""A clock that is wrong ends no hold: what was put aside stays as long as it was promised."""

import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from labkeeper.host import steady
from labkeeper.store.quarantine import Item, Quarantine
from tests.storage.cleaner import clean_here, undo_here

DAY = 86400.0
HOLD = timedelta(days=1)


class Clocks:
    """The calendar's, and that which counts from the boot."""

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        self.wall, self.since_boot, self.boot = time.time() + 60, 500.0, "first"
        self.is_kept = False
        patch.setattr(time, "time", lambda: self.wall)
        patch.setattr(steady, "after", self._after)

    def pass_(self, seconds: float) -> None:
        """Time passes, as it does."""
        self.wall += seconds
        self.since_boot += seconds

    def start_anew(self, off: float) -> None:
        """It is off for so long, and starts."""
        self.wall += off
        self.since_boot, self.boot = 20.0, f"after {self.boot}"

    def _after(self, before: steady.Moment | None) -> steady.Moment:
        now = steady.Moment(0.0, self.boot, self.since_boot, self.wall, self.is_kept)
        passed = 0.0 if before is None else before.passed + steady.between(before, now)
        return steady.Moment(passed, self.boot, self.since_boot, self.wall, self.is_kept)


@pytest.fixture
def clocks(monkeypatch: pytest.MonkeyPatch) -> Clocks:
    return Clocks(monkeypatch)


def gone(state: Path, hot: Path) -> int:
    """How many files a cleaning removes for good that wants all the room there is."""
    return len(clean_here(state, hot, hold=HOLD, purges_all=True).purged)


def test_a_clock_that_jumps_ahead(hot: Path, state: Path, clocks: Clocks) -> None:
    """400 days too late, nothing goes; when the hold has really passed, it does."""
    (hot / "film").write_bytes(bytes(5000))
    assert len(clean_here(state, hot, hold=HOLD).aside) == 1
    clocks.wall += 400 * DAY
    assert gone(state, hot) == 0
    clocks.pass_(DAY / 2)
    assert gone(state, hot) == 0
    clocks.start_anew(off=60.0)
    assert gone(state, hot) == 0
    clocks.pass_(DAY)
    assert gone(state, hot) == 1


def test_a_clock_that_was_behind(hot: Path, state: Path, clocks: Clocks) -> None:
    """What is put aside in 1970 is held as long once it is today."""
    (hot / "film").write_bytes(bytes(5000))
    assert len(clean_here(state, hot, hold=HOLD).aside) == 1
    record = Quarantine.open(state)
    record._db.execute("UPDATE item SET at = 3600, held_until = 3600 + ?", (DAY,))
    record.close()
    assert gone(state, hot) == 0
    clocks.pass_(DAY + 1)
    assert gone(state, hot) == 1


def test_days_off_count_where_clocks_are_kept(hot: Path, state: Path, clocks: Clocks) -> None:
    """A machine that is mostly off, with its clock kept by NTP, need not run for as long."""
    clocks.is_kept = True
    (hot / "film").write_bytes(bytes(5000))
    assert len(clean_here(state, hot, hold=HOLD).aside) == 1
    clocks.start_anew(off=2 * DAY)
    assert gone(state, hot) == 1


def test_a_record_of_before(hot: Path, state: Path, clocks: Clocks) -> None:
    """Of what an earlier labkeeper put aside nobody counted: it is held as long again."""
    (hot / "film").write_bytes(bytes(5000))
    assert len(clean_here(state, hot, hold=HOLD).aside) == 1
    record = Quarantine.open(state)
    for change in ("ALTER TABLE item DROP COLUMN since", "DROP TABLE elapsed",
                   "PRAGMA user_version = 3"):  # fmt: skip
        record._db.execute(change)
    record.close()
    clocks.pass_(400 * DAY)
    assert gone(state, hot) == 0
    clocks.pass_(DAY + 1)
    assert gone(state, hot) == 1


def _by_the_calendar(item: Item, now: float, _: float) -> bool:
    return item.held_until <= now


@pytest.mark.parametrize("test", [test_a_clock_that_jumps_ahead, test_a_clock_that_was_behind])
def test_one_that_believes_the_calendar_is_caught(
    hot: Path,
    state: Path,
    clocks: Clocks,
    monkeypatch: pytest.MonkeyPatch,
    test: Callable[[Path, Path, Clocks], None],
) -> None:
    """A purge that looks at the calendar alone loses the file, and these tests see it."""
    monkeypatch.setattr(Item, "is_over", _by_the_calendar)
    with pytest.raises(AssertionError):
        test(hot, state, clocks)
    assert undo_here(state).items == []
