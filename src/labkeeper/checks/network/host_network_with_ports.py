"""Published ports of a container that uses the host's network."""

from collections.abc import Iterator
from itertools import groupby

from labkeeper.checks.check import Check, Fault
from labkeeper.checks.publication import Publication
from labkeeper.checks.targets import Judged
from labkeeper.checks.view import View
from labkeeper.plan import PublishedPort
from labkeeper.source import Related


def check(view: View) -> Iterator[Fault]:
    """One fault a container: what its ports would have led to is only a consequence."""
    # A target whose port is wrong anyway is said by the check of targets, with these ports.
    told = [j.answer.publication for j in view.targets if j.answer.cause == "closed-port"]
    ignored = [
        each
        for each in view.reach.publications
        if each.space.kind == "host" and not each.borrowed and each not in told
    ]
    for _, group in groupby(ignored, key=lambda each: id(each.container)):
        yield _fault(view, list(group))


def _fault(view: View, ports: list[Publication]) -> Fault:
    container = ports[0].container
    lost = [
        judged
        for judged in view.targets
        if judged.answer.cause == "dropped-port" and judged.answer.publication in ports
    ]
    moved = [each for each in ports if each.port.host != each.port.container]
    shown = (moved or ports)[0]
    words = "ports" if len(ports) > 1 else "port"
    listed = ", ".join(f"`{written(each.port)}`" for each in ports)
    verb = "have" if len(ports) > 1 else "has"
    namespace = container.namespace
    related = [Related("the host's network is set here", namespace.at)] if namespace else []
    related += [
        Related(f"so this target finds nothing at {each.port}", each.port_at) for each in lost
    ]
    return Fault(
        f"`{container.key}` uses the host's network, where its published {words} {listed} "
        f"{verb} no effect",
        shown.port.at,
        _help(view, shown, lost),
        tuple(related),
        subject=container.key,
        severity="error" if lost else "warning" if moved else "info",
    )


def _help(view: View, shown: Publication, lost: list[Judged]) -> str:
    listening = view.reach.listening(shown.container).listeners
    if not listening:
        return "delete the published ports, or give the container a network of its own"
    numbers = list(dict.fromkeys(str(each.port) for each in listening))
    ports = ", ".join(numbers[:3]) + (" and others" if len(numbers) > 3 else "")
    instead = f"delete the published ports: it listens on the host's {ports}"
    if not lost:
        return instead
    [first, *_] = lost
    return f"{instead}; scrape `{first.name}:{listening[0].port}`"


def written(port: PublishedPort) -> str:
    """A published port as people write it."""
    host, inner = port.host, port.container
    inside = str(inner.first) if inner.first == inner.last else f"{inner.first}-{inner.last}"
    if host is None:
        return inside
    outside = str(host.first) if host.first == host.last else f"{host.first}-{host.last}"
    return f"{outside}:{inside}"


CHECK = Check("host-network-with-ports", "warning", plan=check)
