"""One urgent alert silences all lesser ones everywhere."""

from collections.abc import Iterator
from typing import Final

from labkeeper.checks.check import Check, Fault
from labkeeper.checks.view import View

_RANKS: Final = frozenset({"severity", "priority", "level"})


def check(view: View) -> Iterator[Fault]:
    """Each inhibition by severity alone whose alerts need have nothing in common."""
    for one in view.plan.alertmanagers:
        for rule in one.inhibitions:
            ranked = rule.source and rule.target and not rule.equal
            if ranked and all(m.label in _RANKS for m in (*rule.source, *rule.target)):
                yield Fault(
                    f"any alert with `{_words(rule.source[0].label, rule.source[0].value)}` "
                    f"silences every alert with "
                    f"`{_words(rule.target[0].label, rule.target[0].value)}`, whatever it is about",
                    rule.at,
                    "say what they must have in common, for example `equal: [alertname, instance]`",
                    subject=f"{rule.source[0].value} {rule.target[0].value}",
                )


def _words(label: str, value: str) -> str:
    return f"{label}={value}"


CHECK = Check("inhibit-without-equal", "warning", plan=check)
