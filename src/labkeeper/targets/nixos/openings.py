"""Who may reach which port of a host."""

from collections.abc import Iterator
from ipaddress import ip_address
from typing import Final, Literal

from labkeeper.plan import Container, Link, Opening, Service
from labkeeper.resolve.instances import OF_THE_HOST
from labkeeper.resolve.listening import is_web
from labkeeper.source import Finding
from labkeeper.targets.nixos.machine import Machine
from labkeeper.targets.nixos.networks import bridge
from labkeeper.values import dataclass

# The server's API, kubelets, and flannel between hosts.
_K3S: Final[tuple[tuple[int, Literal["tcp", "udp"]], ...]] = (
    (6443, "tcp"), (10250, "tcp"), (8472, "udp")
)  # fmt: skip
# nixos/modules/services/networking/tailscale.nix: `interfaceName`.
TAILNET = "tailscale0"


@dataclass(frozen=True, slots=True, order=True)
class Way:
    """Where packets come from: an interface, networks behind it, or one address; else anywhere."""

    interface: str = ""
    sources: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Let:
    """That a port may be reached in one way."""

    port: int
    protocol: Literal["tcp", "udp"]
    way: Way


def guarded(machine: Machine) -> bool:
    """Whether its interfaces are in zones, so that only what is open to one is open."""
    return any(each.zone for each in machine.host.interfaces)


def lets(machine: Machine) -> Iterator[Let | Finding]:
    """All that the plan and the lab open, and what a firewall cannot say of it."""
    for each in machine.ground.plan.openings:
        if each.host == machine.host.name:
            yield from _of_opening(each, machine)
    yield from _of_containers(machine)
    yield from _of_cluster(machine)
    if not guarded(machine):
        yield from _of_unguarded(machine)


def trusted(machine: Machine) -> tuple[Way, ...]:
    """Where every port may be reached from."""
    zones = {name.text: zone for name, zone in machine.ground.lab.network.zones.items()}
    return tuple(
        way
        for interface in machine.host.interfaces
        if interface.zone in machine.host.trusted
        for way in _ways(interface.name, tuple(str(n) for n in zones[interface.zone].networks))
    )


def _of_opening(each: Opening, machine: Machine) -> Iterator[Let | Finding]:
    if each.source is not None:
        yield from _of_host(each, each.source, machine)
        return
    zones = {name.text: zone for name, zone in machine.ground.lab.network.zones.items()}
    for interface in machine.host.interfaces:
        if interface.zone != each.zone:
            continue
        zone = zones.get(each.zone or "")
        for way in _ways(interface.name, tuple(str(n) for n in zone.networks) if zone else ()):
            yield Let(each.port, each.protocol, way)


def _ways(interface: str, networks: tuple[str, ...]) -> Iterator[Way]:
    """One for each family of addresses, which a rule cannot mix."""
    if not networks:
        yield Way(interface)
        return
    for six in (False, True):
        if found := tuple(each for each in networks if (":" in each) == six):
            yield Way(interface, found)


def _of_cluster(machine: Machine) -> Iterator[Let | Finding]:
    """Hosts of a K3s cluster reach one another: https://docs.k3s.io/installation/requirements"""
    host, on = machine.host, machine.host.features.cluster
    if on is False:
        return
    rules = on is True or on.role == "server"
    for other in machine.ground.plan.hosts:
        if other.features.cluster is not False and other.name != host.name:
            for number, protocol in _K3S if rules else _K3S[1:]:
                opening = Opening(host.name, number, protocol, None, other.name, None, host.at)
                yield from _of_host(opening, other.name, machine)


def _of_host(each: Opening, source: str, machine: Machine) -> Iterator[Let | Finding]:
    hosts = {host.name: host for host in machine.ground.plan.hosts}
    other = hosts.get(source)
    address = other.address if other else None
    if address and _is_numeric(address):
        yield Let(each.port, each.protocol, Way("", (address,)))
    elif other and other.features.tailnet and machine.host.features.tailnet:
        yield Let(each.port, each.protocol, Way(TAILNET))
    elif machine.ground.lab.network.lan:
        yield Let(each.port, each.protocol, Way("", (str(machine.ground.lab.network.lan),)))
    else:
        yield Finding(
            "source-without-address", "error",
            f"the firewall of `{machine.host.name}` cannot let in `{source}`, whose address is "
            "no number",
            each.at, f"give `{source}` its IP address, or give the lab its `network: {{lan: ...}}`",
            subject=machine.host.name,
        )  # fmt: skip


def _is_numeric(address: str) -> bool:
    try:
        ip_address(address)
    except ValueError:
        return False
    return True


def _of_containers(machine: Machine) -> Iterator[Let]:
    """Containers reach what runs on the host itself by the bridge that they are on."""
    name = machine.host.name
    for network in _bridges(machine):
        # aardvark-dns answers on the bridge's own address.
        yield Let(53, "udp", Way(bridge(network)))
        yield Let(53, "tcp", Way(bridge(network)))
    for link in machine.ground.plan.links:
        if link.client_host != name or link.server_host != name:
            continue
        client = machine.containers.get(link.client)
        server = machine.by_name.get(link.server)
        if client is None or server is None or not on_host(server, machine):
            continue
        for network in machine.networks(client):
            yield Let(link.port, "tcp", Way(bridge(network)))


def _bridges(machine: Machine) -> tuple[str, ...]:
    found = machine.ground.plan.networks
    return tuple(each.key for each in found if each.host == machine.host.name)


def on_host(service: Service, machine: Machine) -> bool:
    """Whether it listens on the host's own addresses."""
    container = machine.containers.get(service.key)
    if container is None:
        return True
    return bool(container.namespace and container.namespace.kind == "host")


def links_to(service: Service, machine: Machine) -> tuple[Link, ...]:
    """Who connects to it."""
    key = (machine.host.name, service.key)
    return tuple(
        link for link in machine.ground.plan.links if (link.server_host, link.server) == key
    )


def published(machine: Machine) -> Iterator[tuple[Container, int, Literal["tcp", "udp"]]]:
    """Ports of the host that lead into containers, and are more than the host's own."""
    for container in machine.containers.values():
        for shown in container.ports:
            local = shown.address is not None and shown.address.startswith(("127.", "::1"))
            if local or shown.host is None or shown.protocol == "sctp":
                continue
            for number in range(shown.host.first, shown.host.last + 1):
                yield container, number, shown.protocol


def _of_unguarded(machine: Machine) -> Iterator[Let]:
    """Without zones, what people and other programs use is open to everybody who gets there."""
    for service in machine.services:
        if on_host(service, machine) and service.software not in OF_THE_HOST:
            for number, protocol in _meant(service, machine):
                yield Let(number, protocol, Way())
    for container, number, protocol in published(machine):
        for shown in container.ports:
            first = shown.container.first
            if shown.host and shown.host.first == number and shown.protocol == protocol:
                names = {container.key, *_clients(container.key, machine)}
                if any(_is_meant(machine.by_name[n], first, protocol, machine) for n in names):
                    yield Let(number, protocol, Way())


def _clients(gateway: str, machine: Machine) -> Iterator[str]:
    """Those whose ports a VPN gateway shows."""
    for each in machine.services:
        if each.through == gateway:
            yield each.key


def _meant(service: Service, machine: Machine) -> Iterator[tuple[int, Literal["tcp", "udp"]]]:
    """Ports of the catalog that are for more than the lab's own services."""
    software = machine.ground.catalog.services.by_name.get(service.software or "")
    served = {(site.host, site.service) for site in machine.ground.plan.sites}
    for port in software.ports if software else ():
        web = is_web(port) and (machine.host.name, service.key) not in served
        if port.default and (port.open or web):
            yield port.number, port.protocol


def _is_meant(service: Service, inner: int, protocol: str, machine: Machine) -> bool:
    declared = {name.text: each for name, each in machine.ground.lab.services.items()}
    stated = declared[service.key].ports if service.key in declared else ()
    own = any((p.container, p.protocol) == (inner, protocol) for p in stated)
    return own or (inner, protocol) in set(_meant(service, machine))
