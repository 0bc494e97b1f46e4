"""How much time has surely passed, when clocks are set and machines are off."""

from dataclasses import replace

import pytest

from labkeeper.host import steady
from labkeeper.host.steady import Moment, between

DAY = 86400.0
AT = Moment(0.0, "this boot", 1000.0, 2e9, is_kept=True)


@pytest.mark.parametrize(
    ("now", "surely"),
    [
        (replace(AT, since_boot=1060.0, wall=2e9 + 60), 60.0),
        # Somebody set the clock: a year ahead, or back to 1970.
        (replace(AT, since_boot=1060.0, wall=2e9 + 365 * DAY), 60.0),
        (replace(AT, since_boot=1060.0, wall=0.0), 60.0),
        # It was off for a day, and both clocks are kept right.
        (replace(AT, boot="next", since_boot=30.0, wall=2e9 + DAY), DAY),
        # It was off, and its clock is anybody's guess: before, or now.
        (replace(AT, boot="next", since_boot=30.0, wall=2e9 + 365 * DAY, is_kept=False), 30.0),
        (replace(AT, boot="next", since_boot=30.0, wall=0.0, is_kept=False), 30.0),
        (replace(AT, boot="next", since_boot=30.0, wall=0.0), 30.0),
        # Nobody tells boots apart: the same, or the next and no shorter.
        (replace(AT, boot="", since_boot=1060.0, wall=2e9 + DAY), 60.0),
        (replace(AT, boot="", since_boot=30.0, wall=2e9 + DAY), 30.0),
    ],
)
def test_what_is_sure(now: Moment, surely: float) -> None:
    """Within a boot its own clock counts; across one, two that are kept right, else its length."""
    assert between(AT, now) == surely


def test_a_clock_that_was_wrong_before() -> None:
    """That it is right now says nothing of when it was not."""
    wrong = replace(AT, wall=0.0, is_kept=False)
    assert between(wrong, replace(AT, boot="next", since_boot=30.0)) == 30.0


def test_it_goes_on() -> None:
    """What had passed before is counted on."""
    first = steady.after(None)
    second = steady.after(replace(first, passed=500.0))
    assert first.passed == 0.0
    assert 500.0 <= second.passed < 560.0
