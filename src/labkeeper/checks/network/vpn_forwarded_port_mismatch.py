"""The port that a VPN lets in is not the one on which the client behind it listens."""

from collections.abc import Iterator
from typing import Final

from labkeeper.checks.check import Check, Fault
from labkeeper.checks.network.gateways import gateways
from labkeeper.checks.view import View
from labkeeper.plan import Container, Variable
from labkeeper.source import Related

# The variables by which images set the port for peers at every start: linuxserver.io's pages of
# docker-qbittorrent and docker-transmission, and qbittorrent/docker-qbittorrent-nox.
_PEERS: Final = {
    "qbittorrent": ("TORRENTING_PORT", "QBT_TORRENTING_PORT"),
    "transmission": ("PEERPORT",),
}


def check(view: View) -> Iterator[Fault]:
    """Gateways with a list of ports to let in, and clients whose port is not among them."""
    for gated in gateways(view.reach):
        opened = _variable(gated.gateway, (gated.software.ports_in,))
        ports = _ports(opened)
        if opened is None or not ports:
            continue
        for client in gated.clients:
            service = view.reach.service(client)
            names = _PEERS.get(service.name, ()) if service else ()
            given = _variable(client, names)
            mine = _ports(given)
            if given is None or len(mine) != 1 or mine & ports:
                continue
            (port,) = mine
            listed = ", ".join(map(str, sorted(ports)))
            yield Fault(
                f"`{client.key}` listens for peers on {port}, and `{gated.gateway.key}` lets in "
                f"{listed}: nobody outside reaches it",
                given.at,
                f"set both to the port that the VPN's provider forwards to you (`{given.name}` "
                f"here, `{opened.name}` there)",
                (Related("these are let in", opened.at),),
                subject=client.key,
            )


def _variable(container: Container, names: tuple[str | None, ...]) -> Variable | None:
    return next((each for each in container.environment if each.name in names), None)


def _ports(variable: Variable | None) -> frozenset[int]:
    """The ports that a variable lists; none where not all of it is known."""
    if variable is None or variable.value is None:
        return frozenset()
    words = [word.strip() for word in variable.value.text.split(",") if word.strip()]
    known = all(word.isascii() and word.isdecimal() and len(word) < 6 for word in words)
    return frozenset(map(int, words)) if known else frozenset()


CHECK = Check("vpn-forwarded-port-mismatch", "warning", plan=check)
