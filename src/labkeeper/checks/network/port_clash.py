"""Two things that want the same port of the host."""

import posixpath
from collections import defaultdict
from collections.abc import Iterable, Iterator
from itertools import combinations
from typing import Final

from labkeeper.checks.check import Check, Fault
from labkeeper.checks.network.native_ports import native_clashes
from labkeeper.checks.view import View
from labkeeper.plan import Container, PortRange
from labkeeper.plan.container import Protocol
from labkeeper.source import Related, Span
from labkeeper.values import dataclass

_ALL_V4: Final = "0.0.0.0"  # noqa: S104
_ALL_V6: Final = "::"
# A range as large as a media server's is no list of ports to look through one by one.
_MOST: Final = 1000
# A port that more projects want is one of a collection of examples, which nobody runs together.
_FEW: Final = 2


@dataclass(frozen=True, slots=True)
class _Claim:
    """Who wants a stretch of the host's ports, and where that is said."""

    container: Container
    address: str | None
    ports: PortRange
    protocol: Protocol
    published: bool
    at: Span

    @property
    def words(self) -> str:
        """The claim, as one says it."""
        if self.published:
            return f"`{self.container.key}` publishes it here"
        return f"`{self.container.key}` listens on it, on the host's network"


def check(view: View) -> Iterator[Fault]:
    """One fault a port, however many want it."""
    by_port: defaultdict[tuple[str, Protocol, int], list[_Claim]] = defaultdict(list)
    for claim in _claims(view):
        if claim.ports.last - claim.ports.first < _MOST:
            for port in range(claim.ports.first, claim.ports.last + 1):
                by_port[claim.container.host, claim.protocol, port].append(claim)
    collections = {host for (host, _, _), claims in by_port.items() if _count(claims) > _FEW}
    told: set[tuple[int, ...]] = set()
    for (host, protocol, port), claims in by_port.items():
        clashing = _clashing(view, claims, host in collections) if len(claims) > 1 else []
        who = tuple(id(each.container) for each in clashing)
        if clashing and who not in told:
            told.add(who)
            yield _fault(port, protocol, clashing)
    yield from native_clashes(view)


def _claims(view: View) -> Iterator[_Claim]:
    for each in view.reach.publications:
        host, inner = each.port.host, each.port.container
        if each.dropped or host is None or host.last - host.first != inner.last - inner.first:
            continue
        yield _Claim(
            each.container, each.port.address, host, each.port.protocol, True, each.port.at
        )
    for container in view.plan.containers:
        if view.reach.space(container).kind != "host":
            continue
        for listener in view.reach.listening(container).listeners:
            if listener.sure:
                port = PortRange(listener.port, listener.port)
                yield _Claim(
                    container, listener.address, port, listener.protocol, False, listener.at
                )


def _count(claims: list[_Claim]) -> int:
    return len({claim.container.project for claim in claims})


def _clashing(view: View, claims: list[_Claim], in_collection: bool) -> list[_Claim]:
    found: list[_Claim] = []
    for one, other in combinations(claims, 2):
        if in_collection and one.container.project != other.container.project:
            continue
        together = _run_together(view, one.container, other.container)
        if together and _meet(one.address, other.address):
            found += [one, other]
    return list({id(each.container): each for each in reversed(found)}.values())[::-1]


def _meet(one: str | None, other: str | None) -> bool:
    """Whether two addresses cover a common one."""
    if one is None or other is None or one == other:
        return True
    if not one.isascii() or "$" in one + other:
        return False
    wide, narrow = (one, other) if one in {_ALL_V4, _ALL_V6} else (other, one)
    return wide in {_ALL_V4, _ALL_V6} and (":" in narrow) == (":" in wide)


def _run_together(view: View, one: Container, other: Container) -> bool:
    """Whether both are meant to run at once, rather than being variants of each other."""
    if one is other or (one.project == other.project and one.key == other.key):
        return False
    if one.profiles and other.profiles and not set(one.profiles) & set(other.profiles):
        return False
    if one.project == other.project:
        return not _are_forms(view, one, other)
    # A guide shows one stack in many steps: its fragments never run side by side for sure.
    if any(each.at.file.endswith((".md", ".markdown")) for each in (one, other)):
        return False
    # Files side by side are as often a choice: one with this proxy, one with that.
    if posixpath.dirname(one.at.file) == posixpath.dirname(other.at.file):
        return False
    return one.key != other.key and not view.variants(one.project, other.project)


def _are_forms(view: View, one: Container, other: Container) -> bool:
    """Whether two Quadlets are one thing for two machines: `windows` and `windows-arm`.

    Each Quadlet is started for itself; a compose file starts all that it holds.
    """
    project = view.projects.get(one.project)
    if project is None or project.kind != "quadlet":
        return False
    short, long = sorted((one.key, other.key), key=len)
    return long.startswith(f"{short}-") and _first_ports(one) == _first_ports(other)


def _first_ports(container: Container) -> list[PortRange | None]:
    return [port.host for port in container.ports]


def _fault(port: int, protocol: Protocol, claims: list[_Claim]) -> Fault:
    # What is published can be moved with less trouble than what software listens on by itself.
    ordered = sorted(claims, key=lambda claim: claim.published)
    *others, last = ordered
    shared = all(each.container.project == last.container.project for each in others)
    wanted = _listed(each.container.key for each in ordered)
    suffix = "" if protocol == "tcp" else f"/{protocol}"
    return Fault(
        f"the host's port {port}{suffix} is wanted by {wanted}, and only one can have it",
        last.at,
        "give all but one of them another port of the host",
        tuple(Related(each.words, each.at) for each in others),
        subject=f"{port}{suffix}",
        severity="error" if shared else "warning",
    )


def _listed(names: Iterable[str]) -> str:
    *most, last = [f"`{name}`" for name in names]
    return f"{', '.join(most)} and {last}"


CHECK = Check("port-clash", "error", plan=check)
