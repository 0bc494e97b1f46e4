"""Nothing that would be missed if alerts stopped coming."""

import re
from collections.abc import Iterator
from typing import Final

from labkeeper.checks.check import Check, Fault
from labkeeper.checks.rules.conditions import always_fires
from labkeeper.checks.view import View
from labkeeper.values import regex

_NAME: Final = regex(r"watchdog|dead.?man|heartbeat|always.?firing", re.IGNORECASE)


def check(view: View) -> Iterator[Fault]:
    """An Alertmanager that nobody would notice dying."""
    alerts = [a for a in view.expressions if a.rule and a.rule.kind == "alert"]
    if not alerts or any(_is_switch_like(a.rule.name.text) for a in alerts if a.rule):
        return
    if any(a.expression is None or always_fires(a.expression.root) for a in alerts):
        return
    whole = [each for each in view.plan.alertmanagers if not each.embedded]
    for alertmanager in whole[:1]:
        route = alertmanager.route
        receiver = route.receiver if route else None
        yield Fault(
            "no alert fires all the time, so nobody notices when alerts stop coming",
            receiver.span if receiver else alertmanager.at,
            "add an alert with `expr: vector(1)`, and send it to something that misses it, such as "
            "a Healthchecks check",
            subject=alertmanager.key,
        )


def _is_switch_like(name: str) -> bool:
    return _NAME.search(name) is not None


CHECK = Check("no-dead-mans-switch", "info", plan=check, needs=("alertmanager", "rules"))
