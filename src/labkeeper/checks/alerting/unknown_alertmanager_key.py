"""A key in alertmanager.yml that no release of Alertmanager reads."""

from collections.abc import Iterator

from labkeeper.checks.alerting.alertmanager_keys import SHAPES
from labkeeper.checks.alerting.templates import NOTIFICATION
from labkeeper.checks.check import Check, Fault
from labkeeper.checks.go_template import flaws
from labkeeper.checks.keys import Given, belongs, deleted, given, meant, renamed
from labkeeper.source import Document, Fix, Mapping, Related, Scalar

_WORDING = ("title", "text", "message", "body", "subject", "template", "headers", "summary")


def check(document: Document) -> Iterator[Fault]:
    """Every key that the place it stands in has not."""
    if document.kind != "alertmanager" or not isinstance(document.root, Mapping):
        return
    for item in given(document.root, SHAPES, "file"):
        if item.known is None:
            place = f"`{item.under}` has" if item.under else "Alertmanager has"
            yield Fault(
                f"{place} no key `{item.key.value}`, so Alertmanager refuses to load this file",
                item.key.span,
                _help(item),
                tuple(_broken(item)),
                subject=f"{item.under or 'file'}.{item.key.value}",
                fix=_fix(item),
            )


def _help(item: Given) -> str:
    if item.under == "webhook_configs" and item.key.value in _WORDING:
        return (
            "delete it: a webhook gets Alertmanager's own JSON, and whatever listens there words "
            "the message\n(from Alertmanager 0.32 on, `payload` can shape that JSON)"
        )
    return belongs(item, SHAPES) or "delete it"


def _fix(item: Given) -> Fix | None:
    if right := meant(item, SHAPES):
        return renamed(item, right)
    # What stands in the wrong place says something that should not be lost.
    words = item.under == "webhook_configs" and item.key.value in _WORDING
    return deleted(item) if words or belongs(item, SHAPES) is None else None


def _broken(item: Given) -> Iterator[Related]:
    """What would be wrong with its value, wherever it is moved to."""
    if isinstance(item.value, Scalar):
        text = item.value.text
        for flaw in flaws(text.text, NOTIFICATION)[:1]:
            words = f"its text would not work elsewhere either: {flaw.message}"
            yield Related(words, text.within(flaw.start, flaw.end))


CHECK = Check("unknown-alertmanager-key", "error", form=check)
