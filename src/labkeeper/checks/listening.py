"""On which ports the software in a container listens: what is known of it, less what moves it."""

from collections.abc import Iterable, Iterator
from typing import Final

from labkeeper.catalog import Port, Service
from labkeeper.plan import Container, Unit
from labkeeper.plan.container import Protocol
from labkeeper.source import Slice, Span
from labkeeper.values import dataclass, regex

# `:9100`, `0.0.0.0:9100`, `[::]:9100`, `9100`, `tcp://:9091/`.
_ADDRESS: Final = regex(
    r"(?:(?:tcp|https?)://)?(?:(?P<host>[^\s:/]*|\[[0-9a-fA-F:]*\]):)?(?P<port>\d{1,5})(?:/\S*)?"
)


@dataclass(frozen=True, slots=True)
class Listener:
    """A port that a program opens in its network namespace; no address means all of them."""

    owner: Container | Unit
    service: Service
    port: int
    protocol: Protocol
    address: str | None
    # Whether nothing outside the files that were read can have moved it.
    sure: bool
    purpose: Port
    # Where it is said: the flag, the variable, or the image that brings it.
    at: Span


@dataclass(frozen=True, slots=True)
class Listening:
    """The listeners of one container, and whether there can be no other."""

    listeners: tuple[Listener, ...]
    whole: bool

    def answers(self, port: int, protocol: Protocol = "tcp") -> bool | None:
        """Whether something listens on the port; none where that cannot be told."""
        found = [each for each in self.listeners if (each.port, each.protocol) == (port, protocol)]
        if found:
            return True
        return False if self.whole else None


NOTHING_KNOWN: Final = Listening((), whole=False)


def container_listening(container: Container, service: Service | None) -> Listening:
    """What a container's software listens on."""
    if service is None or not service.ports:
        return NOTHING_KNOWN
    found: list[Listener] = []
    whole = container.complete and not container.entrypoint
    for port in service.ports:
        moved = _moved(container, port)
        listener = _listener(container, service, port, moved)
        if listener:
            found.append(listener)
        whole = whole and port.fixed and bool(listener)
    return Listening(tuple(found), whole)


def _listener(
    container: Container, service: Service, port: Port, moved: "Slice | Span | None"
) -> Listener | None:
    at = container.image.span if container.image else container.at
    sure = port.fixed and container.complete and not container.entrypoint
    if moved is None:
        if not port.default:
            return None
        return Listener(container, service, port.number, port.protocol, None, sure, port, at)
    told = listen_address(moved.text) if isinstance(moved, Slice) else None
    if told is None or not isinstance(moved, Slice):
        return None
    address, number = told
    return Listener(
        container, service, number, port.protocol, address, sure=True, purpose=port, at=moved.span
    )


def _moved(container: Container, port: Port) -> "Slice | Span | None":
    """The value that moves a port, or the place of one that cannot be read."""
    words = (*container.entrypoint, *container.command)
    for value in _values(words, port.flags):
        return value
    for variable in container.environment:
        if variable.name in port.variables:
            return variable.value or variable.at
    return None


def _values(words: Iterable[Slice], flags: Iterable[str]) -> Iterator[Slice]:
    """The values of flags, the last first, for that is the one that counts."""
    wanted = {flag.lstrip("-") for flag in flags}
    listed = list(words)
    for at in range(len(listed) - 1, -1, -1):
        word = listed[at]
        if not word.text.startswith("-"):
            continue
        name, equals, _ = word.text.partition("=")
        if name.lstrip("-") not in wanted:
            continue
        if equals:
            yield word.cut(len(name) + 1, len(word.text))
        elif at + 1 < len(listed):
            yield listed[at + 1]


def listen_address(text: str) -> tuple[str | None, int] | None:
    """The address and port that a value like `:9100` means; none where it cannot be told."""
    found = _ADDRESS.fullmatch(text.strip())
    if not found or not 0 < int(found["port"]) < 65536:
        return None
    host = (found["host"] or "").strip("[]")
    return (host if host not in {"", "0.0.0.0", "::", "*"} else None), int(found["port"])  # noqa: S104


def unit_listening(unit: Unit, service: Service | None) -> Listening:
    """What a unit of a known name listens on, unless its settings say otherwise."""
    if service is None:
        return NOTHING_KNOWN
    ports = [port for port in service.ports if port.default]
    # Which of several ports a setting moves, its name alone does not tell.
    moved = unit.listens[0] if len(ports) == 1 and unit.listens else None
    found = tuple(
        Listener(unit, service, moved.number if moved else port.number, port.protocol, None,
                 sure=moved is not None, purpose=port, at=moved.at if moved else unit.at)
        for port in ports
    )  # fmt: skip
    return Listening(found, whole=False)
