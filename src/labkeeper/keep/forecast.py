"""When a tier is full, and how sure that is: an interval that held in four of five cases before.

What was seen is asked twice: how fast it grows, by hour and day where enough days were seen; and
how far such an answer, given earlier, was from what came then. The errors of earlier answers are
the doubt about this one: nothing is supposed of how files come.
"""

from collections.abc import Callable, Sequence
from typing import Final

from labkeeper.keep.doubting import Doubt, doubt_of
from labkeeper.keep.growing import Growth, Series, series_of
from labkeeper.values import dataclass

__all__ = ["Forecast", "Growth", "foresee"]

_FEWEST: Final = 6  # intervals between looks
_SHORTEST: Final = 5.0  # seconds
# What clients fetch comes as fast as in the busiest of twenty parts; in one of ten cases not all of
# it by then. `./lk bench forecast` shows what follows: 0.9 holds in half of all cases.
_BUSIEST: Final = 0.95
_SURE: Final = 0.7
_STEP: Final = 1.12  # from one moment ahead that is looked at to the next


@dataclass(frozen=True, slots=True)
class Forecast:
    """Bytes a second, and between which two in four of five cases, over how long it was seen.

    The seconds until the tier is full are none where it does not fill within reach: at the lowest
    growth that is likely, perhaps never.
    """

    rate: float
    lowest: float
    highest: float
    seen: float
    full_in: float | None
    earliest: float | None
    latest: float | None
    # Bytes of it that clients have asked for.
    outstanding: int = 0


def foresee(
    grown: Sequence[Growth], free: int, reach: float, *, outstanding: int = 0, zone: float = 0.0
) -> Forecast | None:
    """None where too little was seen to say anything.

    `outstanding` bytes are what download clients are about to fetch; `zone` is how far the lab's
    clocks are before the times of `grown`.
    """
    known = [each for each in grown if each.until > each.since]
    seen = sum(each.until - each.since for each in known)
    if len(known) < _FEWEST or seen < _SHORTEST:
        return None
    series = series_of(known, zone)
    doubt = doubt_of(series, free)
    curves = _Curves(series, doubt, outstanding, _pace(series))
    ahead = _moments(series.width, reach)
    middle = _reaches(free, ahead, curves.middle)
    earliest = _reaches(free, ahead, curves.upper)
    latest = _reaches(free, ahead, curves.lower)
    day = min(reach, max(middle or 0.0, series.seen / 4))
    rates = [curve(day) / day for curve in (curves.middle, curves.lower, curves.upper)]
    return Forecast(
        rates[0], min(rates[:2]), max(rates[0], rates[2]), seen,
        _within(middle, earliest, latest), earliest, latest, outstanding,
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Curves:
    """Bytes that come within so many seconds: most likely, and at the ends of the interval."""

    series: Series
    doubt: Doubt
    outstanding: int
    pace: float

    def middle(self, seconds: float) -> float:
        """What is expected, and what was asked for at the least."""
        return max(self._expected(seconds), self._asked(seconds))

    def upper(self, seconds: float) -> float:
        """More comes in one of ten cases."""
        return self.middle(seconds) + self.doubt.above(seconds)

    def lower(self, seconds: float) -> float:
        """Less comes in one of ten cases: nights are quiet, and what was asked for may fail."""
        least = self._expected(seconds) - self.doubt.below(seconds)
        return max(least, _SURE * self._asked(seconds))

    def _expected(self, seconds: float) -> float:
        return self.series.expected(seconds, self.doubt.memory)

    def _asked(self, seconds: float) -> float:
        return min(float(self.outstanding), self.pace * seconds)


def _pace(series: Series) -> float:
    """Bytes a second, when much comes."""
    parts = sorted(series.parts)
    return max(0.0, parts[int(_BUSIEST * (len(parts) - 1))]) / series.width


def _moments(width: float, reach: float) -> list[float]:
    """Moments ahead, the later the farther apart."""
    found = [0.0]
    step = width / 4
    while found[-1] < reach:
        found.append(min(reach, found[-1] + step))
        step = max(step, found[-1] * (_STEP - 1))
    return found


def _reaches(free: int, ahead: Sequence[float], curve: Callable[[float], float]) -> float | None:
    """The first moment at which so much has come."""
    if free <= 0:
        return 0.0
    before, had = 0.0, 0.0
    for moment in ahead[1:]:
        has = curve(moment)
        if has >= free:
            return before + (moment - before) * (free - had) / (has - had)
        before, had = moment, has
    return None


def _within(middle: float | None, earliest: float | None, latest: float | None) -> float | None:
    """The middle, never outside of its own interval."""
    if middle is None or earliest is None:
        return None
    return max(earliest, middle if latest is None else min(middle, latest))
