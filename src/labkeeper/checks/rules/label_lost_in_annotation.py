"""Annotations that show a label which the expression left behind."""

from collections.abc import Iterator
from typing import Final

from labkeeper.checks.check import Check, Fault
from labkeeper.checks.view import View
from labkeeper.promql import output_labels
from labkeeper.source import Related, Span
from labkeeper.values import regex

# `.Labels` is left out: inside `range query` it means the labels of another query.
_USED: Final = regex(
    r"\{\{[^{}]*?\$labels\.(?P<plain>[A-Za-z_]\w*)[^{}]*?\}\}"
    r"|\{\{[^{}]*?index\s+\$labels\s+\"(?P<indexed>[^\"]+)\"[^{}]*?\}\}"
)


def check(view: View) -> Iterator[Fault]:
    """Texts that say `{{ $labels.x }}` of alerts that have no label `x`."""
    for asked in view.expressions:
        rule = asked.rule
        if rule is None or rule.kind != "alert" or asked.expression is None:
            continue
        labels = output_labels(asked.expression.root)
        own = {name for name, _ in rule.labels} | {"alertname"}
        lost: dict[str, Span] = {}
        for _, text in (*rule.annotations, *rule.labels):
            for found in _USED.finditer(text.text):
                group = "plain" if found["plain"] else "indexed"
                name = found[group]
                if name not in own and not labels.can_have(name):
                    lost.setdefault(name, text.within(*found.span(group)))
        if lost:
            yield _fault(rule.name.text, lost, asked.source.span)


def _fault(rule: str, lost: dict[str, Span], source: Span) -> Fault:
    """One fault a rule: its expression is the one cause."""
    (first, at), *others = lost.items()
    names = ", ".join(lost)
    return Fault(
        f"`{rule}` has no label `{first}`: its expression leaves it behind",
        at,
        f"keep {'it' if not others else 'them'}, as in `by ({names})`, or write something else "
        "here",
        (
            Related("this decides which labels are left", source),
            *(Related(f"nor has it a label `{name}`", where) for name, where in others),
        ),
        subject=f"{rule}: {first}",
    )


CHECK = Check("label-lost-in-annotation", "warning", plan=check)
