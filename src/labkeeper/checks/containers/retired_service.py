"""Software that nobody looks after any more."""

from collections.abc import Iterator

from labkeeper.catalog import Retired
from labkeeper.checks.check import Check, Fault
from labkeeper.checks.view import View


def check(view: View) -> Iterator[Fault]:
    """Containers of retired software; what has taken its place is the help."""
    for container in view.plan.containers:
        service = view.reach.service(container)
        if service is None or service.retired is None:
            continue
        yield Fault(
            f"{service.title} {service.retired.what}: no more fixes, not even for security",
            container.image.span if container.image else container.at,
            _help(view, service.retired),
            subject=container.key,
        )


def _help(view: View, retired: Retired) -> str | None:
    """What to move to: a piece of software by its name in the catalog, or advice in words."""
    successor = view.services.by_name.get(retired.instead or "")
    if successor is None:
        return retired.instead
    image = next(iter(successor.images), None)
    return f"move to {successor.title}" + (f": `{image}`" if image else "")


CHECK = Check("retired-service", "warning", plan=check)
