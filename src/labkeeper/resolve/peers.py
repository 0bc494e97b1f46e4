"""Which other services of the lab a service talks to, as the catalog says it wants to."""

from collections.abc import Iterator
from typing import Final

from labkeeper.plan import Missing
from labkeeper.resolve.instances import Instance
from labkeeper.resolve.wiring import Wish

# What answers in another one's words: Valkey goes on where Redis 7.2 ended (valkey.io).
STANDS_IN: Final = {"valkey": "redis"}


def wishes(every: tuple[Instance, ...]) -> Iterator[Wish]:
    """What the catalog says that services want of each other, where both are in the lab."""
    for client in every:
        for kind, peer in client.run.talks_to.items():
            server = peer_of(client, kind, every)
            ports = server.software.ports if server and server.software else ()
            if server and ports:
                yield Wish(client, server, ports[0].number, peer.why or kind, client.at)


def peer_of(client: Instance, kind: str, every: tuple[Instance, ...]) -> Instance | None:
    """The server that is meant: one that it comes after, one of its host, or the only one."""
    found = [
        each
        for each in every
        if kind in {each.kind, STANDS_IN.get(each.kind)} and each.key != client.key
    ]
    after = {name.text for name in client.declared.after}
    named = [each for each in found if each.name in after]
    here = [each for each in found if each.host == client.host]
    return next(iter(named or here or found), None)


def unmet(every: tuple[Instance, ...]) -> Iterator[Missing]:
    """What services cannot do without, and the lab does not give them."""
    for each in every:
        if not each.runs or each.native or each.declared.image:
            continue
        for kind, peer in each.run.talks_to.items():
            if peer.needed and peer_of(each, kind, every) is None:
                yield Missing("peer", f"{each.name} {kind}", each.at)


def needed_here(each: Instance, every: tuple[Instance, ...]) -> tuple[str, ...]:
    """The services of its own host that it does not work without."""
    found = (
        peer_of(each, kind, every) for kind, known in each.run.talks_to.items() if known.needed
    )
    return tuple(peer.name for peer in found if peer and peer.host == each.host)
