"""A database's image can become another major version at the next pull."""

from collections.abc import Iterator
from typing import Final

from labkeeper.checks.check import Check, Fault
from labkeeper.checks.images import pinning, pulled
from labkeeper.checks.view import View
from labkeeper.values import regex

_VERSION: Final = {"major": regex(r"v?[0-9]+"), "minor": regex(r"v?[0-9]+\.[0-9]+")}


def check(view: View) -> Iterator[Fault]:
    """Databases whose tag does not hold them to the version that their files are written in."""
    for container in view.plan.containers:
        found = pulled(container)
        service = view.reach.service(container)
        if found is None or found.digest or service is None or service.database is None:
            continue
        bound = service.database.bound
        if found.tag and _VERSION[bound].match(found.tag):
            continue
        image = container.image
        yield Fault(
            f"`{image.text if image else ''}` can become another {bound} version of "
            f"{service.title} at any pull, but its files are bound to one",
            image.span if image else container.at,
            f"name the {bound} version that wrote the files in `{service.database.state}`, and "
            "change it only with a dump at hand",
            subject=container.key,
            fix=pinning(view, container),
        )


CHECK = Check("database-tag-floats", "warning", plan=check)
