"""A second database of a kind that nothing of the lab uses."""

import re
from collections.abc import Iterator, Set

from labkeeper.catalog import Service as Software
from labkeeper.checks.check import Check, Fault
from labkeeper.checks.view import View
from labkeeper.plan import Service
from labkeeper.source import Related
from labkeeper.values import regex


def check(view: View) -> Iterator[Fault]:
    """Each database that runs for nobody, beside one of its kind that is used."""
    known = view.services.by_name
    kept = [
        (each, software)
        for each in view.plan.services
        if (software := known.get(each.software or "")) and _is_database(software)
    ]
    connected = _connected(view)
    used: dict[str, Service] = {}
    for each, software in kept:
        if (each.host, each.key) in connected:
            used.setdefault(software.name, each)
    for each, software in kept:
        other = used.get(software.name)
        if other and (each.host, each.key) not in connected and not _may_be_named(view, each):
            waiting = [s for s in view.plan.services if s.host == each.host and each.key in s.after]
            related = tuple(
                Related(f"`{s.key}` waits for it, and uses none", s.at) for s in waiting
            )
            yield Fault(
                f"`{each.key}` is a second {software.title}, and nothing of the lab uses it: all "
                f"that wants one has `{other.key}`",
                each.at,
                f"say who is to use it, there: `after: [{each.key}]`; or remove it",
                related,
                subject=f"{each.host} {each.key}",
            )


def _is_database(software: Software) -> bool:
    return bool(software.ports) and software.ports[0].purpose == "database"


def _connected(view: View) -> Set[tuple[str, str]]:
    """Servers that a service is connected to which asks for their kind, by host and key."""
    known = view.services.by_name
    kinds = {(s.host, s.key): known.get(s.software or "") for s in view.plan.services}
    found: set[tuple[str, str]] = set()
    for link in view.plan.links:
        client = kinds.get((link.client_host, link.client))
        if client and client.run and link.why in {p.why for p in client.run.talks_to.values()}:
            found.add((link.server_host, link.server))
    return found


def _may_be_named(view: View, each: Service) -> bool:
    """Whether something names it, or could where nobody here sees it.

    What the catalog does not know may be told of its database by a secret, or by a file.
    """
    word = regex(rf"(?<![\w-]){re.escape(each.key)}(?![\w-])")
    for container in view.plan.containers:
        if container.key == each.key and container.host == each.host:
            continue
        unknown = view.reach.service(container) is None
        if unknown and (container.mounts or any(v.value is None for v in container.environment)):
            return True
        if any(v.value and word.search(v.value.text) for v in container.environment):
            return True
        if any(word.search(argument.text) for argument in container.command):
            return True
    own = {s.key: s for s in view.plan.services if s.host == each.host and s.software is None}
    return any(each.key in service.after for service in own.values())


CHECK = Check("idle-database", "info", plan=check)
