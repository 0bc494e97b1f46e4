"""What ranges of values come to when they are put together, compared and calculated with."""

import math

from labkeeper.promql import TURNED, Binary, Query, Selector, is_scalar
from labkeeper.prove.possible import INF, Empty, Possible


def either(one: Possible, other: Possible) -> Possible:
    """What is one or the other."""
    return Possible(
        min(one.low, other.low),
        max(one.high, other.high),
        one.labels.joined(other.labels),
        one.most + other.most,
    )


def united(left: Possible | Empty, right: Possible | Empty) -> Possible | Empty:
    """What two sides of an `or` give, of which each may give nothing."""
    if isinstance(left, Empty):
        return Empty(left.reason) if isinstance(right, Empty) else right
    return left if isinstance(right, Empty) else either(left, right)


def filtered(
    sign: str, left: tuple[float, float], right: tuple[float, float]
) -> tuple[float, float] | None:
    """What a comparison leaves of the left side; none where it leaves nothing."""
    low, high = left
    # Floating point: 0.9 * 100 is not always 90.
    near = 1e-9 * max(1.0, *(abs(v) for v in right if not math.isinf(v)), 1.0)
    match sign:
        case ">":
            return None if high <= right[0] + near else (max(low, right[0]), high)
        case ">=":
            return None if high < right[0] - near else (max(low, right[0]), high)
        case "<":
            return None if low >= right[1] - near else (low, min(high, right[1]))
        case "<=":
            return None if low > right[1] + near else (low, min(high, right[1]))
        case "==":
            if high < right[0] - near or low > right[1] + near:
                return None
            return max(low, right[0]), min(high, right[1])
    return low, high


def never(node: Binary, left: Possible, right: Possible) -> str:
    """Why a comparison never comes true, in the words of the side that is measured."""
    turned = is_scalar(node.left)
    measured, limit = (right, left) if turned else (left, right)
    sign = TURNED[node.operator] if turned else node.operator
    what = named(node.right if turned else node.left)
    against = f"{limit.low:g}" if limit.low == limit.high else "the other side"
    return f"{what} is never {sign} {against}: {_span(measured)}"


def named(node: Query) -> str:
    """A node by the metric in it, for people."""
    if isinstance(node, Selector) and node.name:
        return f"`{node.name}`"
    return "what is compared"


def _span(found: Possible) -> str:
    if math.isinf(found.low):
        return f"it is at most {found.high:g}"
    if math.isinf(found.high):
        return f"it is at least {found.low:g}"
    return f"it goes from {found.low:g} to {found.high:g}"


def arithmetic(sign: str, left: Possible, right: Possible) -> tuple[float, float]:
    """The least and the most of a calculation; everything, where it cannot be told."""
    match sign:
        case "+":
            return left.low + right.low, left.high + right.high
        case "-":
            return left.low - right.high, left.high - right.low
        case "*":
            ends = [_product(a, b) for a in (left.low, left.high) for b in (right.low, right.high)]
            return min(ends), max(ends)
        case "/" if right.low > 0 or right.high < 0:
            ends = [_quotient(a, b) for a in (left.low, left.high) for b in (right.low, right.high)]
            return min(ends), max(ends)
        case "/" if left.low >= 0 and right.low >= 0:
            return 0.0, INF
        case "%" if right.low == right.high and right.low > 0:
            return (0.0 if left.low >= 0 else -right.high), right.high
    return -INF, INF


def _product(a: float, b: float) -> float:
    return 0.0 if 0 in (a, b) else a * b


def _quotient(a: float, b: float) -> float:
    if math.isinf(b):
        return 0.0 if not math.isinf(a) else math.copysign(INF, a * b)
    return a / b
