"""A VPN gateway that lets its clients out when the tunnel is down."""

from collections.abc import Iterator

from labkeeper.checks.check import Check, Fault
from labkeeper.checks.network.gateways import gateways, switched
from labkeeper.checks.view import View
from labkeeper.source import Related


def check(view: View) -> Iterator[Fault]:
    """Gateways whose own firewall was switched off."""
    for gated in gateways(view.reach):
        off = switched(gated.gateway, gated.software.kill_switch_off)
        if off is None:
            continue
        yield Fault(
            f"`{gated.gateway.key}` lets traffic past its tunnel: its firewall is switched off",
            off.at,
            f"delete `{off.name}`, and open what is needed with `FIREWALL_OUTBOUND_SUBNETS`",
            tuple(Related(f"`{each.key}` goes out through it", each.at) for each in gated.clients),
            subject=gated.gateway.key,
        )


CHECK = Check("vpn-without-kill-switch", "error", plan=check)
