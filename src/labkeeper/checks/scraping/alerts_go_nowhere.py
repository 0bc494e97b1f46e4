"""A Prometheus that evaluates alerts and has nobody to send them to."""

from collections.abc import Iterator
from typing import Final

from labkeeper.checks.check import Check, Fault
from labkeeper.checks.view import View
from labkeeper.plan import Prometheus

_IN_FILES: Final = (
    "name it under `alerting`:\nalerting:\n  alertmanagers:\n    - static_configs:\n"
    '        - targets: ["alertmanager:9093"]'
)
_IN_LAB: Final = "run one: `alertmanager:` under `services`"


def check(view: View) -> Iterator[Fault]:
    """Each server that loads alerting rules without an Alertmanager."""
    in_lab = any(project.kind == "lab" for project in view.plan.projects)
    alerts = {rule.file: rule for rule in reversed(view.plan.rules) if rule.kind == "alert"}
    for one in view.plan.prometheuses:
        loaded = [alerts[file] for file in one.loaded or () if file in alerts]
        if loaded and not _has_alertmanager(one):
            first = loaded[0].name.text
            yield Fault(
                f"this Prometheus loads alerts such as `{first}` and has no Alertmanager, so "
                "nobody is told of them",
                one.rule_files[0].span,
                _IN_LAB if in_lab else _IN_FILES,
                subject="alerting",
            )


def _has_alertmanager(one: Prometheus) -> bool:
    return bool(one.alertmanagers) or one.alertmanagers_discovered


CHECK = Check("alerts-go-nowhere", "warning", plan=check, needs=("rules",))
