"""Whether a series is a counter or a gauge, by its contract or by what its name promises."""

from collections.abc import Container, Iterator
from typing import Final, Literal

from labkeeper.catalog import Metric
from labkeeper.checks.view import View
from labkeeper.source import Span
from labkeeper.values import dataclass, regex

# A gauge's unit at the end of a name, without the `_total` that counters end in
# (https://prometheus.io/docs/practices/naming/).
_GAUGE_NAME: Final = regex(
    r"\w+_(percentage|percent|ratio|celsius|(used|free|usage|available|avail|size|limit)_bytes)"
)
_COUNTER_NAME: Final = regex(r"\w+_total")
# The series of histograms and summaries that only rise.
_RISING: Final = ("_bucket", "_sum", "_count")
# Counts that the kernel, the driver or the disk keeps, and that exporters call gauges.
_IN_TRUTH_COUNTERS: Final = (
    "_counters_", "_stat_", "_refused_", "_ecc_errors_", "remapped_rows", "_errors",
    "smartctl_device_attribute", "_defect_list",
)  # fmt: skip

Kind = Literal["counter", "gauge"]


def known_kind(view: View, name: str) -> Kind | None:
    """What the contract says."""
    metric = view.universe.metric(name)
    return None if metric is None else _of(metric, name)


@dataclass(frozen=True, slots=True)
class Misused:
    """A function that is given a metric of the other kind."""

    name: str
    function: str
    at: Span
    subject: str
    # Whether the contract says so; otherwise the name promises it.
    sure: bool

    def is_(self, kind: Kind) -> str:
        """What the metric is, and how that is known."""
        return f"is a {kind}" if self.sure else f"is a {kind} by its name"


def misused(view: View, functions: Container[str], kind: Kind) -> Iterator[Misused]:
    """Where one of the functions, which are not for this kind, is given a metric of it."""
    for asked in view.expressions:
        for use in asked.expression.uses if asked.expression else ():
            name, call = use.selector.name, use.function
            if asked.expression is None or not name or not call or call.name not in functions:
                continue
            known = known_kind(view, name)
            if known == kind or (known is None and promised_kind(view, name) == kind):
                subject = f"{asked.subject}: {name}"
                yield Misused(name, call.name, asked.expression.at(call), subject, bool(known))


def _of(metric: Metric, name: str) -> Kind | None:
    match metric.type:
        case "counter":
            return "counter"
        case "gauge":
            return None if any(part in name for part in _IN_TRUTH_COUNTERS) else "gauge"
        case "histogram" | "summary":
            return "counter" if name.endswith(_RISING) else None
        case "untyped":
            return None


def promised_kind(view: View, name: str) -> Kind | None:
    """What the name promises, where no contract knows it."""
    universe, contracts = view.universe, view.catalog.contracts
    if contracts.exposing(name) or universe.renamed(name) or ":" in name:
        return None
    if _COUNTER_NAME.fullmatch(name):
        return "counter"
    foreign = contracts.is_foreign(name) and name.endswith("_bytes")
    return "gauge" if _GAUGE_NAME.fullmatch(name) and not foreign else None
