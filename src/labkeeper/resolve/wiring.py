"""Who connects to whom, under which address, and which ports of the hosts that takes.

A service is reached by its name where both are containers of a host; else by a port that its host
shows. Ports are taken where they are free, and never twice.
"""

from collections.abc import Iterable, Mapping
from dataclasses import field, replace
from functools import cached_property
from itertools import chain
from typing import Final

from labkeeper.plan import Link
from labkeeper.resolve.hosts import engine
from labkeeper.resolve.instances import Instance
from labkeeper.resolve.listening import Inner, Key, Protocol, namespace
from labkeeper.source import Span
from labkeeper.values import dataclass

# What containers call their host: podman-run(1), and Docker's `--add-host` documentation.
_HOST: Final = {"podman": "host.containers.internal", "docker": "host.docker.internal"}
# The network of containers that are given none.
COMMON: Final = "lab"
_SSH: Final = 22
# Where people look for a second SSH: https://forgejo.org/docs/latest/admin/installation/docker/
_SSH_BESIDE: Final = 2222


@dataclass(frozen=True, slots=True)
class Wish:
    """That a service wants to connect to a port of another."""

    client: Instance
    server: Instance
    # The port as the server usually has it.
    port: int
    why: str
    at: Span


@dataclass(frozen=True, slots=True)
class Shown:
    """A port of a host that leads to a service."""

    server: Instance
    inner: int
    protocol: Protocol
    host_port: int
    # The address of the host that it listens on; none for all.
    address: str | None
    at: Span
    # Whether the lab names the host's port itself.
    stated: bool = False


@dataclass(frozen=True, slots=True)
class Wanted:
    """A port to show, before a free one of the host was found."""

    server: Instance
    inner: int
    protocol: Protocol
    host_port: int | None
    address: str | None
    at: Span
    # Whether it is of no use under another number.
    expected: bool = False


@dataclass(frozen=True)
class Wiring:
    """The answers."""

    links: tuple[Link, ...] = ()
    shown: tuple[Shown, ...] = ()
    # The networks that a container joins beside its own, to reach others.
    joined: Mapping[Key, tuple[str, ...]] = field(default_factory=dict)
    # What each service is, by the catalog's name.
    kinds: Mapping[Key, str] = field(default_factory=dict)

    def of(self, client: Instance) -> tuple[Link, ...]:
        """The links of one service."""
        return self._by_client.get(client.key, ())

    def shown_of(self, each: Instance) -> tuple[Shown, ...]:
        """Its own ports, whichever container shows them."""
        by = self.by_container.get((each.host, each.through or each.name), ())
        return tuple(one for one in by if one.server.key == each.key)

    @cached_property
    def _by_client(self) -> Mapping[Key, tuple[Link, ...]]:
        found: dict[Key, list[Link]] = {}
        for link in self.links:
            found.setdefault((link.client_host, link.client), []).append(link)
        return {key: tuple(links) for key, links in found.items()}

    @cached_property
    def by_container(self) -> Mapping[Key, tuple[Shown, ...]]:
        """The ports that each container shows: a VPN client's are shown by its gateway."""
        found: dict[Key, list[Shown]] = {}
        for each in self.shown:
            server = each.server
            found.setdefault((server.host, server.through or server.name), []).append(each)
        return {key: tuple(shown) for key, shown in found.items()}


def networks(instance: Instance) -> tuple[str, ...]:
    """The networks of its own that a container is on; none where it uses another's."""
    if instance.through or instance.in_host_network:
        return ()
    named = [network.text for network in instance.declared.networks]
    if not named and instance.profile.network:
        named = [instance.profile.network.text]
    return tuple(dict.fromkeys(named)) or (COMMON,)


def wire(
    every: tuple[Instance, ...], ports: Mapping[Key, tuple[Inner, ...]],
    wanted: Iterable[Wanted], wishes: Iterable[Wish],
) -> Wiring:  # fmt: skip
    """Shows what has to be shown, and gives each client an address."""
    wishes = tuple(wishes)
    by_key = {each.key: each for each in every}
    needed = [_for_wish(wish, ports) for wish in wishes if _by_host(wish)]
    shown = _allocated(every, ports, _merged([*wanted, *needed]))
    outer = {(s.server.key, s.inner): s.host_port for s in reversed(shown) if s.protocol == "tcp"}
    joined: dict[Key, list[str]] = {}
    links: list[Link] = []
    for wish in wishes:
        if not _by_host(wish):
            _join(wish, by_key, joined)
        links.append(_link(wish, ports, outer))
    return Wiring(
        tuple(links), shown, {key: tuple(names) for key, names in joined.items()},
        {each.key: each.kind for each in every},
    )  # fmt: skip


def inner_port(ports: Mapping[Key, tuple[Inner, ...]], server: Instance, usual: int) -> int:
    """The port that a service has in place of its usual one."""
    found = (p.number for p in ports.get(server.key, ()) if p.usual == usual)
    return next(found, usual)


def _by_host(wish: Wish) -> bool:
    """Whether the client reaches the server only by a port that the server's host shows."""
    client, server = wish.client, wish.server
    if client.host != server.host:
        return True
    if namespace(client) == namespace(server):
        return False
    return client.in_host_network and not server.in_host_network


def _for_wish(wish: Wish, ports: Mapping[Key, tuple[Inner, ...]]) -> Wanted:
    here = wish.client.host == wish.server.host
    number = inner_port(ports, wish.server, wish.port)
    # It is the server's port, whoever it is that asks.
    return Wanted(wish.server, number, "tcp", None, "127.0.0.1" if here else None, wish.server.at)


def _merged(wanted: list[Wanted]) -> list[Wanted]:
    """Each port of a service once, unless the lab itself shows it at several of the host."""
    found: dict[tuple[Key, int, Protocol], list[Wanted]] = {}
    for each in wanted:
        same = found.setdefault((each.server.key, each.inner, each.protocol), [])
        if each.host_port is not None and all(old.host_port is not None for old in same):
            if each not in same:
                same.append(each)
        elif same:
            same[:] = [_widened(old, each) for old in same]
        else:
            same.append(each)
    return [each for same in found.values() for each in same]


def _widened(old: Wanted, new: Wanted) -> Wanted:
    """The lab's own port stays, and whoever asks from further away decides on the address."""
    address = old.address if old.address == new.address else None
    port = old.host_port if old.host_port is not None else new.host_port
    return replace(old, host_port=port, address=address, expected=old.expected or new.expected)


def _allocated(
    every: tuple[Instance, ...], ports: Mapping[Key, tuple[Inner, ...]], wanted: list[Wanted]
) -> tuple[Shown, ...]:
    """A port of the host for each: what is stated first, then the usual one where it is free."""
    booked: set[tuple[str, Protocol, int]] = {
        (each.host, port.protocol, port.number)
        for each in every
        if each.in_host_network
        for port in ports.get(each.key, ())
    }
    # The host's own sshd: a container with its port does not start, or locks the owner out.
    booked |= {(each.host, "tcp", each.machine.ssh.port.number) for each in every}
    found: dict[int, Shown] = {}
    # Nothing is shown of what has the host's own addresses: it is there already.
    able = [each for each in wanted if not each.server.in_host_network]
    for index, each in enumerate(able):
        if each.host_port is not None:
            booked.add((each.server.host, each.protocol, each.host_port))
            found[index] = _show(each, each.host_port, stated=True)
    # What is looked for at its usual number alone chooses before what is asked by a link.
    for index, each in sorted(enumerate(able), key=lambda pair: not pair[1].expected):
        if index not in found and (each.server.host, each.protocol, each.inner) not in booked:
            booked.add((each.server.host, each.protocol, each.inner))
            found[index] = _show(each, each.inner)
    for index, each in enumerate(able):
        if index not in found:
            number = _free(booked, each)
            booked.add((each.server.host, each.protocol, number))
            found[index] = _show(each, number)
    return tuple(found[index] for index in range(len(able)))


def _free(booked: set[tuple[str, Protocol, int]], each: Wanted) -> int:
    first = (_SSH_BESIDE,) if each.inner == _SSH else ()
    candidates = chain(first, range(each.inner + 1, 65536), range(1024, each.inner + 1))
    free = (n for n in candidates if (each.server.host, each.protocol, n) not in booked)
    # A host whose every port is taken has a clash, and the check of clashes will tell.
    return next(free, each.inner)


def _show(each: Wanted, number: int, *, stated: bool = False) -> Shown:
    return Shown(each.server, each.inner, each.protocol, number, each.address, each.at, stated)


def _join(wish: Wish, by_key: Mapping[Key, Instance], joined: dict[Key, list[str]]) -> None:
    """Puts the client on a network of the server, where they share none."""
    client = _owner(wish.client, by_key)
    server = _owner(wish.server, by_key)
    if client is None or server is None or client.key == server.key:
        return
    mine = [*networks(client), *joined.get(client.key, ())]
    theirs = [*networks(server), *joined.get(server.key, ())]
    if mine and theirs and not set(mine) & set(theirs):
        joined.setdefault(client.key, []).append(theirs[0])


def _owner(instance: Instance, by_key: Mapping[Key, Instance]) -> Instance | None:
    """The container whose network it uses."""
    if instance.in_host_network:
        return None
    for _ in range(8):
        if not instance.through:
            return instance
        found = by_key.get((instance.host, instance.through))
        if found is None:
            return None
        instance = found
    return None


def _link(
    wish: Wish, ports: Mapping[Key, tuple[Inner, ...]], outer: Mapping[tuple[Key, int], int]
) -> Link:
    client, server = wish.client, wish.server
    number = inner_port(ports, server, wish.port)
    address = _address(client, server)
    if _by_host(wish):
        number = outer.get((server.key, number), number)
    return Link(
        client.name, client.host, server.name, server.host, number, address, wish.why, wish.at
    )


def _address(client: Instance, server: Instance) -> str:
    if client.host != server.host:
        given = server.machine.address
        return given.text if given else server.host
    if namespace(client) == namespace(server) or client.in_host_network:
        return "localhost"
    if server.in_host_network:
        return _HOST[engine(client.machine)]
    return namespace(server)[1]
