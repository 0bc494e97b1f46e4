"""A service is to run natively, and nothing on its host can run it so."""

from collections.abc import Iterator
from typing import Final

from labkeeper.checks.check import Check, Fault
from labkeeper.checks.view import View

_WHY: Final = {
    "native-nixos": "only NixOS has modules that run services, and its host is no NixOS",
    "native-twice": "its host has that module once, and another service has it",
    "native-module": "the catalog knows no NixOS module that runs it",
}


def check(view: View) -> Iterator[Fault]:
    """Each `run: native` that cannot be had."""
    for each in view.plan.missing:
        why = _WHY.get(each.kind)
        if why:
            yield Fault(
                f"`{each.name}` cannot run natively: {why}",
                each.at,
                "leave `run` out: it then runs as a container",
                subject=each.name,
            )


CHECK = Check("no-native-module", "error", plan=check)
