"""Alerts that compare a counter itself."""

from collections.abc import Iterator

from labkeeper.checks.check import Check, Fault
from labkeeper.checks.metrics.kinds import known_kind
from labkeeper.checks.view import View
from labkeeper.promql import Selector, Threshold, scaled, thresholds


def check(view: View) -> Iterator[Fault]:
    """Thresholds that a counter passes once and stays above until the next restart."""
    for asked in view.expressions:
        if asked.expression is None or asked.rule is None or asked.rule.kind != "alert":
            continue
        for threshold in thresholds(asked.expression.root):
            found = scaled(threshold.subject)
            if found is None or not _is_raw(view, found.selector, threshold):
                continue
            name = found.selector.name
            yield Fault(
                f"`{name}` is a counter: once it is above {threshold.value:g} it stays there until "
                "a restart",
                asked.expression.at(found.selector),
                f"compare how fast it grows: `increase({name}[1h])`",
                subject=f"{asked.subject}: {name}",
            )


def _is_raw(view: View, selector: Selector, threshold: Threshold) -> bool:
    name = selector.name or ""
    # `> 0` asks whether it ever happened, which may be what is meant.
    if threshold.operator not in {">", ">="} or threshold.value <= 1:
        return False
    return name.endswith(("_total", "_count", "_sum", "_bucket")) and (
        known_kind(view, name) == "counter"
    )


CHECK = Check("raw-counter", "warning", plan=check)
