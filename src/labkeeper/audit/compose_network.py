"""How a compose service is reached: published ports, networks, shared namespaces."""

from labkeeper.audit.engine_syntax import host_range, port_range, published_port
from labkeeper.plan import Namespace, NetworkUse, PublishedPort
from labkeeper.source import Mapping, Node, Scalar, Sequence


def ports(service: Mapping) -> tuple[tuple[PublishedPort, ...], bool]:
    """The published ports, and whether all of them could be read."""
    found: list[PublishedPort] = []
    known = True
    for item in service.sequence("ports"):
        match item:
            case Scalar():
                port = published_port(item.text)
                # `${SERVER_IP}:9093:9093`: an address that is not known leaves both ports known.
                ports_known = port is not None and port.host is not None
                known = known and (item.text.is_literal or ports_known)
            case Mapping():
                port = _long_port(item)
                known = known and all(
                    value.text.is_literal for _, value in item.pairs if isinstance(value, Scalar)
                )
            case Sequence():
                port = None
        if port is None:
            known = False
        else:
            found.append(port)
    return tuple(found), known


def _long_port(item: Mapping) -> PublishedPort | None:
    target = item.scalar("target")
    container_range = port_range(target.value) if target else None
    if container_range is None:
        return None
    published = item.scalar("published")
    address = item.scalar("host_ip")
    protocol = item.scalar("protocol")
    return PublishedPort(
        address.value.strip("[]") if address else None,
        host_range(published.value, container_range) if published else None,
        container_range,
        "udp" if protocol and protocol.value.lower() == "udp" else "tcp",
        item.span,
    )


def exposed(service: Mapping) -> tuple[int, ...]:
    """The ports that a service says it listens on."""
    found = (port_range(p.value.partition("/")[0]) for p in service.scalars("expose"))
    return tuple(port for r in found if r for port in range(r.first, r.last + 1))


def networks(service: Mapping) -> tuple[NetworkUse, ...]:
    """The networks that a service names; none named is the project's default one."""
    given = service.get("networks")
    if isinstance(given, Mapping):
        return tuple(
            NetworkUse(key.value, _aliases(settings), key.span) for key, settings in given.pairs
        )
    return tuple(NetworkUse(name.value, (), name.span) for name in service.scalars("networks"))


def _aliases(settings: Node) -> tuple[str, ...]:
    if not isinstance(settings, Mapping):
        return ()
    return tuple(alias.value for alias in settings.scalars("aliases"))


def namespace(service: Mapping) -> Namespace | None:
    """Whose network a service uses, where it is not its own."""
    mode = service.scalar("network_mode")
    if mode is None:
        return None
    kind, _, owner = mode.value.partition(":")
    match kind:
        case "host":
            return Namespace("host", None, mode.span)
        case "none":
            return Namespace("none", None, mode.span)
        case "service" if owner:
            return Namespace("container", owner, mode.span)
        case "container" if owner:
            return Namespace("container", owner, mode.span, by_name=True)
        case _:
            return None


def extra_hosts(service: Mapping) -> tuple[tuple[str, str], ...]:
    """The names that a service is given addresses for, as a mapping or as `NAME:ADDRESS`."""
    given = service.get("extra_hosts")
    if isinstance(given, Mapping):
        return tuple(
            (key.value, value.value) for key, value in given.pairs if isinstance(value, Scalar)
        )
    found = (item.value.replace("=", ":", 1) for item in service.scalars("extra_hosts"))
    return tuple((name, address) for name, _, address in (each.partition(":") for each in found))
