"""A container's port is open to everybody, past the host's firewall."""

from collections.abc import Iterator
from typing import Final

from labkeeper.checks.check import Check, Fault
from labkeeper.checks.spoken import listed
from labkeeper.checks.view import View
from labkeeper.plan import Container, Firewall, Host, Opening, Plan, PublishedPort
from labkeeper.source import Related
from labkeeper.values import dataclass

# Published ports are rewritten before routing and arrive in FORWARD, and a host's firewall looks
# at INPUT: https://docs.docker.com/engine/network/packet-filtering-firewalls/, and for Podman the
# warning of NixOS' `virtualisation.oci-containers.containers.<name>.ports`.
_EVERYWHERE: Final = frozenset({None, "0.0.0.0", "::"})  # noqa: S104


# By host, port and protocol.
_Openings = dict[tuple[str, int, str], list[Opening]]


def check(view: View) -> Iterator[Fault]:
    """Looks for ports on all addresses of hosts whose firewall is said to close them."""
    hosts = {host.name: host for host in view.plan.hosts}
    openings: _Openings = {}
    for each in view.plan.openings:
        openings.setdefault((each.host, each.port, each.protocol), []).append(each)
    for container in view.plan.containers:
        host = hosts.get(container.host)
        for port in container.ports if host else ():
            if host and port.host and port.address in _EVERYWHERE:
                opened = openings.get((host.name, port.host.first, port.protocol), [])
                # It is for another host's service, which alone the lab's firewall lets in.
                if any(each.source for each in opened):
                    continue
                yield from _fault(opened, host, container, port, port.host.first)
    for name in dict.fromkeys(container.host for container in view.plan.containers):
        firewall = view.machines.firewall(name) if name not in hosts else None
        if firewall:
            yield from _past(view.plan, firewall)


@dataclass(frozen=True, slots=True)
class _Shown:
    container: Container
    port: PublishedPort
    number: int


def _past(plan: Plan, firewall: Firewall) -> Iterator[Fault]:
    """Ports that the lists of an evaluated NixOS leave closed: one finding a host."""
    shown = list(_shown(plan, firewall.host))
    closed = [each for each in shown if not _is_for_all(firewall, each)]
    if not closed:
        return
    first, *others = closed
    # Whoever lists some of them, or opens one on an interface, takes the list for what decides.
    relied_on = len(closed) < len(shown) or any(
        firewall.opens(each.number, each.port.protocol) for each in closed
    )
    numbers = list(dict.fromkeys(str(each.number) for each in closed))
    what, they = ("ports", "them") if len(numbers) > 1 else ("port", "it")
    whose = f"`{first.container.key}`" if not others else "containers"
    yield Fault(
        f"{what} {listed(numbers)} of {whose} {'are' if len(numbers) > 1 else 'is'} open to every "
        f"network, although `networking.firewall` does not open {they} to all: container engines "
        f"let {they} in before it is asked",
        first.port.at,
        f"show it on this host alone: `127.0.0.1:{first.number}:{first.port.container.first}`; or"
        " on the host's own address in the network that is meant; what is to be open to all belongs"
        " in `allowedTCPPorts`, so that it says what is so",
        tuple(
            Related(f"`{each.container.key}` shows {each.number}", each.port.at)
            for each in others[:4]
        ),
        subject=f"{firewall.host} {' '.join(numbers)}",
        severity=None if relied_on else "info",
    )


def _is_for_all(firewall: Firewall, shown: _Shown) -> bool:
    return any(
        o.interface is None and o.protocol == shown.port.protocol and shown.number in o.ports
        for o in firewall.opened
    )


def _shown(plan: Plan, host: str) -> Iterator[_Shown]:
    nix = {project.key for project in plan.projects if project.kind == "nix"}
    for container in plan.containers:
        if container.host != host or container.project not in nix or not container.complete:
            continue
        if container.namespace or container.rootless:
            continue
        for port in container.ports:
            if port.host and port.address in _EVERYWHERE:
                yield _Shown(container, port, port.host.first)


def _fault(
    opened: list[Opening], host: Host, container: Container, port: PublishedPort, number: int
) -> Iterator[Fault]:
    zones = dict.fromkeys(i.zone for i in host.interfaces if i.zone)
    let_in = {each.zone for each in opened if each.zone}
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
