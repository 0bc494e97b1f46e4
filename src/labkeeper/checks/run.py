"""Runs checks and gathers what they find."""

from collections.abc import Iterable, Iterator

from labkeeper.checks.check import Check
from labkeeper.checks.view import View
from labkeeper.plan import Facet
from labkeeper.source import Document, Finding
from labkeeper.values import dataclass


@dataclass(frozen=True, slots=True)
class Unjudged:
    """Checks that did not run, because the stack does not show all of a facet."""

    facet: Facet
    checks: tuple[str, ...]


def check_form(document: Document, checks: Iterable[Check]) -> Iterator[Finding]:
    """What is wrong with one document, taken by itself."""
    for check in checks:
        if check.form:
            yield from map(check.finding, check.form(document))


def check_plan(view: View, checks: Iterable[Check]) -> Iterator[Finding]:
    """What is wrong with everything together."""
    for check in checks:
        if check.plan and view.plan.knows(*check.needs):
            yield from map(check.finding, check.plan(view))


def unjudged(view: View, checks: Iterable[Check]) -> tuple[Unjudged, ...]:
    """Which checks had to stay silent, by the facet that they would have needed."""
    silent: dict[Facet, list[str]] = {}
    for check in checks:
        for facet in check.needs:
            if facet not in view.plan.facets:
                silent.setdefault(facet, []).append(check.name)
    return tuple(Unjudged(facet, tuple(names)) for facet, names in sorted(silent.items()))
