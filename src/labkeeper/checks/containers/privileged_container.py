"""A container may do whatever root may do on the host."""

from collections.abc import Iterator

from labkeeper.checks.check import Check, Fault
from labkeeper.checks.view import View


def check(view: View) -> Iterator[Fault]:
    """Privileged containers, unless their software is known not to work otherwise."""
    for container in view.plan.containers:
        if container.privileged is None:
            continue
        service = view.reach.service(container)
        known = service.privileged if service else None
        if known and known.needed:
            continue
        yield Fault(
            f"`{container.key}` is privileged, so whoever breaks into it is root on the host",
            container.privileged,
            known.instead
            if known and known.instead
            else "give it only what it needs: single devices (`/dev/dri`), "
            "single capabilities (`NET_ADMIN`)",
            subject=container.key,
        )


CHECK = Check("privileged-container", "warning", plan=check)
