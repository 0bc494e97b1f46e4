"""A service of the lab that nobody says how to run."""

from collections.abc import Iterator

from labkeeper.checks.check import Check, Fault
from labkeeper.checks.view import View


def check(view: View) -> Iterator[Fault]:
    """Each service that the catalog knows by name alone."""
    for each in view.plan.missing:
        if each.kind == "image":
            yield Fault(
                f"nothing says which image runs `{each.name}`: the catalog knows what it is, and "
                "not how it is run",
                each.at,
                "give it an `image`",
                subject=each.name,
            )


CHECK = Check("service-without-image", "error", plan=check)
