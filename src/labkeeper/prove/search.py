"""Backward from a condition to series that make it true: one change after the other.

Each step yields worlds that may do; the evaluator says which of them do, and promtool has the
last word. A search that finds nothing says nothing.
"""

import math
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Final

from labkeeper.plan import Rule
from labkeeper.promql import (
    COMPARISONS,
    TURNED,
    Aggregation,
    Binary,
    Call,
    Negation,
    Number,
    Query,
    Selector,
    Subquery,
    constant,
    is_scalar,
)
from labkeeper.prove.evaluate import Evaluator
from labkeeper.prove.levels import Levels
from labkeeper.prove.scene import Scene, expression_of
from labkeeper.prove.solving import before, solved
from labkeeper.prove.targets import OPPOSITE, targets
from labkeeper.prove.vector import Sample
from labkeeper.prove.world import Phase, World, gone
from labkeeper.values import dataclass

_BUDGET: Final = 20_000
_FEW: Final = 12


class Spent(Exception):
    """The search has taken as long as it may."""


@dataclass
class Search:
    """Looks for worlds in which an expression has a result, or has none, at a time."""

    recorded: Mapping[str, tuple[Rule, ...]]
    phase: Phase
    at: float
    budget: int = _BUDGET

    def vector(self, node: Query, world: World) -> tuple[Sample, ...]:
        """What a node gives in a world."""
        evaluator = Evaluator(Scene(world, self.recorded))
        try:
            return evaluator.vector(node, self.at)
        finally:
            self.budget -= evaluator.spent + 1
            if self.budget < 0:
                raise Spent

    def first(self, node: Query, world: World) -> float | None:
        """A node's value, of the first series."""
        found = self.vector(node, world)
        return found[0].value if found else None

    def hold(self, node: Query, world: World) -> Iterator[World]:
        """Worlds in which there may be a result."""
        match node:
            case Binary(operator="and"):
                yield from self._both(node.left, node.right, world)
            case Binary(operator="or"):
                yield from self.hold(node.left, world)
                yield from self.hold(node.right, world)
            case Binary(operator="unless"):
                for held in _few(self.hold(node.left, world)):
                    yield from self._cleared(node, held)
            case Binary() if node.filters:
                yield from self._compared(node, node.operator, world)
            case Binary():
                yield from self._both(node.left, node.right, world)
            case Call(name="absent" | "absent_over_time"):
                yield from self.clear(node.arguments[0], world)
            case Call() | Aggregation() | Negation() | Subquery():
                yield from self._inside(node, world)
            case Selector() if node.name in self.recorded:
                for rule in self.recorded[node.name or ""]:
                    yield from self.hold(expression_of(rule), world)
            case _:
                yield world

    def _inside(self, node: Query, world: World) -> Iterator[World]:
        if isinstance(node, Call):
            bodies = [each for each in node.arguments if not is_scalar(each)]
            body = next((b for b in bodies if not isinstance(b, Number)), None)
            yield from self.hold(body, world) if body is not None else (world,)
        elif isinstance(node, Aggregation | Negation | Subquery):
            yield from self.hold(node.body, world)

    def _both(self, left: Query, right: Query, world: World) -> Iterator[World]:
        for one, other in ((left, right), (right, left)):
            for held in _few(self.hold(one, world)):
                yield from _few(self.hold(other, held))

    def _cleared(self, node: Binary, world: World) -> Iterator[World]:
        if self.vector(node, world):
            yield world
        yield from self.clear(node.right, world)

    def clear(self, node: Query, world: World) -> Iterator[World]:
        """Worlds in which there may be no result."""
        match node:
            case Binary():
                yield from self._clear_binary(node, world)
            case Call(name="absent" | "absent_over_time"):
                yield from self.hold(node.arguments[0], world)
            case Call() if node.arguments:
                yield from self.clear(node.arguments[-1 if len(node.arguments) < 3 else 0], world)
            case Aggregation() | Negation() | Subquery():
                yield from self.clear(node.body, world)
            case Selector() if node.name in self.recorded:
                for rule in self.recorded[node.name or ""]:
                    yield from self.clear(expression_of(rule), world)
            case Selector():
                found = gone(world, world.index(node), self.phase)
                if found:
                    yield found

    def _clear_binary(self, node: Binary, world: World) -> Iterator[World]:
        match node.operator:
            case "and":
                yield from self.clear(node.left, world)
                yield from self.clear(node.right, world)
            case "or":
                for cleared in _few(self.clear(node.left, world)):
                    yield from self.clear(node.right, cleared)
            case "unless":
                yield from self.clear(node.left, world)
                yield from self.hold(node.right, world)
            case _ if node.filters:
                yield from self._compared(node, OPPOSITE[node.operator], world)
            case _:
                side = node.right if is_scalar(node.left) else node.left
                yield from self.clear(side, world)

    def _compared(self, node: Binary, sign: str, world: World) -> Iterator[World]:
        """Makes a comparison true by moving one side past the other."""
        if node.filters and sign == node.operator and self.vector(node, world):
            yield world
        for held in _few(self._sides(node, world)):
            left, right = self.first(node.left, held), self.first(node.right, held)
            if right is not None and constant(node.left) is None:
                for value in targets(sign, right, left):
                    yield from self.drive(node.left, value, held)
            if left is not None and constant(node.right) is None:
                for value in targets(TURNED[sign], left, right):
                    yield from self.drive(node.right, value, held)

    def _sides(self, node: Binary, world: World) -> Iterator[World]:
        """Both sides have to be there before they can be moved."""
        yield world
        if not (self.vector(node.left, world) and self.vector(node.right, world)):
            yield from self._both(node.left, node.right, world)

    def drive(self, node: Query, value: float, world: World) -> Iterator[World]:
        """Worlds in which a node may have a value."""
        if math.isnan(value):
            return
        match node:
            case Selector() if node.name in self.recorded:
                for rule in self.recorded[node.name or ""]:
                    yield from self.drive(expression_of(rule), value, world)
            case Selector():
                yield from Levels(self.phase, self.at).level(node, value, world)
            case Negation():
                yield from self.drive(node.body, -value, world)
            case Call():
                yield from self._call(node, value, world)
            case Aggregation():
                yield from self._aggregation(node, value, world)
            case Binary():
                yield from self._binary(node, value, world)
            case Subquery():
                yield from self.drive(node.body, value, world)

    def _binary(self, node: Binary, value: float, world: World) -> Iterator[World]:
        match node.operator:
            case "and" | "unless":
                for driven in _few(self.drive(node.left, value, world)):
                    yield from self.hold(node, driven)
            case "or":
                yield from self.drive(node.left, value, world)
                yield from self.drive(node.right, value, world)
            case sign if sign in COMPARISONS:
                yield from self._comparison(node, value, world)
            case _:
                yield from self._arithmetic(node, value, world)

    def _comparison(self, node: Binary, value: float, world: World) -> Iterator[World]:
        if not node.as_number:
            side = node.right if constant(node.left) is not None else node.left
            yield from self.drive(side, value, world)
        else:
            sign = node.operator if value >= 0.5 else OPPOSITE[node.operator]
            yield from self._compared(node, sign, world)

    def _arithmetic(self, node: Binary, value: float, world: World) -> Iterator[World]:
        for held in _few(self._sides(node, world)):
            left, right = self.first(node.left, held), self.first(node.right, held)
            if left is None or right is None:
                continue
            for side, wanted in solved(node, value, left, right):
                if constant(side) is None:
                    yield from self.drive(side, wanted, held)
        if node.operator in "+-" and constant(node.left) is None and constant(node.right) is None:
            # Half of it from each side: a queue and its rest.
            for driven in _few(self.drive(node.left, value / 2, world)):
                other = value / 2 if node.operator == "+" else -value / 2
                yield from self.drive(node.right, other, driven)

    def _call(self, node: Call, value: float, world: World) -> Iterator[World]:
        found = Levels(self.phase, self.at).call(node, value, world)
        if found is not None:
            yield from found
            return
        body = next((a for a in node.arguments if not is_scalar(a)), None)
        if body is None and node.name in {"vector", "scalar"}:
            body = node.arguments[0]
        match node.name:
            case "absent" | "absent_over_time":
                yield from self.hold(node, world)
            case "count_over_time" | "present_over_time" if isinstance(body, Subquery):
                yield from self.hold(body.body, world)
            case "histogram_quantile":
                yield from Levels(self.phase, self.at).quantile(node, value, world)
            case "scalar" | "vector":
                yield from self.drive(node.arguments[0], value, world)
            case _ if body is not None:
                for inner in before(node.name, value):
                    yield from self.drive(body, inner, world)

    def _aggregation(self, node: Aggregation, value: float, world: World) -> Iterator[World]:
        match node.name:
            case "count":
                yield from self._count(node, value, world)
            case "sum":
                groups = max(1, len(self.vector(node, world)))
                each = max(1, len(self.vector(node.body, world))) / groups
                yield from self.drive(node.body, value / each, world)
            case "stddev" | "stdvar":
                yield from self._spread(node, value, world)
            case "quantile" | "topk" | "bottomk" | "max" | "min" | "avg":
                yield from self.drive(node.body, value, world)
            case _:
                yield from self.hold(node.body, world)

    def _count(self, node: Aggregation, value: float, world: World) -> Iterator[World]:
        """More or fewer series for which something holds."""
        now = self.vector(node.body, world)
        if value > len(now):
            yield from self.hold(node.body, world)
            return
        # Of some, all conditions go; of the others, the series themselves.
        yield from self.clear(node.body, world)
        for selector in _stored(node.body):
            indices = world.index(selector)
            away = indices[max(0, math.floor(value)) :]
            found = gone(world, away, self.phase) if away else None
            if found:
                yield found

    def _spread(self, node: Aggregation, value: float, world: World) -> Iterator[World]:
        far = 4 * (value if node.name == "stddev" else math.sqrt(abs(value)))
        for selector in _stored(node.body):
            for index in world.index(selector)[:1]:
                course = world.courses(self.phase)[index]
                found = world.put({index: replace(course, level=course.level + far)}, self.phase)
                if found:
                    yield found


def _few(worlds: Iterator[World]) -> Iterator[World]:
    for count, world in enumerate(worlds):
        if count >= _FEW:
            return
        yield world


def _stored(node: Query) -> Iterator[Selector]:
    if isinstance(node, Selector):
        yield node
    elif isinstance(node, Binary):
        yield from _stored(node.right if is_scalar(node.left) else node.left)
    elif isinstance(node, Call | Aggregation):
        bodies = node.arguments if isinstance(node, Call) else (node.body,)
        for body in bodies:
            yield from _stored(body)
