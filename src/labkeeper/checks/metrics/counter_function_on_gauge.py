"""rate(), irate() and increase() of what goes up and down."""

from collections.abc import Iterator
from typing import Final

from labkeeper.checks.check import Check, Fault
from labkeeper.checks.metrics.kinds import misused
from labkeeper.checks.view import View

_INSTEAD: Final = {"rate": "deriv", "irate": "idelta", "increase": "delta"}
# Gauges whose value is when something happened.
_MOMENTS: Final = ("_start_time_seconds", "_timestamp", "_timestamp_seconds", "_time_seconds")


def check(view: View) -> Iterator[Fault]:
    """Functions that take every fall of a value for a restart."""
    for found in misused(view, _INSTEAD, "gauge"):
        yield Fault(
            f"`{found.function}()` takes every fall of `{found.name}` for a restart: "
            f"it {found.is_('gauge')}",
            found.at,
            _help(found.name, found.function),
            subject=found.subject,
            severity="error" if found.sure else "warning",
        )


def _help(metric: str, function: str) -> str:
    if metric.endswith(_MOMENTS):
        return "a moment tells of events by changing: use `changes()` to count them"
    return f"use `{_INSTEAD[function]}()`, which knows that a value can fall"


CHECK = Check("counter-function-on-gauge", "error", plan=check)
