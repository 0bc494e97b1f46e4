"""Who answers at an address, as seen from a container: the one place that follows names and ports.

Each answer has one cause, and each cause is reported by one check.
"""

from typing import Final, Literal

from labkeeper.checks.listening import Listener
from labkeeper.checks.publication import Publication, Space
from labkeeper.checks.reach import HOST_NAMES, LOCAL_NAMES, Reach
from labkeeper.plan import Container
from labkeeper.values import dataclass

Cause = Literal[
    # Something listens there, or nothing says otherwise.
    "answers",
    "unknown",
    # The engine ignores the published port that should lead there.
    "dropped-port",
    # The container is reached, but its software listens elsewhere.
    "closed-port",
    # The host's port is nobody's, and the exporter that is meant listens on another one.
    "elsewhere-on-host",
    # The port is the host's, asked for inside the container's network.
    "host-port-inside",
    # It listens on the loopback address of a namespace that the asker is not in.
    "loopback-only",
    # `localhost` is the asker itself, and it does not listen there.
    "own-localhost",
    # The name belongs to a container that the asker's networks do not know.
    "no-common-network",
    # The asker is on the host, which knows no container by name.
    "asker-on-host",
    # The name belongs to a container that has no name on any network.
    "nameless",
    # No container has the name.
    "nobody",
]

_LOOPBACK: Final = ("127.", "::1", "localhost")


@dataclass(frozen=True, slots=True)
class Answer:
    """What happens to a question, and what of the plan it is about."""

    cause: Cause
    # Whom the address leads to, or whose name it is.
    container: Container | None = None
    publication: Publication | None = None
    # What answers; or where the container listens, when the port is wrong.
    listeners: tuple[Listener, ...] = ()


UNKNOWN: Final = Answer("unknown")


@dataclass(frozen=True, slots=True)
class Asker:
    """A container that connects to addresses; none where it is not known which one does."""

    reach: Reach
    container: Container | None
    host: str

    def ask(self, name: str, port: int) -> Answer:
        """Who answers at `name:port`."""
        given = dict(self.container.extra_hosts) if self.container else {}
        if given.get(name, "host-gateway") != "host-gateway":
            return UNKNOWN
        if name in HOST_NAMES or name in given:
            return self._host(port)
        if name in LOCAL_NAMES or name.startswith("127."):
            return self._itself(port)
        found = self._called(name)
        if found is None:
            return Answer("nobody") if self._sees_all_names(name) else UNKNOWN
        refused = self._refused(name, found)
        return Answer(refused, found) if refused else self._inside(found, port)

    def ask_host(self, name: str, port: int) -> Answer:
        """Who answers a program that runs on the host itself, where no container has a name."""
        return self._host(port) if name in LOCAL_NAMES else UNKNOWN

    def _itself(self, port: int) -> Answer:
        if self.container is None:
            return UNKNOWN
        space = self.reach.space(self.container)
        if space.kind == "host":
            return self._host(port)
        if self.reach.answers(space, port) is False:
            return Answer("own-localhost", self.container)
        here = tuple(each for each in self.reach.listeners(space) if each.port == port)
        return Answer("answers" if here else "unknown", self.container, None, here)

    def _host(self, port: int) -> Answer:
        space = Space("host", self.host)
        here = tuple(each for each in self.reach.listeners(space) if each.port == port)
        led = self.reach.published(self.host, port)
        if len({each.container.project for each in led}) > 1:
            return UNKNOWN
        for publication in led:
            if not publication.dropped:
                return self._led(publication, port)
        if here:
            bound = all(_is_loopback(each.address) for each in here) and self._is_outside(space)
            return Answer("loopback-only" if bound else "answers", None, None, here)
        for publication in led:
            if publication.space == space and not publication.borrowed:
                return self._dropped(publication, port)
        return UNKNOWN

    def _led(self, publication: Publication, port: int) -> Answer:
        """What a published port of the host leads to."""
        container, inside = publication.container, publication.inside(port)
        if inside is None or publication.space.kind == "unknown":
            return Answer("unknown", container, publication)
        if _is_loopback(publication.port.address) and self._is_outside(Space("host", self.host)):
            return Answer("loopback-only", container, publication)
        return self._at(publication.space, container, inside, publication)

    def _dropped(self, publication: Publication, port: int) -> Answer:
        """What is at a port that a container on the host's network would have published."""
        container, inside = publication.container, publication.inside(port)
        listening = self.reach.listening(container)
        answers = None if inside is None else listening.answers(inside)
        if answers is False:
            return Answer("closed-port", container, publication, listening.listeners)
        if inside == port:
            return Answer("unknown", container, publication)
        return Answer("dropped-port", container, publication, listening.listeners)

    def _inside(self, container: Container, port: int) -> Answer:
        """What is at a port of a container, in a network that both are on."""
        answer = self._at(self.reach.space(container), container, port, None)
        if answer.cause == "answers":
            return answer
        led = self.reach.published_by(container)
        if any(port in p.port.container for p in led) or port in container.exposed:
            return answer
        for publication in led:
            if publication.inside(port) is not None:
                listeners = self.reach.listening(container).listeners
                return Answer("host-port-inside", container, publication, listeners)
        return answer

    def _at(
        self, space: Space, container: Container, port: int, publication: Publication | None
    ) -> Answer:
        here = tuple(each for each in self.reach.listeners(space) if each.port == port)
        outside = self._is_outside(space)
        if here and outside and all(_is_loopback(each.address) for each in here):
            return Answer("loopback-only", container, publication, here)
        if here:
            return Answer("answers", container, publication, here)
        if self.reach.answers(space, port) is False:
            listeners = self.reach.listening(container).listeners
            return Answer("closed-port", container, publication, listeners)
        return Answer("unknown", container, publication)

    def _called(self, name: str) -> Container | None:
        """The container that a name means: of the asker's own project first."""
        if self.container and (found := self.reach.named(name, self.container.project)):
            return found
        others = [
            each
            for each in self.reach.called.get(name, ())
            if self.container is None or self.reach.share_a_network(self.container, each)
        ]
        return others[0] if len(others) == 1 else None

    def _refused(self, name: str, found: Container) -> Cause | None:
        """Why the asker cannot use a container's name."""
        space = self.reach.space(found)
        if self.container is None:
            return None
        if self.reach.space(self.container) == space and found is self.container:
            return None
        if space.kind == "host" or (found.namespace and found.namespace.kind == "container"):
            return "nameless"
        mine = self.reach.space(self.container)
        if mine.kind == "host":
            return "asker-on-host"
        if mine.kind != "container" or space.kind != "container":
            return None
        owner = self.reach.owner(self.container) or self.container
        shared = self.reach.share_a_network(owner, found)
        return "no-common-network" if shared is False else None

    def _sees_all_names(self, name: str) -> bool:
        """Whether a name can only be a container's: a plain word, asked for from one."""
        return self.container is not None and "." not in name and ":" not in name

    def _is_outside(self, space: Space) -> bool:
        """Whether the asker is known to be in another network namespace."""
        return self.container is not None and self.reach.space(self.container) not in {
            space,
            Space("unknown", self.container.key, self.container.project),
        }


def _is_loopback(address: str | None) -> bool:
    return address is not None and address.startswith(_LOOPBACK)


def address_parts(address: str, default: int = 80) -> tuple[str, int] | None:
    """Name and port of `name:port`, `[::1]:port` or `name`."""
    name, colon, port = address.rpartition(":")
    if not colon or (name.count(":") and not name.endswith("]")):
        return (address.strip("[]"), default) if address else None
    if not port.isascii() or not port.isdecimal() or not 0 < int(port[:6]) < 65536:
        return None
    return (name.strip("[]"), int(port)) if name else None
