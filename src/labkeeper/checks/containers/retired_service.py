"""Software that nobody looks after any more."""

from collections.abc import Iterator

from labkeeper.catalog import Retired
from labkeeper.checks.check import Check, Fault
from labkeeper.checks.view import View
from labkeeper.plan import Container
from labkeeper.source import Related, Span


def check(view: View) -> Iterator[Fault]:
    """One fault for each retired software; what has taken its place is the help."""
    found: dict[str, list[Container]] = {}
    for container in view.plan.containers:
        service = view.reach.service(container)
        if service and service.retired:
            found.setdefault(service.name, []).append(container)
    for name, (first, *others) in found.items():
        service = view.services.by_name[name]
        if service.retired is None:
            continue
        yield Fault(
            f"{service.title} {service.retired.what}: no more fixes, not even for security",
            _at(first),
            _help(view, service.retired),
            tuple(Related(f"`{each.key}` runs it too", _at(each)) for each in others),
            subject=first.key,
        )


def _at(container: Container) -> Span:
    return container.image.span if container.image else container.at


def _help(view: View, retired: Retired) -> str | None:
    """What to move to: a piece of software by its name in the catalog, or advice in words."""
    successor = view.services.by_name.get(retired.instead or "")
    if successor is None:
        return retired.instead
    image = next(iter(successor.images), None)
    return f"move to {successor.title}" + (f": `{image}`" if image else "")


CHECK = Check("retired-service", "warning", plan=check)
