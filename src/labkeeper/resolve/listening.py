"""On which ports services listen inside their network namespaces, so that no two want the same."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Final, Literal

from labkeeper.catalog import Port
from labkeeper.checks.listening import listen_address
from labkeeper.resolve.instances import Instance
from labkeeper.values import dataclass

# net.ipv4.ip_unprivileged_port_start: https://docs.kernel.org/networking/ip-sysctl.html
_LOWEST: Final = 1024
_ABOVE: Final = 8000

Protocol = Literal["tcp", "udp"]
Key = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Inner:
    """A port that a service listens on; `usual` is the one that it takes by itself."""

    number: int
    usual: int
    protocol: Protocol
    # Whether people open it in a browser, and whether others than the lab's services use it.
    web: bool
    open: bool
    # The variable that moves it, and whether it was moved.
    variable: str | None = None
    # Whether it speaks TLS there by itself.
    tls: bool = False
    # How the variable says the port.
    written: str = "@{port}"
    # Whether it is looked for at its usual number alone, and whether it answers only at its own.
    expected: bool = False
    same: bool = False

    @property
    def moved(self) -> bool:
        """Whether its service has to be told."""
        return self.number != self.usual


def namespace(instance: Instance) -> Key:
    """Who owns the network that it is in: itself, its VPN gateway, or its host (no name)."""
    if instance.through:
        return instance.host, instance.through
    return instance.host, "" if instance.in_host_network else instance.name


def listening(
    every: Iterable[Instance], moved: Mapping[tuple[Key, int], int] | None = None
) -> Mapping[Key, tuple[Inner, ...]]:
    """The ports of each service. Those that can be moved make room for those that cannot.

    `moved` is where those listen, by their usual port, that have to be shown as what they are.
    """
    taken: set[tuple[Key, Protocol, int]] = set()
    wanted = [(each, port) for each in every for port in _wanted(each)]
    found: dict[Key, list[Inner]] = {each.key: [] for each in every}
    numbers: dict[tuple[Key, Protocol, int], int] = {}
    for each, port in sorted(wanted, key=lambda pair: pair[1].variable is not None):
        space = namespace(each)
        number = port.number
        if port.variable:
            number = (moved or {}).get((each.key, port.usual), number)
            while (space, port.protocol, number) in taken and number < 65535:
                number += 1
        taken.add((space, port.protocol, number))
        numbers[each.key, port.protocol, port.usual] = number
    for each, port in wanted:
        number = numbers[each.key, port.protocol, port.usual]
        found[each.key].append(replace(port, number=number))
    return {key: tuple(ports) for key, ports in found.items()}


def _wanted(instance: Instance) -> Iterator[Inner]:
    """The ports of the catalog, and those that only the lab knows."""
    known: set[tuple[int, Protocol]] = set()
    for port in instance.software.ports if instance.software else ():
        if port.default and (port.number, port.protocol) not in known:
            known.add((port.number, port.protocol))
            variable = port.variables[0] if port.variables and not instance.native else None
            number = _told(port, instance)
            if number is not None:
                known.add((number, port.protocol))
                variable = None
            here = number or (_movable(port, instance) if variable else _fixed(port, instance))
            yield Inner(here, port.number, port.protocol, is_web(port), port.open, variable,
                        port.tls, port.written, port.expected, port.same)  # fmt: skip
    for shown in instance.declared.ports:
        if (shown.container, shown.protocol) not in known:
            known.add((shown.container, shown.protocol))
            yield Inner(shown.container, shown.container, shown.protocol, False, False)
    metrics, health = instance.declared.metrics, instance.declared.health
    for stated in (metrics.port if metrics else None, health.port if health else None):
        if stated and (stated.number, "tcp") not in known:
            known.add((stated.number, "tcp"))
            yield Inner(stated.number, stated.number, "tcp", False, False)


def _told(port: Port, instance: Instance) -> int | None:
    """Where the lab itself has it listen, by a variable that moves the port."""
    for name, value in instance.declared.environment.items():
        if name.text in port.variables:
            told = listen_address(str(value))
            return told[1] if told else port.number
    return None


def _fixed(port: Port, instance: Instance) -> int:
    """Where it is without a word of the lab: a module has its own idea of it."""
    native = instance.software.nixos if instance.native and instance.software else None
    return native.ports.get(str(port.number), port.number) if native else port.number


def _movable(port: Port, instance: Instance) -> int:
    """The port of the host that the lab shows it at, where it has to be the same; else one that its
    user may open: those below 1024 are for root alone, unless the engine says otherwise, as Docker
    does since 20.10 and Podman does not.
    """
    shown = (
        each.host for each in instance.declared.ports
        if port.same and (each.container, each.protocol) == (port.number, port.protocol)
    )  # fmt: skip
    if host := next(shown, None):
        return host
    given = instance.declared.user or instance.profile.user
    unprivileged = instance.run.runs_as == "user" and given is not None and given.user != 0
    return port.number + _ABOVE if unprivileged and port.number < _LOWEST else port.number


def is_web(port: Port) -> bool:
    """Whether people may be shown the port in a browser."""
    guarded = port.private is not None and not port.private.only_with
    return port.protocol == "tcp" and port.purpose.startswith("web interface") and not guarded
