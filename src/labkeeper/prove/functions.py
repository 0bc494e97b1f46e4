"""What PromQL's functions make of samples: of one moment's values, and of those in a range."""

import math
import statistics
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Final

from labkeeper.values import dataclass

_START: Final = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Window:
    """The samples of a series in a range, `(time, value)`, oldest first."""

    points: Sequence[tuple[float, float]]
    range: float
    at: float
    # How many samples there are for each one that is here.
    density: float = 1.0

    @property
    def values(self) -> list[float]:
        """The values alone."""
        return [value for _, value in self.points]

    @property
    def enough(self) -> bool:
        """Whether two samples can be compared."""
        return len(self.points) > 1

    @property
    def covered(self) -> float:
        """The seconds from the first sample to the last."""
        return self.points[-1][0] - self.points[0][0]


def _risen(window: Window) -> float:
    """How much a counter has counted, restarts made good."""
    values = window.values
    return sum(after - before if after >= before else after for before, after in pairwise(values))


def _line(window: Window) -> tuple[float, float]:
    """The value now and the slope of the line that fits best."""
    times = [time - window.at for time, _ in window.points]
    slope, now = statistics.linear_regression(times, window.values)
    return now, slope


def _rate(window: Window) -> float | None:
    return _risen(window) / window.covered if window.enough else None


def _increase(window: Window) -> float | None:
    rate = _rate(window)
    return None if rate is None else rate * window.range


def _last_two(window: Window) -> Window | None:
    return Window(window.points[-2:], window.range, window.at) if window.enough else None


def _irate(window: Window) -> float | None:
    last = _last_two(window)
    return _rate(last) if last else None


def _idelta(window: Window) -> float | None:
    last = _last_two(window)
    return last.values[1] - last.values[0] if last else None


def _delta(window: Window) -> float | None:
    if not window.enough:
        return None
    return (window.values[-1] - window.values[0]) / window.covered * window.range


def _deriv(window: Window) -> float | None:
    return _line(window)[1] if window.enough else None


def _count_if(
    test: Callable[[float, float], bool],
) -> Callable[[Window], float | None]:
    def counted(window: Window) -> float | None:
        values = window.values
        pairs = pairwise(values)
        return float(sum(test(before, after) for before, after in pairs)) if values else None

    return counted


def quantile(share: float, values: Sequence[float]) -> float:
    """As Prometheus does it (promql/quantile.go)."""
    if not values or math.isnan(share):
        return math.nan
    if not 0 <= share <= 1:
        return -math.inf if share < 0 else math.inf
    ordered = sorted(values)
    rank = share * (len(ordered) - 1)
    low = math.floor(rank)
    high = min(low + 1, len(ordered) - 1)
    return ordered[low] * (1 - (rank - low)) + ordered[high] * (rank - low)


def predicted(window: Window, seconds: float) -> float | None:
    """Where the line through the samples leads to."""
    if not window.enough:
        return None
    now, slope = _line(window)
    return now + slope * seconds


def _of(calculate: Callable[[list[float]], float]) -> Callable[[Window], float | None]:
    return lambda window: calculate(window.values) if window.points else None


# Functions of a range alone; `quantile_over_time` and `predict_linear` take a number, too.
OF_RANGE: Final[dict[str, Callable[[Window], float | None]]] = {
    "rate": _rate,
    "increase": _increase,
    "irate": _irate,
    "delta": _delta,
    "idelta": _idelta,
    "deriv": _deriv,
    "changes": _count_if(lambda before, after: before != after),
    "resets": _count_if(lambda before, after: after < before),
    "avg_over_time": _of(statistics.fmean),
    "min_over_time": _of(min),
    "max_over_time": _of(max),
    "last_over_time": _of(lambda values: values[-1]),
    "first_over_time": _of(lambda values: values[0]),
    "present_over_time": _of(lambda _values: 1.0),
    "stddev_over_time": _of(statistics.pstdev),
    "stdvar_over_time": _of(statistics.pvariance),
    "mad_over_time": _of(
        lambda values: statistics.median(abs(v - statistics.median(values)) for v in values)
    ),
    "sum_over_time": lambda w: sum(w.values) * w.density if w.points else None,
    "count_over_time": lambda w: len(w.points) * w.density if w.points else None,
}
OF_VALUE: Final[dict[str, Callable[[float], float]]] = {
    "abs": abs,
    "ceil": math.ceil,
    "floor": math.floor,
    "exp": math.exp,
    "ln": math.log,
    "log2": math.log2,
    "log10": math.log10,
    "sqrt": math.sqrt,
    "sgn": lambda value: float((value > 0) - (value < 0)),
    "sort": lambda value: value,
    "sort_desc": lambda value: value,
}
OF_TIME: Final[dict[str, Callable[[datetime], float]]] = {
    "minute": lambda t: t.minute,
    "hour": lambda t: t.hour,
    # Sunday is 0.
    "day_of_week": lambda t: t.isoweekday() % 7,
    "day_of_month": lambda t: t.day,
    "day_of_year": lambda t: t.timetuple().tm_yday,
    "days_in_month": lambda t: ((t.replace(day=28) + timedelta(days=4)).replace(day=1)
                                - timedelta(days=1)).day,
    "month": lambda t: t.month,
    "year": lambda t: t.year,
}  # fmt: skip
# What each gives at the least and at the most.
TIME_RANGES: Final[dict[str, tuple[float, float]]] = {
    "minute": (0, 59),
    "hour": (0, 23),
    "day_of_week": (0, 6),
    "day_of_month": (1, 31),
    "day_of_year": (1, 366),
    "days_in_month": (28, 31),
    "month": (1, 12),
    "year": (1970, math.inf),
}


def of_time(name: str, seconds: float) -> float:
    """What a clock in UTC shows."""
    try:
        return float(OF_TIME[name](_START + timedelta(seconds=seconds)))
    except OverflowError:
        return math.nan


def aggregate(name: str, values: Sequence[float], parameter: float) -> float:
    """Many values made into one."""
    match name:
        case "sum":
            return math.fsum(values)
        case "min":
            return min(values)
        case "max":
            return max(values)
        case "avg":
            return statistics.fmean(values)
        case "group":
            return 1.0
        case "count":
            return float(len(values))
        case "stddev":
            return statistics.pstdev(values)
        case "stdvar":
            return statistics.pvariance(values)
        case "quantile":
            return quantile(parameter, values)
    return math.nan


def bucket_quantile(share: float, buckets: Sequence[tuple[float, float]]) -> float:
    """The quantile of cumulative `(le, count)` buckets (promql/quantile.go, bucketQuantile)."""
    ordered = sorted(buckets)
    if len(ordered) < 2 or not math.isinf(ordered[-1][0]) or not 0 <= share <= 1:
        return math.nan
    total = ordered[-1][1]
    if total == 0:
        return math.nan
    rank = share * total
    at = next((n for n, (_, count) in enumerate(ordered[:-1]) if count >= rank), len(ordered) - 1)
    if at == len(ordered) - 1:
        return ordered[-2][0]
    end, count = ordered[at]
    if at == 0 and end <= 0:
        return end
    start, before = ordered[at - 1] if at else (0.0, 0.0)
    inside = count - before
    return start + (end - start) * ((rank - before) / inside) if inside else start
