"""Promtail is configured or planned, though it is no longer maintained."""

from collections.abc import Iterator
from typing import Final

from labkeeper.checks.check import Check, Fault
from labkeeper.checks.view import View
from labkeeper.source import Document, Mapping

_MESSAGE: Final = "Promtail gets no fixes any more since 2 March 2026"
_HELP: Final = (
    "use Grafana Alloy, which takes its configuration over: "
    "`alloy convert --source-format=promtail`"
)


def check_form(document: Document) -> Iterator[Fault]:
    """A Promtail configuration; an image of it is for retired-service to say."""
    if document.kind != "promtail" or not isinstance(document.root, Mapping):
        return
    for name in ("clients", "positions", "scrape_configs"):
        if pair := document.root.pair(name):
            yield Fault(_MESSAGE, pair[0].span, _HELP, subject="promtail")
            return


def check(view: View) -> Iterator[Fault]:
    """A guide that has it set up, or an option that switches it on."""
    for mention in view.plan.mentions:
        if mention.name == "promtail":
            yield Fault(_MESSAGE, mention.at, _HELP, subject="promtail")


CHECK = Check("promtail-is-retired", "warning", form=check_form, plan=check)
