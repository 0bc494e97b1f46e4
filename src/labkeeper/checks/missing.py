"""Faults for names that nothing answers to."""

from collections.abc import Iterator
from difflib import get_close_matches
from typing import Final

from labkeeper.checks.check import Fault
from labkeeper.checks.view import View
from labkeeper.plan import Missing

_DECLARE: Final = {
    "network": "declare it under `networks:` (with `external: true`, if it was made elsewhere)",
    "volume": "declare it under `volumes:`, or write `./{name}` if a folder is meant",
    "service": "the services here are {known}",
}


def missing(view: View, kind: str) -> Iterator[Fault]:
    """What the plan misses of one kind, with the name that was likely meant."""
    for each in view.plan.missing:
        if each.kind == kind:
            yield Fault(
                f"there is no {kind} `{each.name}` here, so nothing of this project starts",
                each.at,
                _help(each),
                subject=each.name,
            )


def _help(each: Missing) -> str:
    near = get_close_matches(each.name, each.known, n=1)
    if near:
        return f"did you mean `{near[0]}`?"
    known = ", ".join(f"`{name}`" for name in each.known[:8])
    return _DECLARE[each.kind].format(name=each.name, known=known)
