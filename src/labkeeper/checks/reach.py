"""Who is in which network, who listens there, and what of it the host publishes.

One notion of a network namespace serves them all: a container's own, the host's, that of the
container or pod whose network it uses. What cannot be told from the files is `None`, and whoever
asks must then say nothing.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import Final

from labkeeper.catalog import Service, Services
from labkeeper.checks.listening import (
    NOTHING_KNOWN,
    Listener,
    Listening,
    container_listening,
    unit_listening,
)
from labkeeper.checks.publication import Publication, Space
from labkeeper.plan import Container, Network, Plan
from labkeeper.plan.container import Protocol
from labkeeper.values import dataclass

# Docker's and Podman's names for the host, as a container sees it.
HOST_NAMES: Final = frozenset(
    {"host.docker.internal", "host.containers.internal", "gateway.docker.internal"}
)
LOCAL_NAMES: Final = frozenset({"localhost", "127.0.0.1", "::1", "[::1]", "0.0.0.0"})  # noqa: S104


@dataclass(frozen=True)
class Reach:
    """The join behind every question about ports."""

    plan: Plan
    services: Services

    @cached_property
    def _service(self) -> Mapping[int, Service | None]:
        known = self.services
        return {
            id(each): known.of_image(each.image.text)
            if each.image and each.image.is_literal
            else None
            for each in self.plan.containers
        }

    def service(self, container: Container) -> Service | None:
        """What a container runs, as far as its image tells."""
        return self._service.get(id(container))

    @cached_property
    def running(self) -> Mapping[str, tuple[Container, ...]]:
        """The containers that run a known software, by its name."""
        found: defaultdict[str, list[Container]] = defaultdict(list)
        for each in self.plan.containers:
            if service := self.service(each):
                found[service.name].append(each)
        return {name: tuple(containers) for name, containers in found.items()}

    @cached_property
    def _by_name(self) -> Mapping[tuple[str, str], Container]:
        """Containers of a project by each name that they have there; the first has it."""
        found: dict[tuple[str, str], Container] = {}
        for each in self.plan.containers:
            for name in sorted(each.names):
                found.setdefault((each.project, name), each)
        return found

    @cached_property
    def called(self) -> Mapping[str, tuple[Container, ...]]:
        """All containers that have a name, whatever their project."""
        found: defaultdict[str, list[Container]] = defaultdict(list)
        for each in self.plan.containers:
            for name in each.names:
                found[name].append(each)
        return {name: tuple(containers) for name, containers in found.items()}

    def named(self, name: str, project: str) -> Container | None:
        """The container of a project that has this name."""
        return self._by_name.get((project, name))

    @cached_property
    def _by_engine_name(self) -> Mapping[tuple[str, str], Container]:
        return {(each.host, each.name.text): each for each in self.plan.containers if each.name}

    def owner(self, container: Container) -> Container | None:
        """The container whose network another one uses."""
        namespace = container.namespace
        if namespace is None or namespace.kind != "container" or namespace.owner is None:
            return None
        found = self.named(namespace.owner, container.project)
        return found or self._by_engine_name.get((container.host, namespace.owner))

    def space(self, container: Container) -> Space:
        """The network namespace that a container is in."""
        for _ in range(8):
            namespace = container.namespace
            if namespace is None:
                return Space("container", container.key, container.project)
            match namespace.kind:
                case "host":
                    return Space("host", container.host)
                case "none":
                    return Space("none", container.key, container.project)
                case "pod":
                    return Space("pod", namespace.owner or "", container.project)
                case "container":
                    owner = self.owner(container)
                    if owner is None:
                        return Space("unknown", namespace.owner or "", container.project)
                    container = owner
        return Space("unknown", container.key, container.project)

    @cached_property
    def _members(self) -> Mapping[Space, tuple[Container, ...]]:
        found: defaultdict[Space, list[Container]] = defaultdict(list)
        for each in self.plan.containers:
            found[self.space(each)].append(each)
        return {space: tuple(members) for space, members in found.items()}

    def members(self, space: Space) -> tuple[Container, ...]:
        """The containers in a network namespace."""
        return self._members.get(space, ())

    @cached_property
    def _listening(self) -> Mapping[int, Listening]:
        return {
            id(each): container_listening(each, self.service(each)) for each in self.plan.containers
        }

    def listening(self, container: Container) -> Listening:
        """What a container's own software listens on."""
        return self._listening.get(id(container), NOTHING_KNOWN)

    @cached_property
    def listening_on(self) -> Mapping[tuple[str, int], tuple[Container, ...]]:
        """The containers of a host that are known to listen on a TCP port."""
        found: defaultdict[tuple[str, int], list[Container]] = defaultdict(list)
        for each in self.plan.containers:
            for listener in self.listening(each).listeners:
                if listener.protocol == "tcp":
                    found[each.host, listener.port].append(each)
        return {key: tuple(containers) for key, containers in found.items()}

    @cached_property
    def unit_listeners(self) -> tuple[Listener, ...]:
        """What units of known software listen on, if nobody moved them."""
        found = (
            unit_listening(unit, self.services.by_unit.get(unit.name)) for unit in self.plan.units
        )
        return tuple(listener for each in found for listener in each.listeners)

    def listeners(self, space: Space) -> Iterator[Listener]:
        """The known listeners in a network namespace."""
        for member in self.members(space):
            yield from self.listening(member).listeners
        if space.kind == "host":
            yield from (each for each in self.unit_listeners if each.owner.host == space.owner)

    def answers(self, space: Space, port: int, protocol: Protocol = "tcp") -> bool | None:
        """Whether something in a namespace listens on a port."""
        said = [self.listening(member).answers(port, protocol) for member in self.members(space)]
        if True in said or any(
            (each.port, each.protocol) == (port, protocol) for each in self.listeners(space)
        ):
            return True
        # On the host, anything may run that no file tells of.
        whole = said and None not in said and space.kind in {"container", "pod"}
        return False if whole else None

    @cached_property
    def publications(self) -> tuple[Publication, ...]:
        """Every published port."""
        return tuple(
            Publication(each, port, self.space(each))
            for each in self.plan.containers
            for port in each.ports
        )

    @cached_property
    def _published(self) -> Mapping[tuple[str, Protocol], list[Publication]]:
        found: defaultdict[tuple[str, Protocol], list[Publication]] = defaultdict(list)
        for each in self.publications:
            found[each.container.host, each.port.protocol].append(each)
        return found

    def published(self, host: str, port: int, protocol: Protocol = "tcp") -> list[Publication]:
        """The publications of a host's port, those that are dropped among them."""
        here = self._published.get((host, protocol), ())
        return [each for each in here if each.port.host and port in each.port.host]

    def published_by(self, container: Container) -> list[Publication]:
        """A container's own publications that are not dropped."""
        return [
            publication
            for port in container.ports
            if not (publication := Publication(container, port, self.space(container))).dropped
        ]

    @cached_property
    def _networks(self) -> Mapping[tuple[str, str], Network]:
        return {(each.project, each.key): each for each in self.plan.networks}

    @cached_property
    def _project_names(self) -> Mapping[str, tuple[str, str | None]]:
        return {each.key: (each.kind, each.name) for each in self.plan.projects}

    def networks(self, container: Container) -> frozenset[str]:
        """The networks that a container is on, by what the engine calls them."""
        kind, project = self._project_names.get(container.project, ("compose", None))
        prefix = project or container.project
        if not container.networks:
            # Only Compose makes a network for a project's containers by itself.
            return frozenset({f"{prefix}_default"} if kind == "compose" else set())
        found: set[str] = set()
        for use in container.networks:
            network = self._networks.get((container.project, use.name))
            if network is None:
                found.add(f"{prefix}_{use.name}" if kind == "compose" else use.name)
            elif network.name:
                found.add(network.name)
            else:
                found.add(network.key if network.external else f"{prefix}_{network.key}")
        return frozenset(found)

    def may_meet_others(self, container: Container) -> bool:
        """Whether containers that no file shows may be on its networks."""
        external = {
            each.name or each.key
            for each in self.plan.networks
            if each.external and each.project == container.project
        }
        return not container.complete or bool(external & self.networks(container))

    def share_a_network(self, one: Container, other: Container) -> bool | None:
        """Whether two containers of one host see each other by name."""
        if one.host != other.host or not (one.complete and other.complete):
            return None
        mine, theirs = self.networks(one), self.networks(other)
        if mine & theirs:
            return True
        return False if mine and theirs and one.project == other.project else None
