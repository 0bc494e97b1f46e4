"""VPN clients that start before, or without, their gateway."""

from collections.abc import Iterator
from typing import Final

from labkeeper.checks.check import Check, Fault
from labkeeper.checks.network.gateways import Gated, gateways
from labkeeper.checks.view import View
from labkeeper.plan import Container
from labkeeper.source import Related, Severity

_DEPEND: Final = "add `depends_on: {{{}: {{condition: service_healthy, restart: true}}}}`"


def check(view: View) -> Iterator[Fault]:
    """One fault a gateway for each way in which its clients may be left behind."""
    for gated in gateways(view.reach):
        unordered = [each for each in gated.clients if not _ordered(view, gated, each)]
        if unordered:
            yield _fault(
                gated, unordered, "may start before", "warning",
                _after(view, unordered, gated.gateway.key),
            )  # fmt: skip
        hasty = [
            each
            for each in gated.clients
            if each not in unordered and _is_compose(view, each) and not _waits(gated, each)
        ]
        if hasty:
            yield _fault(
                gated, hasty, "do not wait for the tunnel of", "info",
                _DEPEND.format(gated.gateway.key),
            )  # fmt: skip


def _after(view: View, clients: list[Container], gateway: str) -> str:
    if all(_is_compose(view, client) for client in clients):
        return _DEPEND.format(gateway)
    return (
        f"start them after `{gateway}`: `dependsOn` on NixOS, `Requires=` and `After=` in a Quadlet"
    )


def _is_compose(view: View, client: Container) -> bool:
    project = view.projects.get(client.project)
    return project is not None and project.kind == "compose"


def _ordered(view: View, gated: Gated, client: Container) -> bool:
    """Whether the engine is told to start the gateway first.

    Compose does so by itself for `service:NAME`, and a Quadlet for `Network=NAME.container`.
    """
    if any(each.name in gated.gateway.names for each in client.depends_on):
        return True
    project = view.projects.get(client.project)
    kind = project.kind if project else "compose"
    by_name = client.namespace is not None and client.namespace.by_name
    return not client.complete or (kind != "nix" and not by_name)


def _waits(gated: Gated, client: Container) -> bool:
    return any(
        each.name in gated.gateway.names and each.condition == "healthy"
        for each in client.depends_on
    )


def _fault(
    gated: Gated, clients: list[Container], what: str, severity: Severity, fix: str
) -> Fault:
    first, *rest = clients
    names = ", ".join(f"`{each.key}`" for each in clients)
    verb = what if rest else what.replace("do not wait", "does not wait")
    return Fault(
        f"{names} {verb} `{gated.gateway.key}`",
        first.namespace.at if first.namespace else first.at,
        fix,
        tuple(
            Related(f"`{each.key}` likewise", each.namespace.at) for each in rest if each.namespace
        ),
        subject=gated.gateway.key,
        severity=severity,
    )


CHECK = Check("vpn-client-stranded", "warning", plan=check)
