"""Made series: how each runs while all is well, and while something is wrong."""

import math
from collections.abc import Iterator, Mapping
from dataclasses import field, replace
from functools import cached_property
from typing import Literal

from labkeeper.promql import Selector
from labkeeper.prove.line import Clock, Course, Line, gauge, stamp
from labkeeper.prove.vector import Sample, Vector
from labkeeper.values import dataclass

Phase = Literal["well", "wrong"]
# Counters have counted before anybody looked.
_BASE = 1000.0
_NEAR = 1e-9


@dataclass(frozen=True)
class World:
    """All series of an expression, with their courses."""

    lines: tuple[Line, ...]
    clock: Clock
    well: tuple[Course, ...]
    wrong: tuple[Course, ...]
    # Series that were given their course on purpose.
    pinned: frozenset[int] = field(default_factory=frozenset)

    def courses(self, phase: Phase) -> tuple[Course, ...]:
        """How the series run in a phase."""
        return self.well if phase == "well" else self.wrong

    def value(self, index: int, at: float) -> float | None:
        """What a series is at a time; none while it is not there."""
        line, clock = self.lines[index], self.clock
        inside = clock.wrong <= at < clock.well
        course = (self.wrong if inside else self.well)[index]
        if not course.there:
            return None
        start = clock.wrong if inside else 0.0
        match line.kind:
            case "gauge":
                return gauge(line, course, at - start)
            case "stamp":
                return stamp(course, start, at)
            case "counter":
                return self._counted(index, at)

    def is_steady(self, index: int) -> bool:
        """Whether it goes on in the same way from its beginning to its end."""
        course, kind = self.well[index], self.lines[index].kind
        if not course.there or course.every:
            return False
        if self.clock.wrong >= self.clock.end:
            return True
        same = course == self.wrong[index]
        return same and (kind == "counter" or (kind == "gauge" and not course.slope))

    def _counted(self, index: int, at: float) -> float:
        well, wrong, clock = self.well[index], self.wrong[index], self.clock
        bad = min(max(at - clock.wrong, 0.0), clock.lasts)
        if wrong.every and clock.wrong <= at < clock.well:
            # It starts from nothing, again and again.
            return math.fmod(bad, wrong.every) * wrong.slope
        return _BASE + well.slope * (at - bad) + wrong.slope * bad

    def index(self, selector: Selector) -> tuple[int, ...]:
        """The series that a selector picks."""
        key = (selector.name, selector.matchers, selector.named)
        if key not in self._picked:
            self._picked[key] = tuple(n for n, line in enumerate(self.lines) if line.fits(selector))
        return self._picked[key]

    @cached_property
    def _picked(self) -> dict[object, tuple[int, ...]]:
        return {}

    def instant(self, selector: Selector, at: float) -> Vector:
        """The values that a selector sees."""
        found = ((n, self.value(n, at)) for n in self.index(selector))
        return tuple(Sample(self.lines[n].labels, v) for n, v in found if v is not None)

    def interval(self, selector: Selector) -> float:
        """How often what a selector picks is scraped."""
        return min((self.lines[n].interval for n in self.index(selector)), default=60.0)

    def put(self, given: Mapping[int, Course], phase: Phase) -> "World | None":
        """The world with other courses; none where the contracts do not allow them."""
        courses = list(self.courses(phase))
        for index, course in given.items():
            if not self.allows(index, course, phase):
                return None
            courses[index] = course
        pinned = self.pinned | set(given)
        for index in given:
            if not self._related(index, courses, pinned, phase):
                return None
        if not self._parts(courses, given, pinned):
            return None
        _silence(self.lines, courses, given)
        if phase == "well":
            return self._with(replace(self, well=tuple(courses), pinned=pinned))
        return self._with(replace(self, wrong=tuple(courses), pinned=pinned))

    def _with(self, other: "World") -> "World":
        # Which series a selector picks never changes.
        other.__dict__["_picked"] = self._picked
        return other

    def allows(self, index: int, course: Course, phase: Phase) -> bool:
        """Whether a series can run so, by its own contract."""
        line = self.lines[index]
        if not course.there:
            return not line.synthetic or line.name == "up"
        if line.kind == "counter":
            most = line.metric.rate_at_most
            return course.slope >= 0 and (most is None or course.slope <= most + _NEAR)
        if line.kind == "stamp":
            return True
        ends = self.ends(course, phase)
        low = -math.inf if line.metric.low is None else line.metric.low
        high = math.inf if line.metric.high is None else line.metric.high
        if min(ends) < low - _NEAR or max(ends) > high + _NEAR * max(1.0, abs(high)):
            return False
        return not line.is_flag or all(end in (0.0, 1.0) for end in ends)

    def ends(self, course: Course, phase: Phase) -> tuple[float, float]:
        """A gauge's first and last value of a phase."""
        lasts = self.clock.lasts if phase == "wrong" else 0.0
        return course.level, course.level + (0.0 if course.every else course.slope * lasts)

    def upper(self, index: int) -> int | None:
        """The series that one never exceeds, by way of others that are not here."""
        return self._uppers[index]

    @cached_property
    def _uppers(self) -> tuple[int | None, ...]:
        places = {(line.name, line.labels): n for n, line in enumerate(self.lines)}
        return tuple(places.get((each.metric.at_most or "", each.labels)) for each in self.lines)

    def _related(
        self, index: int, courses: list[Course], pinned: frozenset[int], phase: Phase
    ) -> bool:
        """Keeps `avail <= size`: what nobody asked for gives way."""
        here = courses[index]
        above = self._uppers[index]
        if above is not None and not self._below(here, courses[above], phase):
            if above in pinned:
                return False
            courses[above] = here
            if not self._related(above, courses, pinned, phase):
                return False
        for below, its in enumerate(self._uppers):
            if its == index and not self._below(courses[below], here, phase):
                if below in pinned:
                    return False
                courses[below] = here
                if not self._related(below, courses, pinned, phase):
                    return False
        return True

    def _below(self, small: Course, large: Course, phase: Phase) -> bool:
        pairs = zip(self.ends(small, phase), self.ends(large, phase), strict=True)
        return all(a <= b * (1 + _NEAR) + _NEAR for a, b in pairs)

    @cached_property
    def siblings(self) -> Mapping[int, tuple[int, ...]]:
        """Series that together add up to 1, each by its index."""
        groups: dict[object, list[int]] = {}
        for n, line in enumerate(self.lines):
            if line.metric.parts:
                rest = tuple(pair for pair in line.labels if pair[0] != line.metric.parts)
                groups.setdefault((line.name, rest), []).append(n)
        return {n: tuple(group) for group in groups.values() for n in group}

    def _parts(
        self, courses: list[Course], given: Mapping[int, Course], pinned: frozenset[int]
    ) -> bool:
        for group in {self.siblings[n] for n in given if n in self.siblings}:
            counted = self.lines[group[0]].kind == "counter"
            if not _shared(courses, group, pinned, counted=counted, whole=self._whole(group)):
                return False
        return True

    def _whole(self, group: tuple[int, ...]) -> bool:
        """Whether all values of the label are here, so that nothing else can take a share."""
        line = self.lines[group[0]]
        known = dict(line.metric.values).get(line.metric.parts or "", ())
        return len(known) == len(group)


def _share(course: Course, *, counted: bool) -> float:
    return course.slope if counted else course.level


def _shared(
    courses: list[Course],
    group: tuple[int, ...],
    pinned: frozenset[int],
    *,
    counted: bool,
    whole: bool,
) -> bool:
    """Makes the shares of a group add up to 1, or to less where it is not all there is."""
    total = sum(_share(courses[n], counted=counted) for n in group)
    free = [n for n in group if n not in pinned]
    if abs(total - 1) < _NEAR or (total < 1 and not whole):
        return True
    if not free:
        return False
    rest = 1 - sum(_share(courses[n], counted=counted) for n in group if n in pinned)
    if rest < -_NEAR:
        return False
    for place, n in enumerate(free):
        # One takes what is left.
        share = max(rest, 0.0) if place == 0 else 0.0
        now = courses[n]
        courses[n] = replace(now, slope=share) if counted else replace(now, level=share, slope=0.0)
    return True


def _silence(lines: tuple[Line, ...], courses: list[Course], given: Mapping[int, Course]) -> None:
    """A target that does not answer has no series but Prometheus's own."""
    down = {
        lines[n].target
        for n, course in given.items()
        if lines[n].name == "up" and (not course.there or course.level == 0)
    }
    for n, line in enumerate(lines):
        if line.target in down and not line.synthetic:
            courses[n] = replace(courses[n], there=False)


def gone(world: World, indices: Iterator[int] | tuple[int, ...], phase: Phase) -> World | None:
    """The world without some series."""
    courses = world.courses(phase)
    return world.put({n: replace(courses[n], there=False) for n in indices}, phase)
