"""A container's port is open to everybody, past the host's firewall."""

from collections.abc import Iterator
from typing import Final

from labkeeper.checks.check import Check, Fault
from labkeeper.checks.spoken import listed
from labkeeper.checks.view import View
from labkeeper.plan import Container, Host, Plan, PublishedPort

# Published ports are rewritten before routing and arrive in FORWARD, and a host's firewall looks
# at INPUT: https://docs.docker.com/engine/network/packet-filtering-firewalls/, and for Podman the
# warning of NixOS' `virtualisation.oci-containers.containers.<name>.ports`.
_EVERYWHERE: Final = frozenset({None, "0.0.0.0", "::"})  # noqa: S104


def check(view: View) -> Iterator[Fault]:
    """Looks for ports on all addresses of hosts whose firewall is said to close them."""
    hosts = {host.name: host for host in view.plan.hosts}
    for container in view.plan.containers:
        host = hosts.get(container.host)
        for port in container.ports if host else ():
            if host and port.host and port.address in _EVERYWHERE:
                if _is_for_others(view.plan, host, port, port.host.first):
                    continue
                yield from _fault(view.plan, host, container, port, port.host.first)


def _is_for_others(plan: Plan, host: Host, port: PublishedPort, number: int) -> bool:
    """Whether it is shown for a service of another host, which alone the lab's firewall lets in."""
    return any(
        o.source and (o.host, o.port, o.protocol) == (host.name, number, port.protocol)
        for o in plan.openings
    )


def _fault(
    plan: Plan, host: Host, container: Container, port: PublishedPort, number: int
) -> Iterator[Fault]:
    zones = dict.fromkeys(i.zone for i in host.interfaces if i.zone)
    let_in = {
        o.zone
        for o in plan.openings
        if o.zone and (o.host, o.port, o.protocol) == (host.name, number, port.protocol)
    }
    closed = [zone for zone in zones if zone not in let_in and zone not in host.trusted]
    if not closed:
        return
    address = "ADDRESS" if let_in else "127.0.0.1"
    meant = "the host's own address in the zone that is meant" if let_in else "this host alone"
    yield Fault(
        f"port {number} of `{container.key}` is shown on every address: no firewall but that of a "
        f"build keeps {listed(closed)} out, since container engines let it in before one is asked",
        port.at,
        f"show it on {meant}: `{address}:{number}:{port.container.first}`; if it is meant to be"
        f" open, say so: `open-to: [{', '.join([*sorted(let_in), *closed])}]`",
        subject=f"{host.name} {container.key} {number}",
    )


CHECK = Check("port-bypasses-firewall", "warning", plan=check)
