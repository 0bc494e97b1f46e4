"""An image is named by a tag, which its publisher can move."""

from collections.abc import Iterator

from labkeeper.checks.check import Check, Fault
from labkeeper.checks.images import pulled
from labkeeper.checks.view import View


def check(view: View) -> Iterator[Fault]:
    """Images without a digest; those without a version are `latest-image`'s."""
    for container in view.plan.containers:
        found = pulled(container)
        if found is None or found.digest or found.tag in {None, "latest"}:
            continue
        yield Fault(
            f"the image of `{container.key}` has no digest, so its publisher can change what "
            f"`{found.tag}` is",
            container.image.span if container.image else container.at,
            "add the digest behind the tag: `@sha256:...`, as `docker images --digests` shows it",
            subject=container.key,
        )


CHECK = Check("unpinned-image", "info", plan=check, by_default=False)
