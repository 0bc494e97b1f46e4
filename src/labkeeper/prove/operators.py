"""What operators and the functions of single samples do."""

import math
import operator
from collections.abc import Callable, Mapping
from typing import Final

from labkeeper.plan.go_regex import expanded, go_regex
from labkeeper.promql import COMPARISONS, Binary, Call, Text
from labkeeper.prove.vector import Sample, Value, Vector, labels_of, signature

_COMPARE: Final[Mapping[str, Callable[[float, float], bool]]] = {
    "==": operator.eq, "!=": operator.ne, ">": operator.gt,
    "<": operator.lt, ">=": operator.ge, "<=": operator.le,
}  # fmt: skip


class Unevaluated(Exception):
    """A form that is left to promtool."""


def mapped(found: Value, calculate: Callable[[float], float]) -> Value:
    """Each value through a function; where that has no answer, no number."""

    def safe(value: float) -> float:
        try:
            return float(calculate(value))
        except (ValueError, OverflowError):
            return math.nan

    if isinstance(found, float | int):
        return safe(found)
    return tuple(Sample(each.labels, safe(each.value)) for each in found)


def kept(found: Vector, calculate: Callable[[float], float | None]) -> Vector:
    """Those samples of which something is left."""
    out = ((each.labels, calculate(each.value)) for each in found)
    return tuple(Sample(labels, value) for labels, value in out if value is not None)


def turned(
    calculate: Callable[[float, float], float | None], left: float, value: float, *, keep: bool
) -> float | None:
    """A calculation with its vector on the right, which a comparison keeps the value of."""
    found = calculate(left, value)
    return value if keep and found is not None else found


def calculation(node: Binary) -> Callable[[float, float], float | None]:
    """What an operator does to two numbers; none where a comparison drops the sample."""
    if node.operator in COMPARISONS:
        compare = _COMPARE[node.operator]
        if node.as_number:
            return lambda a, b: float(compare(a, b))
        return lambda a, b: a if compare(a, b) else None
    return lambda a, b: arithmetic(node.operator, a, b)


def arithmetic(sign: str, a: float, b: float) -> float:
    """Go's arithmetic: a division by zero is an infinity or no number, never an error."""
    try:
        match sign:
            case "+":
                return a + b
            case "-":
                return a - b
            case "*":
                return a * b
            case "/" if b == 0:
                return math.nan if a == 0 or math.isnan(a) else math.copysign(math.inf, a)
            case "/":
                return a / b
            case "%":
                return math.fmod(a, b) if b else math.nan
            case "^":
                found = a**b
                return found if isinstance(found, float | int) else math.nan
            case "atan2":
                return math.atan2(a, b)
    except (OverflowError, ValueError, ZeroDivisionError):
        return math.nan
    raise Unevaluated


def combined(node: Binary, left: Vector, right: Vector) -> Vector:
    """`and`, `unless` and `or`."""
    theirs = {signature(each.labels, node.matching) for each in right}
    match node.operator:
        case "and":
            return tuple(each for each in left if signature(each.labels, node.matching) in theirs)
        case "unless":
            return tuple(e for e in left if signature(e.labels, node.matching) not in theirs)
    mine = {signature(each.labels, node.matching) for each in left}
    return (*left, *(e for e in right if signature(e.labels, node.matching) not in mine))


def relabelled(node: Call, found: Vector) -> Vector:
    """`label_replace` and `label_join`."""
    texts = [each.value for each in node.arguments[1:] if isinstance(each, Text)]
    out: list[Sample] = []
    for each in found:
        labels = dict(each.labels)
        if node.name == "label_join" and len(texts) > 1:
            target, separator, *sources = texts
            labels[target] = separator.join(labels.get(name, "") for name in sources)
        elif len(texts) == 4:
            target, replacement, source, pattern = texts
            regex = go_regex(pattern)
            if regex is None:
                raise Unevaluated
            if match := regex.fullmatch(labels.get(source, "")):
                labels[target] = expanded(replacement, match)
        out.append(Sample(labels_of(labels), each.value))
    return tuple(out)
