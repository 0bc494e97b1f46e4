"""Annotations that show a label which the expression left behind."""

import re
from collections.abc import Iterator
from typing import Final

from labkeeper.checks.check import Check, Fault
from labkeeper.checks.view import View
from labkeeper.promql import output_labels
from labkeeper.source import Related

# `.Labels` is left out: inside `range query` it means the labels of another query.
_USED: Final = re.compile(
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
        said: set[str] = set()
        for _, text in (*rule.annotations, *rule.labels):
            for found in _USED.finditer(text.text):
                name = found["plain"] or found["indexed"]
                if name in own or name in said or labels.can_have(name):
                    continue
                said.add(name)
                group = "plain" if found["plain"] else "indexed"
                yield Fault(
                    f"`{rule.name.text}` has no label `{name}`: its expression leaves it behind",
                    text.within(*found.span(group)),
                    f"keep it, as in `by ({name})`, or write something else here",
                    (Related("this decides which labels are left", asked.source.span),),
                    subject=f"{rule.name.text}: {name}",
                )


CHECK = Check("label-lost-in-annotation", "warning", plan=check)
