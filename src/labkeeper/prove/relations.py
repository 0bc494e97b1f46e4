"""What the relations of metrics say of their sums and ratios: `avail <= size`."""

import math
from collections.abc import Callable, Mapping

from labkeeper.catalog import Metric
from labkeeper.promql import (
    Aggregation,
    Binary,
    Call,
    Negation,
    Query,
    Selector,
    Subquery,
    constant,
)
from labkeeper.values import dataclass

# These give a sum or a value of the middle, so that a relation of each pair holds of the results.
_KEEPING = frozenset({"sum", "avg", "min", "max"})
_KEEPING_OVER_TIME = frozenset({f"{name}_over_time" for name in _KEEPING} | {"last_over_time"})


@dataclass(frozen=True, slots=True)
class Term:
    """A metric, and everything around it that must be the same for a relation to hold."""

    name: str
    around: tuple[object, ...]


# What a node is in terms, `None` standing for the constant.
Linear = Mapping[Term | None, float]
Contract = Callable[[str], Metric | None]


def linear(node: Query) -> Linear | None:
    """A node as a sum of terms; none where it is anything else."""
    number = constant(node)
    if number is not None:
        return {None: number}
    if found := _term(node):
        return {found: 1.0}
    match node:
        case Negation():
            return _times(linear(node.body), -1.0)
        case Binary(operator="+" | "-") if _plain(node):
            left, right = linear(node.left), linear(node.right)
            return _plus(left, right, 1.0 if node.operator == "+" else -1.0)
        case Binary(operator="*" | "/") if _plain(node):
            return _scaled(node)
    return None


def _plain(node: Binary) -> bool:
    """Whether series of one side meet exactly their like."""
    rule = node.matching
    return rule is None or (rule.on is None and not rule.ignoring and rule.many is None)


def _scaled(node: Binary) -> Linear | None:
    left, right = constant(node.left), constant(node.right)
    if right is not None and right:
        return _times(linear(node.left), right if node.operator == "*" else 1 / right)
    if left is not None and node.operator == "*":
        return _times(linear(node.right), left)
    return None


def _term(node: Query, around: tuple[object, ...] = ()) -> Term | None:
    match node:
        case Selector(name=str(name)):
            matchers = tuple(sorted(node.matchers, key=lambda m: (m.label, m.operator, m.value)))
            return Term(name, (*around, matchers, node.range, node.offset))
        case Call() if node.name in _KEEPING_OVER_TIME and len(node.arguments) == 1:
            return _term(node.arguments[0], (*around, node.name))
        case Aggregation() if node.name in _KEEPING:
            by = None if node.by is None else frozenset(node.by)
            left_out = None if node.without is None else frozenset(node.without)
            return _term(node.body, (*around, node.name, by, left_out))
        case Subquery():
            return _term(node.body, (*around, node.range, node.step))
    return None


def _times(found: Linear | None, factor: float) -> Linear | None:
    return None if found is None else {term: count * factor for term, count in found.items()}


def _plus(left: Linear | None, right: Linear | None, sign: float) -> Linear | None:
    if left is None or right is None:
        return None
    out = dict(left)
    for term, count in right.items():
        out[term] = out.get(term, 0.0) + sign * count
    return out


def is_at_most(small: str, large: str, contract: Contract) -> bool:
    """Whether a metric never exceeds another one, directly or by way of others."""
    seen: set[str] = set()
    here: str | None = small
    while here is not None and here not in seen:
        seen.add(here)
        metric = contract(here)
        here = metric.at_most if metric else None
        if here == large:
            return True
    return False


def _pair(terms: set[Term], contract: Contract) -> tuple[Term, Term] | None:
    """The larger and the smaller of two terms that are related."""
    if len(terms) != 2:
        return None
    for small, large in (tuple(terms), tuple(reversed(tuple(terms)))):
        metric = contract(small.name)
        if (
            metric is not None
            and metric.low == 0
            and small.around == large.around
            and is_at_most(small.name, large.name, contract)
        ):
            return large, small
    return None


def bounds(node: Query, contract: Contract) -> tuple[float, float] | None:
    """The lowest and the highest value, where relations bound it."""
    if isinstance(node, Binary) and node.operator == "/" and _plain(node):
        top, bottom = linear(node.left), linear(node.right)
        if top and bottom and None not in top and None not in bottom:
            return _of_ratio(top, bottom, contract)
    found = linear(node)
    return _of_sum(found, contract) if found else None


def _of_ratio(top: Linear, bottom: Linear, contract: Contract) -> tuple[float, float] | None:
    terms = {term for term in (*top, *bottom) if term is not None}
    pair = _pair(terms, contract)
    if pair is None:
        return None
    large, small = pair
    ends: list[float] = []
    below: list[float] = []
    for share in (0.0, 1.0):
        divisor = bottom.get(large, 0.0) + bottom.get(small, 0.0) * share
        below.append(divisor)
        if divisor:
            ends.append((top.get(large, 0.0) + top.get(small, 0.0) * share) / divisor)
    if len(ends) < 2 or below[0] * below[1] <= 0:
        return None
    return min(ends), max(ends)


def _of_sum(found: Linear, contract: Contract) -> tuple[float, float] | None:
    """`size - avail` is never below 0."""
    shift = found.get(None, 0.0)
    pair = _pair({term for term in found if term is not None}, contract)
    if pair is None:
        return None
    large, small = pair
    ends = found[large], found[large] + found[small]
    low = shift if min(ends) >= 0 else -math.inf
    high = shift if max(ends) <= 0 else math.inf
    return (low, high) if (low, high) != (-math.inf, math.inf) else None
