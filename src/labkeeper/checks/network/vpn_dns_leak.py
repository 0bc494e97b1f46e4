"""A VPN gateway asks name servers outside its tunnel."""

from collections.abc import Iterator

from labkeeper.checks.check import Check, Fault
from labkeeper.checks.network.gateways import gateways, switched
from labkeeper.checks.view import View
from labkeeper.source import Related


def check(view: View) -> Iterator[Fault]:
    """Gateways that are told to keep the engine's own name servers."""
    for gated in gateways(view.reach):
        kept = switched(gated.gateway, gated.software.dns_kept)
        if kept is None:
            continue
        yield Fault(
            f"`{gated.gateway.key}` keeps the name servers that the engine gives it, so whoever "
            "runs those learns every name that is asked for behind it",
            kept.at,
            f"delete `{kept.name}`: its own resolver asks through the tunnel",
            tuple(Related(f"`{each.key}` asks through it", each.at) for each in gated.clients),
            subject=gated.gateway.key,
        )


CHECK = Check("vpn-dns-leak", "warning", plan=check)
