"""A host of a lab that is to be compiled to what labkeeper cannot write yet."""

from collections.abc import Iterator

from labkeeper.checks.check import Check, Fault
from labkeeper.checks.view import View


def check(view: View) -> Iterator[Fault]:
    """Each host for Kubernetes: left out in silence, its services would run nowhere."""
    for host in view.plan.hosts:
        if host.target == "kubernetes":
            yield Fault(
                f"`{host.name}` is to run on Kubernetes, which comes later: nothing would be built",
                host.at,
                "choose `nixos`, `quadlet` or `compose` for now, or `none` for a host that is only "
                "watched",
                subject=host.name,
            )


CHECK = Check("target-not-supported", "error", plan=check)
