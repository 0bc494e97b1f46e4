"""The clock of a test: how long all is well, wrong, and well again, and in which steps."""

import math
from dataclasses import replace
from typing import Final

from labkeeper.checks.alerting.delay import looks_back
from labkeeper.plan import Rule
from labkeeper.promql import Call, Query, Selector, Subquery, walk
from labkeeper.prove.line import Clock, Line
from labkeeper.values import dataclass

# More evaluations than this would cost promtool more than they tell.
_MOST_STEPS: Final = 100
_MOST_SAMPLES: Final = 1000
# A plain selector looks back five minutes; samples stand nearer than that.
_SPARSEST: Final = 120.0


@dataclass(frozen=True, slots=True)
class Tempo:
    """A clock, and the steps in which rules are evaluated and series are written."""

    clock: Clock
    evaluation: float
    # How many times further apart than they are scraped samples are written.
    thinned: int
    hold: float
    keep: float
    # How old the newest sample can be.
    scrape: float

    @property
    def bound(self) -> float:
        """By when the alert fires, counted from promtool's 0."""
        return self.clock.well

    def interval(self, line: Line) -> float:
        """How far apart a series' samples are written."""
        return line.interval * self.thinned

    def step(self, lines: tuple[Line, ...]) -> float:
        """What all intervals are multiples of, in whole milliseconds."""
        counts = {round(self.interval(line) * 1000) for line in lines} or {60_000}
        return math.gcd(*counts) / 1000

    @property
    def calm(self) -> "Tempo":
        """The same for a world in which nothing is ever wrong: until every range is full."""
        end = self.clock.wrong + self.evaluation
        return replace(self, clock=Clock(end, end, end))

    def period(self, lines: tuple[Line, ...]) -> float:
        """When a calm may be followed by another one that no range still sees any of."""
        grid = math.lcm(round(self.step(lines) * 1000), round(self.evaluation * 1000)) / 1000
        return _up(self.calm.clock.end + self.clock.wrong + self.evaluation, grid)

    @property
    def lasting(self) -> "Tempo":
        """The same for a world in which it fires all the time: it also has to hold."""
        clock = self.clock
        end = clock.lasts + self.evaluation
        return replace(self, clock=Clock(clock.end, clock.end, end))

    def shifted(self, seconds: float) -> "Tempo":
        """The same at another time of the day."""
        clock = self.clock
        moved = Clock(clock.wrong + seconds, clock.well + seconds, clock.end + seconds)
        return replace(self, clock=moved)


def tempo(
    rule: Rule, roots: tuple[Query, ...], lines: tuple[Line, ...], evaluation: float
) -> Tempo:
    """The clock for a rule, from how far it looks back and how long it has to hold."""
    hold, keep = rule.hold or 0.0, rule.keep_firing or 0.0
    past = sum(looks_back(root) for root in roots)
    slowest = max((line.interval for line in lines), default=60.0)
    shortest = shortest_range(roots)
    well, wrong, after = past + 2 * slowest, past + 2 * slowest + hold, past + 2 * slowest + keep
    whole = well + wrong + after
    most = _MOST_STEPS if shortest >= 4 * slowest else 4 * _MOST_STEPS
    # In a range with few samples, the moment of the evaluation tells what is found.
    every = evaluation * max(1, math.ceil(whole / evaluation / most))
    calm, bad, over = _up(well + every, every), _up(wrong + 3 * every, every), _up(after, every)
    clock = Clock(calm, calm + bad, calm + bad + over + 4 * every)
    thinned = _thinned(clock.end, lines, shortest)
    return Tempo(clock, every, thinned, hold, keep, slowest * thinned)


def shortest_range(roots: tuple[Query, ...]) -> float:
    """The shortest range that is looked at."""
    found = [
        node.range
        for root in roots
        for node in walk(root)
        if isinstance(node, Selector | Subquery) and node.range
    ]
    return min(found, default=math.inf)


def _thinned(end: float, lines: tuple[Line, ...], shortest: float) -> int:
    if not lines:
        return 1
    quickest, slowest = min(x.interval for x in lines), max(x.interval for x in lines)
    wanted = math.ceil(end / quickest / _MOST_SAMPLES)
    allowed = min(_SPARSEST, shortest / 20) // slowest
    return max(1, min(wanted, int(allowed)))


def _up(seconds: float, step: float) -> float:
    return math.ceil(seconds / step - 1e-9) * step


def by_clock(roots: tuple[Query, ...]) -> bool:
    """Whether what an expression gives depends on the hour or the day."""
    names = {"hour", "minute", "day_of_week", "day_of_month", "month", "days_in_month"}
    return any(
        isinstance(node, Call) and node.name in names for root in roots for node in walk(root)
    )
