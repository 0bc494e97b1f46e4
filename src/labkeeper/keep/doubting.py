"""How far earlier forecasts were from what came then: the doubt about this one."""

from bisect import bisect_right
from collections.abc import Sequence
from typing import Final

from labkeeper.keep.growing import Series
from labkeeper.values import dataclass

# Of the parts that were seen: what memories are tried, and the longest way ahead that is (a third).
_MEMORIES: Final = (2.0, 0.25, 0.08)
_LONGEST: Final = 3
_ORIGINS: Final = 120
_GROWS: Final = 1.35
_LOW, _HIGH = 0.1, 0.9
# Before the first forecast that is tried lies a quarter.
_TRIED: Final = 0.75
# Beyond what could be tried: more comes the less evenly, and what stays away may stay away.
_MORE_GROWS, _LESS_GROWS = 0.75, 1.0
# Windows that do not overlap, from which on errors on one side say nothing of the other.
_SIDES: Final = 1.4
# How much wider one single window makes it: chosen by `./lk bench forecast`.
_FEW: Final = 1.4


@dataclass(frozen=True, slots=True)
class Doubt:
    """For ways ahead in seconds: by how much more came than expected, and by how much less."""

    memory: float
    ahead: tuple[float, ...]
    more: tuple[float, ...]
    less: tuple[float, ...]

    def above(self, seconds: float) -> float:
        """Bytes that may come beside those expected."""
        return self._at(seconds, self.more, _MORE_GROWS)

    def below(self, seconds: float) -> float:
        """Bytes of those expected that may not come."""
        return self._at(seconds, self.less, _LESS_GROWS)

    def _at(self, seconds: float, values: Sequence[float], power: float) -> float:
        if not self.ahead or not seconds:
            return 0.0
        at = bisect_right(self.ahead, seconds)
        if at == len(self.ahead):
            return float(values[-1] * (seconds / self.ahead[-1]) ** power)
        right, value = self.ahead[at], values[at]
        left, before = (self.ahead[at - 1], values[at - 1]) if at else (0.0, 0.0)
        return before + (value - before) * (seconds - left) / (right - left)


def doubt_of(series: Series, free: int) -> Doubt:
    """Try earlier forecasts: the memory that would have served best, and its errors."""
    count = len(series.parts)
    ways = _ways(max(1, count // _LONGEST))
    level = series.level(count, count * _MEMORIES[0])
    likely = free / level if level > 0 else ways[-1]
    way = max(0, min(bisect_right(ways, likely), len(ways)) - 1)
    best: tuple[float, float, list[list[float]]] | None = None
    for share in _MEMORIES:
        memory = max(2.0, share * count)
        errors = _errors(series, ways, memory)
        wrong = sum(abs(each) for each in errors[way]) / max(1, len(errors[way]))
        if best is None or wrong < best[0] * 0.9:
            best = (wrong, memory, errors)
    assert best is not None  # noqa: S101  there are memories to try
    _, memory, errors = best
    ahead = tuple(way * series.width for way in ways)
    spread = [_ends(each, count * _TRIED / way) for each, way in zip(errors, ways, strict=True)]
    return Doubt(memory, ahead, tuple(m for m, _ in spread), tuple(less for _, less in spread))


def _ways(longest: int) -> list[int]:
    found = [1]
    while found[-1] < longest:
        found.append(min(longest, max(found[-1] + 1, int(found[-1] * _GROWS))))
    return found


def _errors(series: Series, ways: Sequence[int], memory: float) -> list[list[float]]:
    """For each way ahead: how much more came, at its most, than was expected."""
    parts, shares = series.parts, series.shares
    count = len(parts)
    keep = 0.5 ** (1 / memory)
    first = max(1, count // 4)
    step = max(1, (count - first) // _ORIGINS)
    found: list[list[float]] = [[] for _ in ways]
    bytes_ = usual = 0.0
    for origin in range(count):
        if origin >= first and (origin - first) % step == 0 and usual:
            _try(series, origin, bytes_ / usual, ways, found)
        bytes_ = bytes_ * keep + parts[origin]
        usual = usual * keep + shares[origin]
    return found


def _try(
    series: Series, origin: int, level: float, ways: Sequence[int], found: list[list[float]]
) -> None:
    parts, shares = series.parts, series.shares
    came = most = expected = likely = 0.0
    at = origin
    for number, way in enumerate(ways):
        if origin + way > len(parts):
            break
        while at < origin + way:
            came += parts[at]
            most = max(most, came)
            expected += level * shares[at]
            likely = max(likely, expected)
            at += 1
        found[number].append(most - likely)


def _ends(errors: list[float], windows: float) -> tuple[float, float]:
    """The errors at the interval's ends; few windows that do not overlap know little of them."""
    if not errors:
        return 0.0, 0.0
    ordered = sorted(errors)
    last = len(ordered) - 1
    more = max(0.0, _between(ordered, last * _HIGH))
    less = max(0.0, -_between(ordered, last * _LOW))
    # All on one side by chance: the other side is believed to be as far.
    belief = min(1.0, _SIDES / windows)
    most = max(more, less) * belief
    wider = 1 + _FEW / windows
    return max(more, most) * wider, max(less, most) * wider


def _between(ordered: list[float], at: float) -> float:
    left = int(at)
    right = min(left + 1, len(ordered) - 1)
    return ordered[left] + (ordered[right] - ordered[left]) * (at - left)
