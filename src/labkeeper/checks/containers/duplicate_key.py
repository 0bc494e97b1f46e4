"""A key is given twice in one mapping."""

from collections.abc import Iterator
from typing import Final

from labkeeper.checks.check import Check, Fault
from labkeeper.source import Document, Mapping, Related, Sequence

_REFUSED: Final = {
    "compose": "Compose refuses the file",
    "prometheus": "Prometheus refuses the file",
    "rules": "Prometheus refuses the file",
    "alertmanager": "Alertmanager refuses the file",
}


def check(document: Document) -> Iterator[Fault]:
    """Keys that a mapping has already, in YAML and JSON of any kind."""
    if document.embedded and document.kind == "unknown":
        # A guide may show two ways to write a thing below each other.
        return
    said = _REFUSED.get(document.kind, "most programs take the last and forget the first")
    for mapping in _mappings(document):
        for key, first in mapping.duplicates:
            yield Fault(
                f"`{key.value}` is given twice here: {said}",
                key.span,
                "keep one of the two, with what both say",
                (Related(f"`{first.value}` is given here first", first.span),),
                subject=key.value,
            )


def _mappings(document: Document) -> Iterator[Mapping]:
    """Every mapping once, however many aliases lead to it."""
    seen: set[int] = set()
    waiting = [document.root]
    while waiting:
        here = waiting.pop()
        if id(here) in seen:
            continue
        seen.add(id(here))
        match here:
            case Mapping():
                yield here
                waiting.extend(value for _, value in here.pairs)
            case Sequence():
                waiting.extend(here.items)
            case _:
                pass


CHECK = Check("duplicate-key", "error", form=check)
