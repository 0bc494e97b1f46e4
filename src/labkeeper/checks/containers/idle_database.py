"""A second database of a kind that nothing of the lab uses."""

import re
from collections.abc import Iterator

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
    for each, software in kept:
        used = [s for s, other in kept if s is not each and other is software and _is_used(view, s)]
        if used and not _is_used(view, each) and not _may_be_named(view, each):
            waiting = [s for s in view.plan.services if s.host == each.host and each.key in s.after]
            related = tuple(
                Related(f"`{s.key}` waits for it, and uses none", s.at) for s in waiting
            )
            yield Fault(
                f"`{each.key}` is a second {software.title}, and nothing of the lab uses it: all "
                f"that wants one has `{used[0].key}`",
                each.at,
                f"say who is to use it, there: `after: [{each.key}]`; or remove it",
                related,
                subject=f"{each.host} {each.key}",
            )


def _is_database(software: Software) -> bool:
    return bool(software.ports) and software.ports[0].purpose == "database"


def _is_used(view: View, each: Service) -> bool:
    """Whether a service that asks for its kind is connected to it."""
    known = view.services.by_name
    kinds = {(s.host, s.key): known.get(s.software or "") for s in view.plan.services}
    for link in view.plan.links:
        if (link.server_host, link.server) != (each.host, each.key):
            continue
        client = kinds.get((link.client_host, link.client))
        if client and client.run and link.why in {p.why for p in client.run.talks_to.values()}:
            return True
    return False


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
