"""A service is to go through another one's network, and is on its host's all the same."""

from collections.abc import Iterator

from labkeeper.checks.check import Check, Fault
from labkeeper.checks.view import View


def check(view: View) -> Iterator[Fault]:
    """Each `through` that encloses nothing."""
    for each in view.plan.missing:
        if each.kind not in {"gateway", "gateway-native"}:
            continue
        service, gateway = each.name.split(" ")
        if each.kind == "gateway":
            message = (
                f"`{service}` goes through `{gateway}`, which has no network but the host's own, "
                "so what it sends leaves as from the host itself"
            )
            fix = (
                f"leave `through` out: what `{gateway}` reaches, all of its host reaches; or go "
                "through a gateway with a network of its own, such as `gluetun`"
            )
        else:
            message = (
                f"`{service}` runs natively, so it cannot go through `{gateway}`: what it sends "
                "leaves beside the tunnel"
            )
            fix = "run it in a container: `run: container`"
        yield Fault(message, each.at, fix, subject=each.name)


CHECK = Check("through-host-network", "error", plan=check)
