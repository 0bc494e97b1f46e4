"""delta(), deriv() and their like of what only rises and restarts at zero."""

from collections.abc import Iterator
from typing import Final

from labkeeper.checks.check import Check, Fault
from labkeeper.checks.metrics.kinds import known_kind, promised_kind
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
    for asked in view.expressions:
        for use in asked.expression.uses if asked.expression else ():
            name, call = use.selector.name, use.function
            if asked.expression is None or not name or not call or call.name not in _INSTEAD:
                continue
            known = known_kind(view, name)
            if known != "counter" and (known or promised_kind(view, name) != "counter"):
                continue
            is_ = "is a counter" if known else "is a counter by its name"
            yield Fault(
                f"`{call.name}()` takes a restart for a fall of `{name}`: it {is_}",
                asked.expression.at(call),
                _INSTEAD[call.name],
                subject=f"{asked.subject}: {name}",
            )


CHECK = Check("gauge-function-on-counter", "warning", plan=check)
