"""Download clients that are set up beside a VPN gateway, and do not go through it."""

from collections.abc import Iterator

from labkeeper.checks.check import Check, Fault
from labkeeper.checks.network.gateways import Gated, gateways, switched
from labkeeper.checks.view import View
from labkeeper.plan import Container
from labkeeper.source import Related, Span


def check(view: View) -> Iterator[Fault]:
    """Clients that wait for the gateway, or whose ports it publishes, on a network of their own."""
    everywhere = tuple(gateways(view.reach))
    within = {id(client) for gated in everywhere for client in gated.clients}
    told: set[int] = set()
    labs = {project.key for project in view.plan.projects if project.kind == "lab"}
    for gated in everywhere:
        if switched(gated.gateway, gated.software.proxy):
            continue
        behind = [view.reach.service(client) for client in gated.clients]
        for each in view.plan.containers:
            # With two gateways, who goes through one is behind a tunnel.
            if each.project != gated.gateway.project or id(each) in within | told:
                continue
            service = view.reach.service(each)
            # With profiles, a project can have the same software behind the tunnel and beside it.
            chosen = bool(each.profiles) and service in behind
            through = service is not None and service.through_vpn and not chosen
            sign = _sign(view, gated, each) if through else None
            # All of a lab is there to see: who has a gateway has it for these.
            if sign is None and through and gated.gateway.project in labs:
                sign = gated.gateway.at
            if sign is None or view.reach.space(each).kind not in {"container", "host"}:
                continue
            told.add(id(each))
            yield Fault(
                f"`{each.key}` does not use the network of `{gated.gateway.key}`, so its traffic "
                "goes out beside the tunnel",
                each.at,
                f"say `through: {gated.gateway.key}`"
                if each.project in labs
                else f"set `network_mode: service:{gated.gateway.key}`, and publish its ports on "
                f"`{gated.gateway.key}`",
                (Related("this shows that it was meant to go through it", sign),),
                subject=each.key,
            )


def _sign(view: View, gated: Gated, client: Container) -> Span | None:
    """What shows that a container was meant to be behind the gateway."""
    for dependency in client.depends_on:
        if dependency.name in gated.gateway.names:
            return dependency.at
    listening = view.reach.listening(client).listeners
    for port in gated.gateway.ports:
        if any(each.port in port.container for each in listening):
            return port.at
    return None


CHECK = Check("vpn-leak", "warning", plan=check)
