"""The same rule twice."""

from collections.abc import Iterator

from labkeeper.checks.check import Check, Fault
from labkeeper.checks.view import View
from labkeeper.plan import Rule
from labkeeper.source import Related


def check(view: View) -> Iterator[Fault]:
    """Rules with the name, the expression and the labels of an earlier one."""
    seen: dict[tuple[object, ...], Rule] = {}
    for rule in view.plan.rules:
        for place in _places(view, rule):
            key = (
                place,
                rule.kind,
                rule.name.text,
                " ".join(rule.expr.text.split()),
                tuple(sorted((name, value.text) for name, value in rule.labels)),
            )
            first = seen.setdefault(key, rule)
            if first is rule:
                continue
            what = "alert" if rule.kind == "alert" else "recording rule"
            yield Fault(
                f"{what} `{rule.name.text}` is defined twice, with the same expression and labels",
                rule.name.span,
                "delete one of them",
                (Related("the first one", first.name.span),),
                subject=rule.name.text,
            )
            break


def _places(view: View, rule: Rule) -> list[str]:
    """What reads the rule: its own file, and each Prometheus that loads it with others."""
    loaded = [p.key for p in view.plan.prometheuses if p.loaded and rule.file in p.loaded]
    return [f"file {rule.file}", *(f"server {key}" for key in loaded)]


CHECK = Check("duplicate-rule", "warning", plan=check)
