"""Faults for names that nothing answers to."""

import posixpath
from collections.abc import Iterator
from typing import Final

from labkeeper.checks.check import Fault
from labkeeper.checks.view import View
from labkeeper.plan import Missing, Project
from labkeeper.source import Fix, did_you_mean, misspelled, rewrite

_UNITS: Final = (".network", ".volume", ".container", ".pod")
_DECLARE: Final = {
    "network": "declare it under `networks:` (with `external: true`, if it was made elsewhere)",
    "volume": "declare it under `volumes:`, or write `./{name}` if a folder is meant",
    "service": "the services here are {known}",
}


def missing(view: View, kind: str) -> Iterator[Fault]:
    """What the plan misses of one kind, with the name that was likely meant."""
    for each in view.plan.missing:
        if each.kind == kind and not _is_beside(view, each):
            yield Fault(
                _claim(each),
                each.at,
                _help(each),
                subject=each.name,
                # Quadlet's files may lie in several folders, of which this may be one.
                severity="warning" if each.name.endswith(_UNITS) else None,
                fix=_fix(each),
            )


def _is_beside(view: View, each: Missing) -> bool:
    """Whether a compose file in its folder, or above it, has it: `-f` puts both together.

    Which files are given to one `docker compose` is nowhere written for sure.
    """
    folder = posixpath.dirname(each.at.file)
    for project in view.plan.projects:
        there = posixpath.dirname(project.file)
        if project.kind != "compose" or each.at.file in project.files or not project.files:
            continue
        above = not there or folder == there or folder.startswith(f"{there}/")
        if above and each.name in _names(view, project, each.kind):
            return True
    return False


def _names(view: View, project: Project, kind: str) -> set[str]:
    match kind:
        case "service":
            return {each.key for each in view.containers_of.get(project.key, ())}
        case "network":
            return {each.key for each in view.plan.networks if each.project == project.key}
        case _:
            return {each.key for each in view.plan.volumes if each.project == project.key}


def _claim(each: Missing) -> str:
    if each.name.endswith(_UNITS):
        return f"there is no `{each.name}` here, so the unit that names it does not start"
    return f"there is no {each.kind} `{each.name}` here, so nothing of this project starts"


def _fix(each: Missing) -> Fix | None:
    right = misspelled(each.name, each.known)
    return rewrite(f"write `{right}`", [each.at], each.name, right) if right else None


def _help(each: Missing) -> str:
    if near := did_you_mean(each.name, each.known):
        return near
    if each.name.endswith(_UNITS):
        return f"add `{each.name}`, or name what is there already without its suffix"
    known = ", ".join(f"`{name}`" for name in each.known[:8])
    return _DECLARE[each.kind].format(name=each.name, known=known)
