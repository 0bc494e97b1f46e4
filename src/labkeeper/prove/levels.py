"""How single series have to run for a function of them to have a value."""

import math
from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from labkeeper.promql import Call, Query, Selector, Subquery, constant, walk
from labkeeper.prove.line import Course
from labkeeper.prove.world import Phase, World
from labkeeper.values import dataclass

# The bounds that client_golang gives a histogram when it is told none (prometheus.DefBuckets).
_SLOPES: Final = frozenset({"rate", "irate", "increase", "delta", "idelta", "deriv"})
_OF_LEVEL: Final = frozenset({"avg", "min", "max", "last", "first", "quantile"})


@dataclass(frozen=True, slots=True)
class Levels:
    """Sets series of a phase so that something is so at a time."""

    phase: Phase
    at: float

    def level(self, selector: Selector, value: float, world: World) -> Iterator[World]:
        """Worlds in which the series that a selector picks have a value: all, or the first."""
        indices = world.index(selector)
        at = self.at - selector.offset
        for some in (indices, indices[:1]) if len(indices) > 1 else (indices,):
            given = {n: self._at_level(world, n, value, at) for n in some}
            found = world.put(given, self.phase) if given else None
            if found:
                yield found

    def _at_level(self, world: World, index: int, value: float, at: float) -> Course:
        line, now = world.lines[index], world.courses(self.phase)[index]
        match line.kind:
            case "stamp":
                return Course(value - at, slope=1.0)
            case "counter":
                start = world.clock.wrong if self.phase == "wrong" else 0.0
                return replace(now, slope=max(0.0, value / max(at - start, 1.0)))
            case "gauge":
                return Course(value)

    def call(self, node: Call, value: float, world: World) -> Iterator[World] | None:
        """The same for a function of a range; none where it is no such function."""
        where = next((a for a in node.arguments if isinstance(a, Selector)), None)
        name = node.name
        if name == "timestamp":
            return iter((world,))
        if where is None or where.range is None:
            subquery = next((a for a in node.arguments if isinstance(a, Subquery)), None)
            return None if subquery is None else self._of_subquery(node, subquery, value, world)
        if name in _SLOPES:
            lasts = where.range if name in {"increase", "delta"} else 1.0
            lasts = world.interval(where) if name == "idelta" else lasts
            return self._slope(where, value / lasts, world)
        if name == "predict_linear":
            ahead = constant(node.arguments[1]) or 0.0
            return self._leading(where, value, ahead, world)
        if name in {"changes", "resets"}:
            return self._changing(where, value, world)
        if name in {"sum_over_time", "count_over_time"}:
            count = max(1.0, where.range / world.interval(where))
            return self.level(where, value / count, world)
        if name in {"stddev_over_time", "stdvar_over_time"}:
            return self._swinging(where, value, world)
        return self.level(where, value, world)

    def _of_subquery(
        self, node: Call, where: Subquery, value: float, world: World
    ) -> Iterator[World] | None:
        """A range of one rate is a rate of its kind; nothing deeper is tried."""
        if node.name.removesuffix("_over_time") in _OF_LEVEL:
            inner = where.body
            if isinstance(inner, Call):
                return self.call(inner, value, world)
        return None

    def _slope(self, where: Selector, slope: float, world: World) -> Iterator[World]:
        indices = world.index(where)
        for some in (indices, indices[:1]) if len(indices) > 1 else (indices,):
            given = {n: self._sloping(world, n, slope) for n in some}
            found = world.put(given, self.phase) if given else None
            if found:
                yield found

    def _sloping(self, world: World, index: int, slope: float) -> Course:
        line, now = world.lines[index], world.courses(self.phase)[index]
        if line.kind == "counter":
            return Course(slope=slope)
        if line.kind == "stamp":
            return Course(now.level, slope=slope)
        lasts = world.clock.lasts if self.phase == "wrong" else world.clock.wrong
        low = -math.inf if line.metric.low is None else line.metric.low
        high = math.inf if line.metric.high is None else line.metric.high
        above = world.upper(index)
        if above is not None:
            high = min(high, world.courses(self.phase)[above].level)
        # It starts where it stays within its bounds to the end.
        level = max(low, min(now.level, high - slope * lasts))
        level = max(level, low - slope * lasts) if slope < 0 else level
        return Course(level, slope=slope)

    def _leading(
        self, where: Selector, value: float, ahead: float, world: World
    ) -> Iterator[World]:
        """A line that is at a value some time ahead, from where the series are and from others."""
        for index in world.index(where):
            now = world.courses(self.phase)[index]
            for factor in (1.0, 0.5, 0.1):
                level = now.level * factor
                past = self.at - world.clock.wrong if self.phase == "wrong" else 0.0
                slope = (value - level) / max(ahead + past, 1.0)
                for steep in (slope, slope * 1.2, slope * 2):
                    found = world.put({index: Course(level, slope=steep)}, self.phase)
                    if found:
                        yield found

    def _changing(self, where: Selector, value: float, world: World) -> Iterator[World]:
        indices = world.index(where)
        if value < 1:
            given = {n: replace(world.courses(self.phase)[n], every=0.0) for n in indices}
        else:
            every = (where.range or 0.0) / (value + 1)
            if every < 2 * world.interval(where):
                every = (where.range or 0.0) / max(value, 1.0)
            given = {
                n: replace(world.courses(self.phase)[n], every=every, slope=1.0) for n in indices
            }
        found = world.put(given, self.phase) if given else None
        if found:
            yield found

    def _swinging(self, where: Selector, value: float, world: World) -> Iterator[World]:
        every = max(2 * world.interval(where), (where.range or 0.0) / 8)
        given = {
            n: replace(world.courses(self.phase)[n], every=every, slope=2 * value + 1)
            for n in world.index(where)
        }
        found = world.put(given, self.phase) if given else None
        if found:
            yield found

    def quantile(self, node: Call, value: float, world: World) -> Iterator[World]:
        """All that is counted falls into the bucket just above a value."""
        selectors = [n for n in walk(node) if isinstance(n, Selector)]
        for selector in selectors[:1]:
            ends = {n: _end(world, n) for n in world.index(selector)}
            finite = sorted({end for end in ends.values() if not math.isinf(end)})
            for low in [end for end in finite if end >= value] or finite[-1:]:
                given = {n: Course(slope=1.0 if end > low else 0.0) for n, end in ends.items()}
                found = world.put(given, self.phase)
                if found:
                    yield found


def _end(world: World, index: int) -> float:
    text = dict(world.lines[index].labels).get("le", "")
    try:
        return float(text.replace("+Inf", "inf"))
    except ValueError:
        return math.nan


def ranges(node: Query) -> Iterator[float]:
    """How far back the parts of an expression look."""
    for inner in walk(node):
        if isinstance(inner, Selector):
            yield (inner.range or 0.0) + abs(inner.offset)
        elif isinstance(inner, Subquery):
            yield inner.range
