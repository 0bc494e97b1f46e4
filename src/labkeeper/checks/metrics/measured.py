"""Thresholds in the unit of a single metric whose contract is known."""

from collections.abc import Iterator
from typing import Literal

from labkeeper.catalog import Metric
from labkeeper.checks.expressions import Asked
from labkeeper.checks.view import View
from labkeeper.promql import TURNED, Scaled, Threshold, scaled, thresholds
from labkeeper.source import Span
from labkeeper.values import dataclass

Outcome = Literal["never", "always", "sometimes"]


@dataclass(frozen=True, slots=True)
class Measured:
    """`metric operator value`, all arithmetic taken back."""

    asked: Asked
    name: str
    metric: Metric
    operator: str
    value: float
    threshold: Threshold
    at: Span

    @property
    def alone(self) -> bool:
        """Whether the comparison is the whole query."""
        expression = self.asked.expression
        return expression is not None and expression.root is self.threshold.node


def measured(view: View) -> Iterator[Measured]:
    """The comparisons of alerts and dashboards that can be judged."""
    for asked in view.expressions:
        if asked.expression is None:
            continue
        for threshold in thresholds(asked.expression.root):
            found = scaled(threshold.subject)
            name = found.selector.name if found else None
            metric = view.universe.metric(name) if name else None
            if found is None or name is None or metric is None:
                continue
            value = found.unscaled(threshold.value)
            at = asked.expression.at(threshold.written or threshold.node)
            turned = _operator(found, threshold)
            yield Measured(asked, name, metric, turned, value, threshold, at)


def _operator(found: Scaled, threshold: Threshold) -> str:
    return TURNED[threshold.operator] if found.factor < 0 else threshold.operator


def outcome(metric: Metric, operator: str, value: float) -> Outcome:
    """Whether a comparison can come true, and can be false, within a metric's range."""
    low = float("-inf") if metric.low is None else metric.low
    high = float("inf") if metric.high is None else metric.high
    # Floating point: 0.9 * 100 is not always 90.
    near = 1e-9 * max(1.0, abs(value))
    holds = {
        ">": (high > value + near, low > value + near),
        ">=": (high >= value - near, low >= value - near),
        "<": (low < value - near, high < value - near),
        "<=": (low <= value + near, high <= value + near),
        "==": (low - near <= value <= high + near, low == high == value),
        "!=": (True, value < low - near or value > high + near),
    }[operator]
    can, must = holds
    if not can:
        return "never"
    return "always" if must else "sometimes"
