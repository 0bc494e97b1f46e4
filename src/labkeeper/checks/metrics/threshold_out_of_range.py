"""Thresholds that a metric never passes, or never fails to pass."""

from collections.abc import Iterator

from labkeeper.checks.check import Check, Fault
from labkeeper.checks.metrics.measured import Measured, measured, outcome
from labkeeper.checks.metrics.unit_mismatch import confused
from labkeeper.checks.view import View
from labkeeper.source import Severity


def check(view: View) -> Iterator[Fault]:
    """Comparisons whose answer is known before anything is measured."""
    for found in measured(view):
        if found.asked.rule is None or found.asked.rule.kind != "alert" or confused(found):
            continue
        said = outcome(found.metric, found.operator, found.value)
        # A condition that always holds is an odd one among others, and a fault by itself.
        if said == "sometimes" or (said == "always" and not found.alone):
            continue
        yield _fault(found, always=said == "always")


def _fault(found: Measured, *, always: bool) -> Fault:
    severity: Severity = "error"
    what = "always" if always else "never"
    comparison = f"{found.operator} {found.value:g}"
    return Fault(
        f"`{found.name}` is {what} {comparison}: {_range(found)}",
        found.at,
        "compare it with a number that it can pass on a bad day, and does not pass on a good one",
        subject=f"{found.asked.subject}: {found.name}",
        severity=severity,
    )


def _range(found: Measured) -> str:
    low, high = found.metric.low, found.metric.high
    if low is not None and high is not None:
        return f"it goes from {low:g} to {high:g}"
    return f"it is at least {low:g}" if low is not None else f"it is at most {high:g}"


CHECK = Check("threshold-out-of-range", "error", plan=check)
