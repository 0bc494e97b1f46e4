"""A container is waited for until it is healthy, and nothing tells when it is."""

from collections.abc import Iterator

from labkeeper.checks.check import Check, Fault
from labkeeper.checks.images import pulled
from labkeeper.checks.view import View
from labkeeper.plan import Container
from labkeeper.source import Related


def check(view: View) -> Iterator[Fault]:
    """Containers without a health check on whose health another one waits."""
    for container in view.plan.containers:
        for wait in container.depends_on:
            other = view.reach.named(wait.name, container.project)
            if wait.condition != "healthy" or other is None or (why := _why(view, other)) is None:
                continue
            yield Fault(
                f"`{container.key}` waits for `{other.key}` to be healthy, but {why}",
                wait.at,
                f"give `{other.key}` a `healthcheck:`, or wait with `condition: service_started`",
                (Related(f"`{other.key}` is declared here", other.at),),
                subject=f"{container.key} {other.key}",
            )


def _why(view: View, container: Container) -> str | None:
    """Why nothing can tell its health, where that is sure."""
    if container.health is not None:
        return "its health check is switched off" if container.health.disabled else None
    found = pulled(container)
    service = view.reach.service(container)
    image = service.images.get(found.repository) if service and found else None
    if image is not None and image.health_check is False:
        return "neither it nor its image has a health check"
    return None


CHECK = Check("no-health-check", "error", plan=check)
