"""Faults for names that nothing answers to."""

from collections.abc import Iterator
from difflib import get_close_matches
from typing import Final

from labkeeper.checks.check import Fault
from labkeeper.checks.view import View
from labkeeper.plan import Missing

_UNITS: Final = (".network", ".volume", ".container", ".pod")
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
                _claim(each),
                each.at,
                _help(each),
                subject=each.name,
                # Quadlet's files may lie in several folders, of which this may be one.
                severity="warning" if each.name.endswith(_UNITS) else None,
            )


def _claim(each: Missing) -> str:
    if each.name.endswith(_UNITS):
        return f"there is no `{each.name}` here, so the unit that names it does not start"
    return f"there is no {each.kind} `{each.name}` here, so nothing of this project starts"


def _help(each: Missing) -> str:
    near = get_close_matches(each.name, each.known, n=1)
    if near:
        return f"did you mean `{near[0]}`?"
    if each.name.endswith(_UNITS):
        return f"add `{each.name}`, or name what is there already without its suffix"
    known = ", ".join(f"`{name}`" for name in each.known[:8])
    return _DECLARE[each.kind].format(name=each.name, known=known)
