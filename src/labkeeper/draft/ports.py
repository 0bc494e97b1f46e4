"""The ports that containers show at their host, each only once."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Final, Literal

from labkeeper.catalog import Service
from labkeeper.draft.instance import Instance, Shown
from labkeeper.draft.standard import is_usual_port
from labkeeper.lab.address import Published
from labkeeper.values import dataclass

_EVERYWHERE: Final = frozenset({"", "0.0.0.0", "::"})  # noqa: S104


@dataclass(frozen=True, slots=True)
class Moved:
    """A port that is no longer shown where it was, since another service has that place."""

    port: Shown
    other: str


def settled(
    instances: Sequence[Instance],
    names: Sequence[str],
    clients: Mapping[int, int],
    kinds: Sequence[Service | None],
) -> tuple[list[tuple[Shown, ...]], list[tuple[int, Moved]]]:
    """The ports of each, those of a VPN's clients with the clients; and what had to give way."""
    shown = _with_their_owners(instances, clients, kinds)
    board: dict[tuple[str, int, str], list[tuple[str | None, str]]] = {}
    moved: list[tuple[int, Moved]] = []
    result: list[tuple[Shown, ...]] = []
    for number, ports in enumerate(shown):
        kept: list[Shown] = []
        for port in ports:
            other = _taken(board, instances[number].host, port, names[number])
            if other is None:
                kept.append(port)
                continue
            moved.append((number, Moved(port, other)))
            if not any(p.container == port.container for p in ports if p != port):
                kept.append(replace(port, host=None, address=None))
        result.append(tuple(dict.fromkeys(kept)))
    return result, moved


def _taken(
    board: dict[tuple[str, int, str], list[tuple[str | None, str]]],
    host: str, port: Shown, name: str,
) -> str | None:  # fmt: skip
    """Who has the place already; it is marked as taken where nobody has."""
    if port.host is None:
        return None
    there = board.setdefault((host, port.host, port.protocol), [])
    for address, other in there:
        if address is None or port.address is None or address == port.address:
            return other
    there.append((port.address, name))
    return None


def _with_their_owners(
    instances: Sequence[Instance], clients: Mapping[int, int], kinds: Sequence[Service | None]
) -> list[list[Shown]]:
    """A VPN gateway shows the ports of its clients: the lab says them of the clients."""
    shown = [
        # A container in the host's own network publishes nothing, whatever it says.
        [] if instance.host_network else list(dict.fromkeys(map(_plain, instance.ports)))
        for instance in instances
    ]
    for client, gateway in clients.items():
        kind = kinds[client]
        numbers = {port.number for port in kind.ports} if kind else set()
        for port in [p for p in shown[gateway] if p.container in numbers]:
            shown[gateway].remove(port)
            shown[client].append(port)
        shown[client] = list(dict.fromkeys(shown[client]))
    return shown


def _plain(port: Shown) -> Shown:
    return replace(port, address=None) if (port.address or "") in _EVERYWHERE else port


def strange(
    ports: Iterable[Shown], instance: Instance, service: Service | None
) -> frozenset[Shown]:
    """Ports that lead nowhere: an exporter that is nothing else listens on its own alone."""
    if service is None or service.metrics is None or not service.metrics.dedicated:
        return frozenset()
    told = {setting.name for setting in instance.settings}
    words = " ".join(instance.command)
    for port in service.ports:
        if told.intersection(port.variables) or any(flag in words for flag in port.flags):
            return frozenset()
    own = {port.number for port in service.ports}
    return frozenset(port for port in ports if port.container not in own)


def published(ports: Iterable[Shown], service: Service | None) -> tuple[Published, ...]:
    """The ports as a lab writes them; none where all are as the catalog has them."""
    ports = tuple(ports)
    if all(is_usual_port(service, port) for port in ports):
        return ()
    return tuple(
        Published(port.container, port.host, port.address, _protocol(port))
        for port in ports
        if port.protocol in {"tcp", "udp"}
    )


def _protocol(port: Shown) -> Literal["tcp", "udp"]:
    return "udp" if port.protocol == "udp" else "tcp"
