"""A container that takes the host's port 53 away from a resolver that is already there."""

from collections.abc import Iterator
from typing import Final

from labkeeper.checks.check import Check, Fault
from labkeeper.checks.publication import Publication
from labkeeper.checks.view import View
from labkeeper.plan import Container, Unit
from labkeeper.source import Related, Span

_EVERYWHERE: Final = frozenset({None, "0.0.0.0", "::"})  # noqa: S104
_DNS: Final = 53
_RESOLVERS: Final = frozenset(
    f"{name}.service" for name in ("systemd-resolved", "dnsmasq", "unbound", "named", "bind9")
)


_OWN: Final = "Podman's own resolver for container names"


def check(view: View) -> Iterator[Fault]:
    """One fault a container; which protocol it publishes makes no difference."""
    told: set[int] = set()
    for each in view.reach.publications:
        host = each.port.host
        if each.dropped or host is None or _DNS not in host or id(each.container) in told:
            continue
        if each.port.address not in _EVERYWHERE:
            continue
        if unit := _resolver(view, each.container):
            told.add(id(each.container))
            yield _fault(each, f"`{unit.name}`", Related("it is started here", unit.at))
        elif (network := _podman_network(view, each.container)) is not None:
            told.add(id(each.container))
            yield _fault(each, _OWN, Related("this network needs it", network))


def _resolver(view: View, container: Container) -> Unit | None:
    found = (u for u in view.plan.units if u.host == container.host and u.name in _RESOLVERS)
    return next(found, None)


def _podman_network(view: View, container: Container) -> Span | None:
    """Where the host's containers are put on a network that Podman resolves names for.

    aardvark-dns listens on port 53 of each such network's address on the host:
    https://github.com/containers/aardvark-dns/issues/13
    """
    if container.engine != "podman":
        return None
    uses = (
        use
        for each in view.plan.containers
        if each.host == container.host and each.engine == "podman"
        for use in each.networks
        if use.name not in {"podman", "host", "none"}
    )
    first = next(uses, None)
    return first.at if first else None


def _fault(publication: Publication, resolver: str, why: Related) -> Fault:
    return Fault(
        f"`{publication.container.key}` publishes port 53 on every address of the host, where "
        f"{resolver} listens too",
        publication.port.at,
        "publish it on the host's own LAN address alone, such as `192.168.1.2:53:53`",
        (why,),
        subject=publication.container.key,
    )


CHECK = Check("dns-port-clash", "warning", plan=check)
