"""What functions and aggregations make of what they are given, as far as ranges and labels go."""

import math
from dataclasses import replace
from typing import Final

from labkeeper.promql import Aggregation, Binary, Call, Number, Query, Selector, Text, is_scalar
from labkeeper.prove.possible import INF, UNKNOWN, LabelBounds, Possible

_SAME: Final = frozenset({"sort", "sort_desc", "limitk", "topk", "bottomk"})


def of_values(node: Call, inners: list[Possible]) -> Possible:
    """What a function of values gives."""
    if node.name == "histogram_quantile" and len(inners) > 1:
        return _quantile(inners[1])
    if not inners:
        return UNKNOWN
    inner = inners[0]
    match node.name:
        case "sort" | "sort_desc":
            return inner
        case "abs":
            ends = abs(inner.low), abs(inner.high)
            low = 0.0 if inner.low <= 0 <= inner.high else min(ends)
            return inner.ranged(low, max(ends))
        case "ceil" | "floor":
            return inner.ranged(_floor(inner.low), -_floor(-inner.high))
        case "round":
            step = abs(inners[1].high) if len(inners) > 1 else 1.0
            return inner.ranged(inner.low - step, inner.high + step)
        case "clamp_min":
            floor = inners[1].low
            return inner.ranged(max(inner.low, floor), max(inner.high, inners[1].high))
        case "clamp_max":
            return inner.ranged(min(inner.low, inners[1].low), min(inner.high, inners[1].high))
        case "label_replace" | "label_join":
            texts = [each.value for each in node.arguments if isinstance(each, Text)]
            return replace(inner, labels=inner.labels.opened(texts[:1]))
    return Possible(labels=inner.labels, most=inner.most, lasting=inner.lasting)


def _quantile(inner: Possible) -> Possible:
    """Never beyond the highest bound but one, which is infinite."""
    ends = inner.labels.possible("le")
    labels = inner.labels.without(("le",))
    known = [float(end) for end in ends or () if end and end != "+Inf" and _is_number(end)]
    if not ends or "" in ends or not known:
        return Possible(labels=labels, most=inner.most)
    return Possible(min(0.0, *known), max(known), labels, inner.most)


def aggregated(node: Aggregation, inner: Possible) -> Possible:
    """What an aggregation makes of what it is given."""
    found = _regrouped(node, inner)
    match node.name:
        case "sum":
            low = inner.low if inner.low >= 0 else inner.low * inner.most
            high = inner.high if inner.high <= 0 else inner.high * inner.most
            return found.ranged(low, high)
        case "min" | "max" | "avg" | "topk" | "bottomk" | "limitk":
            return found.ranged(inner.low, inner.high)
        case "quantile" if isinstance(node.parameter, Number):
            inside = 0 <= node.parameter.value <= 1
            return found.ranged(inner.low, inner.high) if inside else found
        case "group":
            return found.ranged(1, 1)
        case "count" | "count_values":
            return found.ranged(1, inner.most)
        case "stddev":
            return found.ranged(0, inner.high - inner.low)
    return found


def _regrouped(node: Aggregation, inner: Possible) -> Possible:
    if node.name in _SAME:
        return replace(inner, low=-INF, high=INF)
    labels = (
        inner.labels.without(node.without)
        if node.without is not None
        else (inner.labels.by(node.by or ()))
    )
    if node.name == "count_values" and isinstance(node.parameter, Text):
        labels = labels.opened((node.parameter.value,))
    single = node.without is None and not node.by
    return Possible(-INF, INF, labels, 1 if single else inner.most, inner.lasting)


def paired(node: Binary, left: Possible, right: Possible) -> tuple[LabelBounds, float]:
    """The labels of what two sides give together, and how many there are at most."""
    if is_scalar(node.left):
        return right.labels, right.most
    if is_scalar(node.right):
        return left.labels, left.most
    rule = node.matching
    if rule and rule.many:
        many = left if rule.many == "left" else right
        return many.labels.opened(rule.included), many.most
    labels = left.labels
    if rule and rule.on is not None:
        labels = left.labels.by(rule.on)
    elif rule:
        labels = left.labels.without(rule.ignoring)
    return labels, min(left.most, right.most)


def labels_of_absence(given: tuple[Query, ...]) -> LabelBounds:
    """Of what is absent, those labels that are asked for with `=`, once (promql/functions.go)."""
    where = given[0] if given else None
    matchers = where.matchers if isinstance(where, Selector) else ()
    asked = [m.label for m in matchers]
    sure = {
        m.label: (m.value,) for m in matchers if m.operator == "=" and asked.count(m.label) == 1
    }
    return LabelBounds(sure)


def _floor(value: float) -> float:
    return value if math.isinf(value) else float(math.floor(value))


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True
