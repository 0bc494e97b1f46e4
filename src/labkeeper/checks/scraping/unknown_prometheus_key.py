"""A key in prometheus.yml or in a rule file that no release of Prometheus reads."""

from collections.abc import Iterator
from typing import Final

from labkeeper.checks.check import Check, Fault
from labkeeper.checks.keys import Given, belongs, deleted, given, meant, renamed
from labkeeper.checks.scraping.prometheus_keys import RELATIVES, SHAPES
from labkeeper.source import Document, Fix, Mapping

_SHAPE: Final = {"prometheus": "file", "rules": "rules"}


def check(document: Document) -> Iterator[Fault]:
    """Every key that the place it stands in has not."""
    shape, root = _SHAPE.get(document.kind), document.root
    # promtool's unit tests name rule files, too.
    if shape is None or not isinstance(root, Mapping) or "tests" in root:
        return
    for item in given(root, SHAPES, shape):
        if item.known is None and not _elsewhere(item):
            place = f"`{item.under}` has" if item.under else "Prometheus has"
            yield Fault(
                f"{place} no key `{item.key.value}`, so Prometheus refuses to load this file",
                item.key.span,
                belongs(item, SHAPES) or _help(item),
                subject=f"{item.under or 'file'}.{item.key.value}",
                fix=_fix(item),
            )


def _elsewhere(item: Given) -> bool:
    """Whether something else reads the key: a discovery that is not ours, a relative."""
    discovers = item.shape in ("scrape", "alertmanager") and item.key.value.endswith("_sd_configs")
    return discovers or item.key.value in RELATIVES


def _fix(item: Given) -> Fix | None:
    if right := meant(item, SHAPES):
        return renamed(item, right)
    return deleted(item) if belongs(item, SHAPES) is None and item.shape != "rule" else None


def _help(item: Given) -> str:
    if item.shape == "rule":
        return "put it under `labels`, where routes see it, or under `annotations`"
    return "delete it"


CHECK = Check("unknown-prometheus-key", "error", form=check)
