"""Alerts that fire whenever there is data."""

from collections.abc import Iterator, Mapping

from labkeeper.checks.check import Check, Fault
from labkeeper.checks.expressions import Asked
from labkeeper.checks.rules.conditions import always_fires, is_conditional
from labkeeper.checks.view import View
from labkeeper.promql import Binary, Selector, walk
from labkeeper.source import Severity


def check(view: View) -> Iterator[Fault]:
    """Alerts whose expression has a result for every series, whatever its value."""
    recorded = {each.rule.name.text: each for each in view.expressions if each.rule}
    for asked in view.expressions:
        if asked.rule is None or asked.rule.kind != "alert" or asked.expression is None:
            continue
        root = asked.expression.root
        if is_conditional(root) or always_fires(root) or _is_open(recorded, asked.selectors):
            continue
        known = all(view.universe.metric(s.name or "") for s in asked.selectors)
        if not known and any(_chooses(s) for s in asked.selectors):
            continue
        severity: Severity = "error" if known and asked.selectors else "warning"
        as_number = any(isinstance(n, Binary) and n.as_number for n in walk(root))
        hint = "delete `bool`" if as_number else "compare it with a number: `... > 0.9`"
        name = asked.rule.name.text
        why = (
            "`bool` turns a false comparison into 0" if as_number else f"`{name}` compares nothing"
        )
        yield Fault(
            f"{why}, so {'it' if not as_number else f'`{name}`'} fires as long as there is data",
            asked.source.within(0, len(asked.source.text.rstrip()))
            if asked.source.text.strip()
            else asked.source.span,
            hint,
            subject=asked.subject,
            severity=severity,
        )


def _chooses(selector: Selector) -> bool:
    """Whether labels pick series that may be there only while something is wrong."""
    return any(m.label not in {"job", "instance"} for m in selector.matchers)


def _is_open(recorded: Mapping[str, Asked], selectors: tuple[Selector, ...]) -> bool:
    """Whether the series may themselves be there only when something holds."""
    for selector in selectors:
        name = selector.name or ""
        rule = recorded.get(name)
        if rule and rule.expression and is_conditional(rule.expression.root):
            return True
        if ":" in name and rule is None:
            return True
    return False


CHECK = Check("alert-without-condition", "error", plan=check)
