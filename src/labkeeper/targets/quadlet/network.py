"""The networks of a host, and which of them a container is on."""

from collections.abc import Iterator

from labkeeper.lab import Lab
from labkeeper.plan import Container, Network, PublishedPort, Service
from labkeeper.targets.quadlet.keys import VALUES, Version
from labkeeper.targets.quadlet.writing import Section, Setting, unit_file

# Podman publishes these through a key of which older Quadlets allow `/tcp` and `/udp` alone.
_PUBLISHED = frozenset({"tcp", "udp"})


def network_file(network: Network, lab: Lab, version: Version) -> str:
    """The unit that makes a network where there is none yet."""
    declared = {name.text: each for name, each in lab.network.containers.items()}
    known = declared.get(network.key)
    lines = []
    if known and known.subnet:
        lines.append(f"Subnet={known.subnet}")
    if network.internal:
        lines += ["# It has no way out.", "Internal=true"]
    unit = Section("Unit", (f"Description=Network {network.key}, for containers",))
    # The section makes it a network, even where nothing is said of it.
    section = Section("Network", tuple(lines) or ("# Its addresses are Podman's to choose.",))
    return unit_file(version, (unit, section))


def network_settings(container: Container, service: Service, version: Version) -> Iterator[Setting]:
    """Whose network it uses, and the ports of the host that lead to it."""
    space = container.namespace
    if service.through is not None:
        joined = version >= VALUES["Network", ".container"]
        gateway = service.through
        yield Setting("Network", f"{gateway}.container" if joined else f"container:{gateway}")
    elif space is not None and space.kind in {"host", "none"}:
        yield Setting("Network", space.kind)
    for use in container.networks if service.through is None else ():
        yield Setting("Network", f"{use.name}.network")
    for name, address in container.extra_hosts:
        yield Setting("AddHost", f"{name}:{address}")
    for port in container.ports:
        known = port.protocol in _PUBLISHED
        yield Setting("PublishPort" if known else "PodmanArgs", _published(port, flag=not known))


def _published(port: PublishedPort, *, flag: bool) -> str:
    address = port.address or ""
    shown = f"[{address}]" if ":" in address else address
    host = f"{_range(port.host.first, port.host.last)}:" if port.host else ":" if address else ""
    protocol = "" if port.protocol == "tcp" else f"/{port.protocol}"
    text = f"{shown}{':' if shown else ''}{host}"
    inner = f"{_range(port.container.first, port.container.last)}{protocol}"
    return f"{'--publish=' if flag else ''}{text}{inner}"


def _range(first: int, last: int) -> str:
    return str(first) if first == last else f"{first}-{last}"
