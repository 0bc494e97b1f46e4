"""Series that are recorded and never asked for."""

from collections.abc import Iterator

from labkeeper.checks.check import Check, Fault
from labkeeper.checks.view import View
from labkeeper.plan import UNKNOWN


def check(view: View) -> Iterator[Fault]:
    """Recording rules whose series no rule and no dashboard here uses."""
    plan = view.plan
    if not plan.dashboards or any(each.remote_write for each in plan.prometheuses):
        return
    used: set[str] = set()
    for asked in view.expressions:
        if asked.expression is None:
            # What cannot be read may use anything.
            return
        for selector in asked.expression.selectors:
            # A pattern, or a variable of a dashboard, may mean any name.
            if selector.name is None or UNKNOWN in selector.name:
                return
            used.add(selector.name)
    for rule in plan.rules:
        if rule.kind == "record" and rule.name.text not in used:
            yield Fault(
                f"nothing here uses `{rule.name.text}`",
                rule.name.span,
                "use it in an alert or a dashboard, or delete the rule",
                subject=rule.name.text,
            )


CHECK = Check("unused-recording-rule", "info", plan=check)
