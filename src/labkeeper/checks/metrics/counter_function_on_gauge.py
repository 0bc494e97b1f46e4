"""rate(), irate() and increase() of what goes up and down."""

from collections.abc import Iterator
from typing import Final

from labkeeper.checks.check import Check, Fault
from labkeeper.checks.metrics.kinds import known_kind, promised_kind
from labkeeper.checks.view import View

_INSTEAD: Final = {"rate": "deriv", "irate": "idelta", "increase": "delta"}


def check(view: View) -> Iterator[Fault]:
    """Functions that take every fall of a value for a restart."""
    for asked in view.expressions:
        for use in asked.expression.uses if asked.expression else ():
            name, call = use.selector.name, use.function
            if asked.expression is None or not name or not call or call.name not in _INSTEAD:
                continue
            known = known_kind(view, name)
            if known != "gauge" and (known or promised_kind(view, name) != "gauge"):
                continue
            sure = known == "gauge"
            is_ = "is a gauge" if sure else "is a gauge by its name"
            yield Fault(
                f"`{call.name}()` takes every fall of `{name}` for a restart: it {is_}",
                asked.expression.at(call),
                f"use `{_INSTEAD[call.name]}()`, which knows that a value can fall",
                subject=f"{asked.subject}: {name}",
                severity="error" if sure else "warning",
            )


CHECK = Check("counter-function-on-gauge", "error", plan=check)
