"""An image is pulled without saying which version."""

from collections.abc import Iterator

from labkeeper.checks.check import Check, Fault
from labkeeper.checks.images import pinning, pulled
from labkeeper.checks.view import View


def check(view: View) -> Iterator[Fault]:
    """Images of no tag, or of the tag `latest`, unless a digest says which one is meant."""
    for container in view.plan.containers:
        found = pulled(container)
        if found is None or found.digest or found.tag not in {None, "latest"}:
            continue
        service = view.reach.service(container)
        if service and service.database:
            # What that means for a database is said by `database-tag-floats`.
            continue
        image = container.image
        claim = (
            "names no version" if found.tag is None else "is whatever was newest at the last pull"
        )
        yield Fault(
            f"`{image.text if image else ''}` {claim}, so nobody can tell what `{container.key}` "
            "runs",
            image.span if image else container.at,
            "name the version that runs today, and raise it when you have read its release notes",
            subject=container.key,
            fix=pinning(view, container),
        )


CHECK = Check("latest-image", "info", plan=check)
