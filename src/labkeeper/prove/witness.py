"""Worlds in which an alert should fire, found by search."""

import itertools
from collections.abc import Iterator
from dataclasses import replace
from functools import cached_property
from typing import Final

from labkeeper.plan import Rule
from labkeeper.promql import Aggregation, Number, Query, walk
from labkeeper.prove.evaluate import Evaluator
from labkeeper.prove.making import Expanded, made
from labkeeper.prove.operators import Unevaluated
from labkeeper.prove.scene import Scene
from labkeeper.prove.search import Search, Spent
from labkeeper.prove.sources import Sources
from labkeeper.prove.timing import Tempo, by_clock, tempo
from labkeeper.prove.usual import CORNERS, Corner, usual_world
from labkeeper.prove.vector import Labels
from labkeeper.prove.world import World
from labkeeper.values import dataclass

_WANTED: Final = 3
_TRIED: Final = 400
_MANY: Final = frozenset({"count", "quantile", "stddev", "stdvar", "topk", "bottomk", "avg", "sum"})
_MOST_COPIES: Final = 12
_WEEK: Final = range(1, 24 * 7)


@dataclass(frozen=True, slots=True)
class Witness:
    """A world in which it should fire, and the labels that it would have."""

    world: World
    tempo: Tempo
    labels: Labels


@dataclass(frozen=True)
class Witnesses:
    """The search for one rule."""

    rule: Rule
    root: Query
    sources: Sources
    evaluation: float
    # Whether series are made up of which nothing is known.
    guessed: bool = False

    @cached_property
    def expanded(self) -> Expanded:
        """The expression with its recording rules."""
        return Expanded(self.root, self.sources)

    @cached_property
    def roots(self) -> tuple[Query, ...]:
        """The expression, and those of the recording rules under it."""
        return self.expanded.roots

    def usual(
        self, corner: Corner = "middle", copies: int = 1, *, all_names: bool = True
    ) -> tuple[World, Tempo]:
        """All series as they normally are."""
        lines = made(self.expanded, copies, guessed=self.guessed, all_names=all_names)
        clocked = tempo(self.rule, self.roots, lines, self.evaluation)
        return usual_world(lines, clocked.clock, corner), clocked

    def size_that_tells(self, corner: Corner) -> str:
        """A size, large or small, with which what is loud on a usual day is silent on it."""
        world, clocked = self.usual(corner)
        limits = self.sources.view.catalog.contracts.limits
        sizes = [w for w in world.lines if w.name in limits and not w.is_share]
        for name in dict.fromkeys(line.name for line in sizes):
            for place in CORNERS:
                other = usual_world(world.lines, clocked.clock, corner, {name: place})
                evaluator = Evaluator(Scene(other, self.sources.recorded))
                try:
                    silent = not evaluator.vector(self.root, clocked.calm.clock.end)
                except (Unevaluated, RecursionError):
                    return ""
                if silent:
                    return name
        return ""

    def found(self) -> Iterator[Witness]:
        """Some worlds in which it should fire, the plainest first."""
        yield from itertools.islice(self._all(), _WANTED)

    def _all(self) -> Iterator[Witness]:
        several = any(selector.named for selector in self.expanded.selectors)
        # Of many names that one condition picks, most targets have one.
        for every, copies in itertools.product(
            (False, True) if several else (True,), self._copies()
        ):
            base, clocked = self.usual(copies=copies, all_names=every)
            try:
                yield from self._from(base, clocked)
            except (Spent, Unevaluated, RecursionError):
                continue

    def _copies(self) -> tuple[int, ...]:
        """How many series of a kind to try: one, and more than any number in the expression."""
        numbers = [n.value for n in walk(self.root) if isinstance(n, Number) and 0 < n.value <= 10]
        if any(isinstance(n, Aggregation) and n.name in _MANY for n in self.expanded.nodes):
            return 1, min(_MOST_COPIES, int(max(numbers, default=1)) + 2)
        return (1,)

    def _from(self, base: World, clocked: Tempo) -> Iterator[Witness]:
        for timed in self._times(clocked):
            world = replace(base, clock=timed.clock)
            quiet = self._quiet(world, timed)
            for tried in itertools.islice(self._moments(quiet, timed), _TRIED):
                if labels := self._lasts(*tried, timed):
                    yield Witness(tried[0], timed, labels[0])
                    break
            else:
                continue
            yield from self._others(quiet, timed)
            return

    def _others(self, quiet: World, timed: Tempo) -> Iterator[Witness]:
        """More worlds like the first one, should promtool not agree with it."""
        seen = 0
        for tried in itertools.islice(self._moments(quiet, timed), _TRIED):
            if labels := self._lasts(*tried, timed):
                seen += 1
                if seen > 1:
                    yield Witness(tried[0], timed, labels[0])

    def _times(self, clocked: Tempo) -> Iterator[Tempo]:
        """promtool's clock begins on a Thursday at midnight; some alerts wait for another hour."""
        yield clocked
        if by_clock(self.roots):
            for hours in _WEEK:
                yield clocked.shifted(hours * 3600.0)

    def _quiet(self, world: World, timed: Tempo) -> World:
        """The world before the fault: one in which it does not fire."""
        before = timed.clock.wrong - timed.evaluation
        evaluator = Evaluator(Scene(world, self.sources.recorded))
        if not evaluator.vector(self.root, before):
            return world
        search = Search(self.sources.recorded, "well", before)
        for tried in itertools.islice(search.clear(self.root, world), 40):
            if not search.vector(self.root, tried):
                return replace(tried, wrong=tried.well, pinned=frozenset())
        return world

    def _moments(self, world: World, timed: Tempo) -> Iterator[tuple[World, float, float]]:
        """Worlds, with the first and the last moment at which the condition is to hold."""
        clock = timed.clock
        late = clock.well - timed.evaluation
        fresh = clock.wrong + timed.scrape + timed.evaluation
        for at, first, last in (
            (late, late - timed.hold, late),
            (fresh + timed.hold, fresh, fresh + timed.hold),
        ):
            search = Search(self.sources.recorded, "wrong", at)
            for found in search.hold(self.root, world):
                yield found, first, last

    def _lasts(self, world: World, first: float, last: float, _timed: Tempo) -> list[Labels]:
        """The labels of series that are there at both moments."""
        evaluator = Evaluator(Scene(world, self.sources.recorded))
        early = {each.labels for each in evaluator.vector(self.root, first)}
        late = evaluator.vector(self.root, last) if early else ()
        return [each.labels for each in late if each.labels in early]
