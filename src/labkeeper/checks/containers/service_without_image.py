"""A service of the lab that nobody says how to run."""

from collections.abc import Iterator

from labkeeper.catalog import Retired
from labkeeper.checks.check import Check, Fault
from labkeeper.checks.view import View


def check(view: View) -> Iterator[Fault]:
    """Each service that the catalog knows by name alone."""
    software = {each.key: each.software for each in view.plan.services}
    for each in view.plan.missing:
        if each.kind != "image":
            continue
        known = view.services.by_name.get(software.get(each.name) or "")
        retired = known.retired if known else None
        successor = view.services.by_name.get(retired.instead or "") if retired else None
        yield Fault(
            f"nothing says which image runs `{each.name}`: {_why(retired)}",
            each.at,
            f"run `{successor.name}` in its place" if successor else "give it an `image`",
            subject=each.name,
        )


def _why(retired: Retired | None) -> str:
    if retired is None:
        return "the catalog knows what it is, and not how it is run"
    return f"it {retired.what}, and the catalog starts nothing that is given up"


CHECK = Check("service-without-image", "error", plan=check)
