"""delta(), deriv() and their like of what only rises and restarts at zero."""

from collections.abc import Iterator
from typing import Final

from labkeeper.checks.check import Check, Fault
from labkeeper.checks.metrics.kinds import misused
from labkeeper.checks.view import View

_INSTEAD: Final = {
    "delta": "use `increase()`",
    "idelta": "use `irate()`",
    "deriv": "use `rate()`",
    "predict_linear": "predict a gauge, or the `rate()` of it over a subquery",
    "holt_winters": "smooth the `rate()` of it over a subquery",
    "double_exponential_smoothing": "smooth the `rate()` of it over a subquery",
}


def check(view: View) -> Iterator[Fault]:
    """Functions to which a restart looks like a fall."""
    for found in misused(view, _INSTEAD, "counter"):
        yield Fault(
            f"`{found.function}()` takes a restart for a fall of `{found.name}`: "
            f"it {found.is_('counter')}",
            found.at,
            _INSTEAD[found.function],
            subject=found.subject,
        )


CHECK = Check("gauge-function-on-counter", "warning", plan=check)
