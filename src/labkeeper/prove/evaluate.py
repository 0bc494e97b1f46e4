"""PromQL on made series: quick and near enough to search with; promtool is the judge."""

import math
import operator
from dataclasses import field
from typing import Final, Protocol

from labkeeper.promql import (
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
from labkeeper.prove.functions import (
    OF_RANGE,
    OF_TIME,
    OF_VALUE,
    Window,
    aggregate,
    bucket_quantile,
    of_time,
    predicted,
    quantile,
)
from labkeeper.prove.operators import (
    Unevaluated,
    calculation,
    combined,
    kept,
    mapped,
    relabelled,
    turned,
)
from labkeeper.prove.vector import (
    Labels,
    Sample,
    Value,
    Vector,
    grouped,
    joined,
    labels_of,
    without,
)
from labkeeper.values import dataclass

# Ranges are looked at in so many places; changes are counted in more.
_POINTS: Final = 24
_MANY_POINTS: Final = 240


class Series(Protocol):
    """What is asked: the series of a name at a time."""

    def instant(self, selector: Selector, at: float) -> Vector:
        """The values that a plain selector sees."""
        ...

    def interval(self, selector: Selector) -> float:
        """How often the series are scraped."""
        ...


@dataclass(slots=True)
class Evaluator:
    """Evaluates queries against series; `spent` counts what that costs."""

    series: Series
    spent: int = field(default=0)

    def vector(self, node: Query, at: float) -> Vector:
        """The result as series; a scalar is one without labels."""
        found = self.value(node, at)
        return (Sample((), found),) if isinstance(found, float | int) else found

    def value(self, node: Query, at: float) -> Value:
        """The result at a time."""
        self.spent += 1
        match node:
            case Number():
                return node.value
            case Selector():
                return self.series.instant(node, at - node.offset)
            case Negation():
                return mapped(self.value(node.body, at), operator.neg)
            case Aggregation():
                return self._aggregation(node, at)
            case Binary():
                return self._binary(node, at)
            case Call():
                return self._call(node, at)
            case Text() | Subquery():
                raise Unevaluated

    def number(self, node: Query, at: float) -> float:
        """A scalar's value."""
        found = self.value(node, at)
        if isinstance(found, float | int):
            return found
        return found[0].value if len(found) == 1 else math.nan

    def _binary(self, node: Binary, at: float) -> Value:
        left, right = self.value(node.left, at), self.value(node.right, at)
        if node.operator in SET_OPERATORS:
            if isinstance(left, float | int) or isinstance(right, float | int):
                raise Unevaluated
            return combined(node, left, right)
        calculate = calculation(node)
        match left, right:
            case ((float() | int()), (float() | int())):
                value = calculate(left, right)
                return math.nan if value is None else value
            case ((float() | int()), tuple()):
                # A filter keeps the vector's own value, on whichever side that stands.
                keep = node.filters
                return kept(right, lambda v: turned(calculate, left, v, keep=keep))
            case tuple(), (float() | int()):
                return kept(left, lambda v: calculate(v, right))
            case tuple(), tuple():
                return joined(left, right, node.matching, calculate)
        raise Unevaluated

    def _aggregation(self, node: Aggregation, at: float) -> Vector:
        groups = grouped(self.vector(node.body, at), node.by, node.without)
        text = node.parameter.value if isinstance(node.parameter, Text) else ""
        parameter = self.number(node.parameter, at) if node.parameter and not text else math.nan
        out: list[Sample] = []
        for labels, members in groups.items():
            if node.name in {"topk", "bottomk", "limitk"}:
                ordered = sorted(members, key=lambda s: s.value, reverse=node.name == "topk")
                out.extend(ordered[: max(0, int(parameter))] if not math.isnan(parameter) else ())
            elif node.name == "count_values":
                values = [f"{each.value:g}" for each in members]
                for value in dict.fromkeys(values):
                    named = labels_of({**dict(labels), text: value})
                    out.append(Sample(named, float(values.count(value))))
            else:
                values_ = [each.value for each in members]
                out.append(Sample(labels, aggregate(node.name, values_, parameter)))
        return tuple(out)

    def _call(self, node: Call, at: float) -> Value:
        name, given = node.name, node.arguments
        if name in OF_RANGE or name in {"quantile_over_time", "predict_linear", "absent_over_time"}:
            return self._of_range(node, at)
        if name in OF_TIME:
            times = self.vector(given[0], at) if given else (Sample((), at),)
            return mapped(times, lambda v: of_time(name, v))
        if name in OF_VALUE:
            return mapped(self.value(given[0], at), OF_VALUE[name])
        return self._of_few(node, at)

    def _of_few(self, node: Call, at: float) -> Value:
        """The functions that are like no other."""
        name, given = node.name, node.arguments
        match name:
            case "time":
                return at
            case "pi":
                return math.pi
            case "vector":
                return (Sample((), self.number(given[0], at)),)
            case "scalar":
                return self.number(given[0], at)
            case "absent":
                return () if self.vector(given[0], at) else (_absence(given[0]),)
            case "timestamp":
                return mapped(self.vector(given[0], at), lambda _v: at)
            case "clamp" | "clamp_min" | "clamp_max" | "round":
                return self._bounded(node, at)
            case "label_replace" | "label_join":
                return relabelled(node, self.vector(given[0], at))
            case "histogram_quantile":
                return self._histogram(node, at)
        raise Unevaluated

    def _bounded(self, node: Call, at: float) -> Value:
        numbers = [self.number(each, at) for each in node.arguments[1:]]
        match node.name, numbers:
            case "clamp", [low, high]:
                return mapped(self.value(node.arguments[0], at), lambda v: max(low, min(high, v)))
            case "clamp_min", [low]:
                return mapped(self.value(node.arguments[0], at), lambda v: max(low, v))
            case "clamp_max", [high]:
                return mapped(self.value(node.arguments[0], at), lambda v: min(high, v))
        step = (numbers[0] if numbers else 1.0) or 1.0
        rounded = lambda v: math.floor(v / step + 0.5) * step  # noqa: E731
        return mapped(self.value(node.arguments[0], at), rounded)

    def _histogram(self, node: Call, at: float) -> Vector:
        share = self.number(node.arguments[0], at)
        groups: dict[Labels, list[tuple[float, float]]] = {}
        for each in self.vector(node.arguments[1], at):
            end = dict(each.labels).get("le", "")
            try:
                bucket = (float(end.replace("+Inf", "inf")), each.value)
            except ValueError:
                continue
            groups.setdefault(without(each.labels, ("le",)), []).append(bucket)
        return tuple(Sample(labels, bucket_quantile(share, b)) for labels, b in groups.items())

    def _of_range(self, node: Call, at: float) -> Vector:
        where = next((a for a in node.arguments if isinstance(a, Selector | Subquery)), None)
        if where is None or not where.range:
            raise Unevaluated
        numbers = [self.number(a, at) for a in node.arguments if a is not where]
        points = _MANY_POINTS if node.name in {"changes", "resets"} else _POINTS
        found = self._windows(where, at, points)
        if node.name == "absent_over_time":
            return () if found else (_absence(where),)
        out: list[Sample] = []
        for labels, window in found.items():
            match node.name:
                case "quantile_over_time":
                    value: float | None = quantile(numbers[0], window.values)
                case "predict_linear":
                    value = predicted(window, numbers[0])
                case _:
                    value = OF_RANGE[node.name](window)
            if value is not None:
                out.append(Sample(labels, value))
        return tuple(out)

    def _windows(self, where: Selector | Subquery, at: float, most: int) -> dict[Labels, Window]:
        """The samples of each series in the range, thinned out where there are many."""
        lasts = where.range or 0.0
        if isinstance(where, Selector):
            at -= where.offset
            step = self.series.interval(where)
        else:
            step = where.step or 60.0
        whole = max(1, math.floor(lasts / step + 1e-9))
        count = min(whole, most)
        stride = step if whole <= most else lasts / count
        found: dict[Labels, list[tuple[float, float]]] = {}
        # The last two samples stand as near to each other as they really are.
        times = [at - n * stride for n in range(count, 0, -1)]
        times += [at - step] if stride > step else []
        for time in (*times, at):
            self.spent += 1
            seen = (
                self.series.instant(where, time)
                if isinstance(where, Selector)
                else self.vector(where.body, time)
            )
            for each in seen:
                found.setdefault(each.labels, []).append((time, each.value))
        density = (whole + 1) / (len(times) + 1)
        return {labels: Window(p, lasts, at, density) for labels, p in found.items()}


def _absence(node: Query) -> Sample:
    """What `absent` gives: the labels that a plain selector asks for."""
    matchers = node.matchers if isinstance(node, Selector) else ()
    return Sample(labels_of({m.label: m.value for m in matchers if m.operator == "="}), 1.0)
