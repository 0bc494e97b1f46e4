"""A service is named that the project does not have."""

from collections.abc import Iterator

from labkeeper.checks.check import Check, Fault
from labkeeper.checks.missing import missing
from labkeeper.checks.view import View


def check(view: View) -> Iterator[Fault]:
    """Services that a container names and its project lacks."""
    yield from missing(view, "service")


CHECK = Check("unknown-service", "error", plan=check)
