"""A VPN gateway of which nobody can tell whether its tunnel is up."""

from collections.abc import Iterator
from typing import Final

from labkeeper.catalog import image_reference
from labkeeper.checks.check import Check, Fault
from labkeeper.checks.network.gateways import gateways
from labkeeper.checks.view import View
from labkeeper.plan import Container

_THROUGH: Final = (
    "add one that goes out through the tunnel: `healthcheck: {test: [CMD, ping, -c1, 1.1.1.1]}`"
)


def check(view: View) -> Iterator[Fault]:
    """Gateways with clients whose health check is switched off, or that have none."""
    for gated in gateways(view.reach):
        gateway = gated.gateway
        if not gated.clients or not gateway.complete:
            continue
        if gateway.health and gateway.health.disabled:
            message = f"the health check of `{gateway.key}` is switched off"
            at, fix = gateway.health.at, "delete this: the image has a health check of its own"
        elif gateway.health is None and _has_none(view, gateway):
            message = f"`{gateway.key}` has no health check"
            at, fix = gateway.at, _THROUGH
        else:
            continue
        yield Fault(
            f"{message}, so nothing notices when its tunnel is down",
            at,
            fix,
            subject=gateway.key,
        )


def _has_none(view: View, gateway: Container) -> bool:
    service = view.reach.service(gateway)
    if service is None or gateway.image is None:
        return False
    image = service.images.get(image_reference(gateway.image.text).repository)
    return image is not None and image.health_check is False


CHECK = Check("vpn-gateway-without-health", "warning", plan=check)
