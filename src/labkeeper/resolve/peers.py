"""Which other services of the lab a service talks to, as the catalog says it wants to."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from typing import Final

from labkeeper.plan import Missing
from labkeeper.resolve.instances import Instance
from labkeeper.resolve.wiring import Wish
from labkeeper.values import dataclass

# What answers in another one's words: Valkey goes on where Redis 7.2 ended (valkey.io).
STANDS_IN: Final = {"valkey": "redis"}


@dataclass(frozen=True)
class Peers:
    """The services of a lab, by what they answer as, and where."""

    every: tuple[Instance, ...]

    def of(self, client: Instance, kind: str) -> Instance | None:
        """The server that is meant: one that it comes after, one of its host, or the only one."""
        named = [(kind, "named", after.text) for after in client.declared.after]
        for places in (named, [(kind, "on", client.host)], [(kind, "", "")]):
            # The first is enough, or the second where the first is the client itself.
            found = [each for place in places for each in self._places.get(place, ())[:2]]
            others = [each for each in found if each[1].key != client.key]
            if others:
                return min(others, key=lambda each: each[0])[1]
        return None

    @cached_property
    def _places(self) -> Mapping[tuple[str, str, str], Sequence[tuple[int, Instance]]]:
        """With their numbers: the lab's order decides where several are meant."""
        found: defaultdict[tuple[str, str, str], list[tuple[int, Instance]]] = defaultdict(list)
        for number, each in enumerate(self.every):
            for kind in {each.kind, STANDS_IN.get(each.kind, each.kind)}:
                for where in (("named", each.name), ("on", each.host), ("", "")):
                    found[kind, *where].append((number, each))
        return found


def wishes(peers: Peers) -> Iterator[Wish]:
    """What the catalog says that services want of each other, where both are in the lab."""
    for client in peers.every:
        for kind, peer in client.run.talks_to.items():
            server = peers.of(client, kind)
            ports = server.software.ports if server and server.software else ()
            if server and ports:
                yield Wish(client, server, ports[0].number, peer.why or kind, client.at)


def unmet(peers: Peers) -> Iterator[Missing]:
    """What services cannot do without, and the lab does not give them."""
    for each in peers.every:
        if not each.runs or each.native or each.declared.image:
            continue
        for kind, peer in each.run.talks_to.items():
            if peer.needed and peers.of(each, kind) is None:
                yield Missing("peer", f"{each.name} {kind}", each.at)


def needed_here(each: Instance, peers: Peers) -> tuple[str, ...]:
    """The services of its own host that it does not work without."""
    found = (peers.of(each, kind) for kind, known in each.run.talks_to.items() if known.needed)
    return tuple(peer.name for peer in found if peer and peer.host == each.host)
