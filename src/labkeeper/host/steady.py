"""Time that has surely passed, whatever the clock says of the calendar.

A board without a battery boots in 1970, a flat one in any year: what may only happen after some
days must not happen because somebody set a clock.
"""

import ctypes
import time
from typing import Final

from labkeeper.host import kernel, process
from labkeeper.values import dataclass

# adjtimex(2): with no modes it only tells; TIME_ERROR where nothing keeps the clock right.
_SIZE: Final = 256
_TIME_ERROR: Final = 5
_adjtimex: Final = kernel.door("adjtimex", ctypes.c_char_p)


@dataclass(frozen=True, slots=True)
class Moment:
    """What was known at some moment: seconds that had surely passed, and both clocks."""

    passed: float
    boot: str
    since_boot: float
    wall: float
    # Whether something (NTP) kept the calendar's clock right.
    is_kept: bool


def after(before: Moment | None) -> Moment:
    """This moment, so much after another one as is sure."""
    now = Moment(
        0.0, process.this().boot, time.clock_gettime(time.CLOCK_BOOTTIME), time.time(), _is_kept()
    )
    passed = 0.0 if before is None else before.passed + between(before, now)
    return Moment(passed, now.boot, now.since_boot, now.wall, now.is_kept)


def between(before: Moment, now: Moment) -> float:
    """Seconds that surely lie between: across a boot what both clocks agree on, if they are kept.

    Else since the boot, for how long it was off nobody knows. Where nobody tells boots apart, the
    least of what it may have been.
    """
    further = now.since_boot - before.since_boot
    if not before.boot or not now.boot:
        return further if further >= 0 else now.since_boot
    if before.boot == now.boot:
        return max(0.0, further)
    if before.is_kept and now.is_kept:
        return max(now.since_boot, now.wall - before.wall)
    return now.since_boot


def _is_kept() -> bool:
    try:
        return _adjtimex(ctypes.create_string_buffer(_SIZE)) != _TIME_ERROR
    except OSError:
        return False  # nobody may ask (a unit's filter)
