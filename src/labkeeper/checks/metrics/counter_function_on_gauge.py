"""rate(), irate() and increase() of what goes up and down."""

from collections.abc import Iterator
from typing import Final

from labkeeper.checks.check import Check, Fault
from labkeeper.checks.metrics.kinds import misused
from labkeeper.checks.view import View

_INSTEAD: Final = {"rate": "deriv", "irate": "idelta", "increase": "delta"}


def check(view: View) -> Iterator[Fault]:
    """Functions that take every fall of a value for a restart."""
    for found in misused(view, _INSTEAD, "gauge"):
        yield Fault(
            f"`{found.function}()` takes every fall of `{found.name}` for a restart: "
            f"it {found.is_('gauge')}",
            found.at,
            f"use `{_INSTEAD[found.function]}()`, which knows that a value can fall",
            subject=found.subject,
            severity="error" if found.sure else "warning",
        )


CHECK = Check("counter-function-on-gauge", "error", plan=check)
