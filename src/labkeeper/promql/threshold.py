"""What a query compares with what number, in the measured metric's own unit."""

import operator
from collections.abc import Callable, Iterator
from typing import Final

from labkeeper.promql.tree import (
    COMPARISONS,
    SET_OPERATORS,
    Aggregation,
    Binary,
    Call,
    Negation,
    Number,
    Query,
    Selector,
    Subquery,
    Text,
)
from labkeeper.values import dataclass

# Functions and aggregations whose result is a value that the series itself has or lies between.
_SAME_SCALE: Final = frozenset(
    {"avg_over_time", "min_over_time", "max_over_time", "last_over_time", "first_over_time"}
    | {"avg", "min", "max", "sort", "sort_desc", "topk", "bottomk", "ceil", "floor", "round"}
)
_ARITHMETIC: Final[dict[str, Callable[[float, float], float]]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": operator.truediv,
    "%": operator.mod,
    "^": operator.pow,
}
TURNED: Final = {">": "<", "<": ">", ">=": "<=", "<=": ">=", "==": "==", "!=": "!="}


@dataclass(frozen=True, slots=True)
class Threshold:
    """`subject operator value`, as it is written or turned round so that the number is right."""

    operator: str
    subject: Query
    value: float
    # The number as it is written, where it is a single one.
    written: Number | None
    node: Binary


@dataclass(frozen=True, slots=True)
class Scaled:
    """`factor * selector + shift`: a series whose values are still its own."""

    selector: Selector
    factor: float = 1.0
    shift: float = 0.0

    def unscaled(self, value: float) -> float:
        """What the series itself is when the whole is `value`."""
        return (value - self.shift) / self.factor


def constant(node: Query) -> float | None:
    """The number that a node always is."""
    match node:
        case Number():
            return node.value
        case Negation():
            value = constant(node.body)
            return None if value is None else -value
        case Binary():
            return _calculated(node)
        case Selector() | Text() | Call() | Aggregation() | Subquery():
            return None


def _calculated(node: Binary) -> float | None:
    left, right = constant(node.left), constant(node.right)
    calculate = _ARITHMETIC.get(node.operator)
    if left is None or right is None or calculate is None:
        return None
    try:
        value = calculate(left, right)
    except (ArithmeticError, ValueError):
        return None
    # A negative number to a broken power is a complex one, which PromQL does not have.
    return float(value) if isinstance(value, int | float) else None


def thresholds(root: Query) -> Iterator[Threshold]:
    """The comparisons with a number that decide whether there is a result at all."""
    waiting = [root]
    while waiting:
        node = waiting.pop()
        if not isinstance(node, Binary):
            continue
        if node.operator in SET_OPERATORS:
            waiting.extend((node.right, node.left))
        elif node.operator in COMPARISONS:
            # `1 < x < 5` compares twice.
            waiting.append(node.left)
            if found := _threshold(node):
                yield found


def _threshold(node: Binary) -> Threshold | None:
    value = constant(node.right)
    if value is not None:
        written = node.right if isinstance(node.right, Number) else None
        return Threshold(node.operator, unfiltered(node.left), value, written, node)
    value = constant(node.left)
    if value is not None:
        written = node.left if isinstance(node.left, Number) else None
        return Threshold(TURNED[node.operator], unfiltered(node.right), value, written, node)
    return None


def unfiltered(node: Query) -> Query:
    """The values under comparisons that only leave some of them out."""
    while isinstance(node, Binary) and node.filters:
        left_is_number = constant(node.left) is not None
        node = node.right if left_is_number else node.left
    return node


def scaled(node: Query) -> Scaled | None:
    """The series that a node is, times and plus constants."""
    match node:
        case Selector():
            return Scaled(node)
        case Negation():
            return _after(scaled(node.body), -1.0, 0.0)
        case Call() if node.name in _SAME_SCALE and node.arguments:
            return scaled(node.arguments[0])
        case Aggregation() if node.name in _SAME_SCALE:
            return scaled(node.body)
        case Subquery():
            return scaled(node.body)
        case Binary():
            return _scaled_binary(node)
        case _:
            return None


def _scaled_binary(node: Binary) -> Scaled | None:
    if node.filters:
        return scaled(unfiltered(node))
    left, right = constant(node.left), constant(node.right)
    match node.operator, left, right:
        case "*", None, float():
            return _after(scaled(node.left), right, 0.0)
        case "*", float(), None:
            return _after(scaled(node.right), left, 0.0)
        case "/", None, float() if right:
            return _after(scaled(node.left), 1.0 / right, 0.0)
        case "+", None, float():
            return _after(scaled(node.left), 1.0, right)
        case "+", float(), None:
            return _after(scaled(node.right), 1.0, left)
        case "-", None, float():
            return _after(scaled(node.left), 1.0, -right)
        case "-", float(), None:
            return _after(scaled(node.right), -1.0, left)
    return None


def _after(inner: Scaled | None, factor: float, shift: float) -> Scaled | None:
    if inner is None or factor == 0:
        return None
    return Scaled(inner.selector, inner.factor * factor, inner.shift * factor + shift)
