"""What came in, in parts of equal length; and what is expected by the hour and the day."""

import math
from collections import defaultdict
from collections.abc import Mapping, Sequence
from itertools import accumulate
from statistics import fmean, variance
from typing import Final

from labkeeper.values import dataclass

HOUR: Final = 3600.0
_DAY: Final = 86400.0
_MOST: Final = 8 * 168  # parts
# Days before an hour of the day, and weeks before a day of the week, say something of the next.
_DAYS: Final = 4
_WEEKS: Final = 2
# Monday is the fourth day from the first of January 1970.
_THURSDAY: Final = 3


@dataclass(frozen=True, slots=True)
class Growth:
    """What came in between two looks, labkeeper's own moves and cleanings aside."""

    since: float
    until: float
    bytes: int


@dataclass(frozen=True, slots=True)
class Series:
    """Bytes in each part, and the share of it that its hour and day explain (1 is usual)."""

    width: float
    parts: tuple[float, ...]
    shares: tuple[float, ...]
    # The most that has come, in usual parts, at the end of each of the next hours of a week; and
    # what comes in a whole one. Empty where too little was seen to tell hours apart.
    peaks: tuple[float, ...] = ()
    weekly: float = 0.0

    @property
    def seen(self) -> float:
        """How long it is."""
        return self.width * len(self.parts)

    def expected(self, seconds: float, memory: float) -> float:
        """Bytes that come in so many seconds, if the last parts count the most."""
        return self.level(len(self.parts), memory) * self._ahead(seconds)

    def level(self, end: int, memory: float) -> float:
        """Bytes in a usual part, as it looked before the part `end`."""
        keep = 0.5 ** (1 / memory)
        bytes_, shares = 0.0, 0.0
        for part, share in zip(self.parts[:end], self.shares[:end], strict=True):
            bytes_ = bytes_ * keep + part
            shares = shares * keep + share
        return bytes_ / shares if shares else 0.0

    def _ahead(self, seconds: float) -> float:
        """The most that has come by then, in usual parts."""
        if not self.peaks:
            return seconds / self.width
        weeks, hours = divmod(seconds / HOUR, len(self.peaks))
        whole = int(hours)
        left = self.peaks[whole - 1] if whole else 0.0
        rest = left + (self.peaks[whole] - left) * (hours - whole)
        if not weeks:
            return rest
        return weeks * self.weekly + max(rest, self.peaks[-1] - self.weekly)


def series_of(grown: Sequence[Growth], zone: float) -> Series:
    """Parts of equal length of what was seen; where nobody looked, nothing is supposed."""
    seen = sum(each.until - each.since for each in grown)
    width = HOUR if seen >= 2 * _DAY else max(seen / len(grown), seen / 400)
    bytes_: dict[int, float] = defaultdict(float)
    looked: dict[int, float] = defaultdict(float)
    for each in grown:
        _spread(each, zone, width, (bytes_, looked))
    numbers = [n for n in sorted(looked) if looked[n] >= width / 2][-_MOST:]
    parts = tuple(bytes_[n] * width / looked[n] for n in numbers)
    week = _week(numbers, parts) if width == HOUR else ()
    shares = tuple(week[n % 168] if week else 1.0 for n in numbers)
    if not week:
        return Series(width, parts, shares)
    ahead = list(accumulate(week[n % 168] for n in range(numbers[-1] + 1, numbers[-1] + 169)))
    return Series(width, parts, shares, tuple(accumulate(ahead, max, initial=0.0))[1:], ahead[-1])


def _spread(
    each: Growth, zone: float, width: float, to: tuple[dict[int, float], dict[int, float]]
) -> None:
    """A growth that goes over the edge of a part is some of both."""
    bytes_, looked = to
    rate = each.bytes / (each.until - each.since)
    at, end = each.since + zone, each.until + zone
    while at < end:
        number = math.floor(at / width + 1e-9)
        edge = min(end, (number + 1) * width)
        if edge <= at:
            break
        bytes_[number] += rate * (edge - at)
        looked[number] += edge - at
        at = edge


def _week(numbers: Sequence[int], parts: Sequence[float]) -> tuple[float, ...]:
    """How usual each hour of a week is, as far as the days and weeks that were seen agree."""
    days: dict[int, list[float]] = defaultdict(list)
    hours: dict[int, list[float]] = defaultdict(list)
    for number, part in zip(numbers, parts, strict=True):
        days[number // 24].append(part)
        hours[number % 24].append(part)
    if len(days) < _DAYS or sum(parts) <= 0:
        return ()
    of_hour = _usual(hours)
    weekdays: dict[int, list[float]] = defaultdict(list)
    for day, each in days.items():
        if len(each) == 24:
            weekdays[(day + _THURSDAY) % 7].append(sum(each))
    of_day = _usual(weekdays) if len(days) >= 7 * _WEEKS else {}
    week = [
        of_hour.get(n % 24, 1.0) * of_day.get((n // 24 + _THURSDAY) % 7, 1.0) for n in range(168)
    ]
    usual = sum(week) / 168
    return tuple(each / usual for each in week) if usual > 0 else ()


def _usual(groups: Mapping[int, Sequence[float]]) -> dict[int, float]:
    """How usual each group is, drawn to the middle as far as chance explains that they differ."""
    means = {key: fmean(each) for key, each in groups.items()}
    middle = fmean(means.values())
    chances = [variance(each) / len(each) for each in groups.values() if len(each) > 1]
    apart = fmean((mean - middle) ** 2 for mean in means.values())
    if middle <= 0 or not chances or not apart:
        return {}
    belief = max(0.0, 1 - fmean(chances) / apart)
    return {key: 1 + belief * (mean / middle - 1) for key, mean in means.items()}
