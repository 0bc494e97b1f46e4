"""Targets that lead to an exporter, but not to the port that it listens on."""

from collections.abc import Iterator

from labkeeper.checks.check import Check, Fault
from labkeeper.checks.listening import Listener
from labkeeper.checks.network.host_network_with_ports import written
from labkeeper.checks.targets import Judged
from labkeeper.checks.view import View
from labkeeper.plan import Container
from labkeeper.source import Fix, Related, rewrite


def check(view: View) -> Iterator[Fault]:
    """Targets whose container is known and listens elsewhere."""
    for judged in view.targets:
        container = judged.answer.container
        match judged.answer.cause:
            case "closed-port" if container:
                yield _closed(view, judged, container)
            case "elsewhere-on-host" if container:
                yield _elsewhere(view, judged, container)
            case "host-port-inside" if container:
                yield _outside(judged, container)
            case _:
                pass


def _closed(view: View, judged: Judged, container: Container) -> Fault:
    elsewhere = _scraped(view, container, judged.answer.listeners)
    ports = " and ".join(str(each.port) for each in elsewhere)
    publication = judged.answer.publication
    right = elsewhere[0].port
    related: tuple[Related, ...] = ()
    if publication:
        words = "this published port leads to where nothing listens"
        if publication.dropped:
            words = "this names the same port, and has no effect on the host's network"
        related = (Related(words, publication.port.at),)
    reached = publication is None or publication.dropped
    help_ = f"scrape `{judged.name}:{right}`"
    if not reached and publication:
        help_ = f"publish {right}, as `{written(publication.port).split(':')[0]}:{right}`"
    return Fault(
        f"nothing listens at `{judged.address}`: `{container.key}` listens on {ports}",
        judged.port_at,
        help_ + _owner(view, container, judged.port),
        related,
        subject=judged.address,
        fix=_fix(judged, {each.port for each in elsewhere}) if reached else None,
    )


def _elsewhere(view: View, judged: Judged, container: Container) -> Fault:
    listeners = _scraped(view, container, judged.answer.listeners)
    right = listeners[0]
    return Fault(
        f"nothing here listens at `{judged.address}`: `{container.key}` listens on {right.port}",
        judged.port_at,
        f"scrape `{judged.name}:{right.port}`" + _owner(view, container, judged.port),
        (Related(f"{right.port} comes from here", right.at),),
        subject=judged.address,
        severity="warning",
        fix=_fix(judged, {each.port for each in listeners}),
    )


def _scraped(
    view: View, container: Container, listeners: tuple[Listener, ...]
) -> tuple[Listener, ...]:
    """The listeners that give metrics, or else all of them."""
    service = view.reach.service(container)
    wanted = service.metrics.port if service and service.metrics else None
    return tuple(each for each in listeners if each.purpose.number == wanted) or listeners


def _owner(view: View, container: Container, port: int) -> str:
    """Whose port it is that was asked: another exporter's guide, as often as not."""
    own = view.reach.service(container)
    owners = [
        each.title
        for each in view.services.every
        if each is not own and each.metrics and each.metrics.dedicated and each.metrics.port == port
    ]
    return f" ({port} is the port of {owners[0]})" if len(owners) == 1 else ""


def _outside(judged: Judged, container: Container) -> Fault:
    publication = judged.answer.publication
    inside = publication.inside(judged.port) if publication else None
    return Fault(
        f"`{judged.address}` asks for the host's port inside the network of `{container.key}`, "
        f"where it is {inside}",
        judged.port_at,
        f"scrape `{judged.name}:{inside}`",
        (Related("published here", publication.port.at),) if publication else (),
        subject=judged.address,
        severity="error" if judged.answer.listeners else "warning",
        fix=_fix(judged, {inside} if inside else set()),
    )


def _fix(judged: Judged, ports: set[int]) -> Fix | None:
    """Where there is one right port, and the wrong one is written in the target."""
    if len(ports) != 1 or judged.target.asked != judged.target.address.text:
        return None
    right = ports.pop()
    return rewrite(f"scrape port {right}", [judged.port_at], str(judged.port), str(right))


CHECK = Check("wrong-exporter-port", "error", plan=check)
