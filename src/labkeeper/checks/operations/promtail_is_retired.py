"""Promtail is configured or planned, though it is no longer maintained."""

from collections.abc import Iterator
from typing import Final

from labkeeper.checks.check import Check, Fault
from labkeeper.checks.view import View
from labkeeper.source import Related

# https://grafana.com/docs/loki/latest/send-data/promtail/
_MESSAGE: Final = "Promtail gets no fixes any more since 2 March 2026"
_HELP: Final = (
    "use Grafana Alloy, which takes its configuration over: "
    "`alloy convert --source-format=promtail`"
)


def check(view: View) -> Iterator[Fault]:
    """Its configurations, and guides that have it set up: one cause, however often it is named."""
    places = [each.at for each in view.plan.mentions if each.name == "promtail"]
    if not _runs(view):
        configured = (e.at for e in view.plan.log_pipelines if e.collector == "promtail")
        places = [*configured, *places]
    if places:
        first, *others = places
        related = tuple(Related("it is set up here too", at) for at in others)
        yield Fault(_MESSAGE, first, _HELP, related, subject="promtail")


def _runs(view: View) -> bool:
    """Whether a container of it is there, of which `retired-service` says the same."""
    services = (view.reach.service(each) for each in view.plan.containers)
    return any(each is not None and each.name == "promtail" for each in services)


CHECK = Check("promtail-is-retired", "warning", plan=check)
