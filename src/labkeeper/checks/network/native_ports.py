"""Ports of a host that a service without a container has, and something else wants."""

from collections import defaultdict
from collections.abc import Iterator

from labkeeper.checks.check import Fault
from labkeeper.checks.view import View
from labkeeper.plan import Service
from labkeeper.plan.container import Protocol
from labkeeper.source import Related, Span
from labkeeper.values import dataclass


@dataclass(frozen=True, slots=True)
class _Wanting:
    """Who wants a port, and how one says it."""

    name: str
    words: str
    at: Span


def native_clashes(view: View) -> Iterator[Fault]:
    """Each port that a native service listens on and that others want, too."""
    wanted: defaultdict[tuple[str, Protocol, int], list[_Wanting]] = defaultdict(list)
    for each in view.plan.services:
        for listened, spoken in each.listens:
            wanted[each.host, spoken, listened].append(_native(each))
    known = set(wanted)
    for publication in view.reach.publications:
        host, port = publication.container.host, publication.port
        for number in range(port.host.first, port.host.last + 1) if port.host else ():
            if (host, port.protocol, number) in known and not publication.dropped:
                words = f"`{publication.container.key}` publishes it here"
                found = _Wanting(publication.container.key, words, port.at)
                wanted[host, port.protocol, number].append(found)
    told: set[tuple[str, ...]] = set()
    for (host, protocol, number), wanting in wanted.items():
        names = (host, *(each.name for each in wanting))
        if len(wanting) > 1 and names not in told:
            told.add(names)
            yield _fault(protocol, number, wanting)


def _native(each: Service) -> _Wanting:
    return _Wanting(each.key, f"`{each.key}` listens on it, as a unit of its host", each.at)


def _fault(protocol: Protocol, number: int, wanting: list[_Wanting]) -> Fault:
    first, *others = wanting
    names = [f"`{each.name}`" for each in wanting]
    suffix = "" if protocol == "tcp" else f"/{protocol}"
    return Fault(
        f"the host's port {number}{suffix} is wanted by {', '.join(names[:-1])} and {names[-1]}, "
        "and only one can have it",
        wanting[-1].at,
        "give all but one of them another port: `ports:` of a container, `extra: {nixos: ...}` of "
        "a unit",
        tuple(Related(each.words, each.at) for each in (first, *others[:-1])),
        subject=f"{number}{suffix}",
    )
