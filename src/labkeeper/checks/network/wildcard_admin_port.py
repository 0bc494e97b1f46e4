"""Ports that ask for no password, published to everybody who reaches the host."""

from collections.abc import Iterator, Set
from typing import Final

from labkeeper.catalog import Private
from labkeeper.checks.check import Check, Fault
from labkeeper.checks.publication import Publication
from labkeeper.checks.view import View
from labkeeper.plan import Container

_EVERYWHERE: Final = frozenset({None, "0.0.0.0", "::"})  # noqa: S104


def check(view: View) -> Iterator[Fault]:
    """Published ports that lead to a listener that the catalog calls private."""
    needed = {
        (link.server_host, link.server, link.port)
        for link in view.plan.links
        if link.client_host != link.server_host
    }
    for publication in view.reach.publications:
        if publication.dropped or publication.port.address not in _EVERYWHERE:
            continue
        if _is_needed(publication, needed):
            continue
        for member in view.reach.members(publication.space):
            for listener in view.reach.listening(member).listeners:
                private = listener.purpose.private
                if (
                    private
                    and listener.protocol == publication.port.protocol
                    and listener.port in publication.port.container
                    and _is_open(member, private)
                ):
                    yield _fault(publication, member, listener.service.title, private)


def _is_needed(publication: Publication, needed: Set[tuple[str, str, int]]) -> bool:
    """Whether a service of the lab on another host reaches it there: the firewall says who else."""
    container, host = publication.container, publication.port.host
    return host is not None and (container.host, container.key, host.first) in needed


def _is_open(container: Container, private: Private) -> bool:
    if not container.complete:
        return False
    # A shell's command line holds flags too: a word of it is enough.
    words = [word.text for word in (*container.entrypoint, *container.command)]
    words += [variable.name for variable in container.environment]
    if any(flag in word for flag in private.unless for word in words):
        return False
    return not private.only_with or any(
        flag in word for flag in private.only_with for word in words
    )


def _fault(publication: Publication, member: Container, title: str, private: Private) -> Fault:
    host, inner = publication.port.host, publication.port.container
    outside = host.first if host else inner.first
    shown = f"127.0.0.1:{outside}:{inner.first}"
    return Fault(
        f"`{publication.container.key}` publishes {inner.first} on every address of the host, "
        f"and {private.why}",
        publication.port.at,
        f"publish it as `{shown}`, or not at all: containers on its network reach {title} anyway",
        subject=f"{member.key}:{inner.first}",
    )


CHECK = Check("wildcard-admin-port", "warning", plan=check)
