"""A name server or a proxy that is shown where nobody looks for it."""

from collections.abc import Iterator

from labkeeper.checks.check import Check, Fault
from labkeeper.checks.view import View
from labkeeper.plan import Container, PublishedPort
from labkeeper.source import Related


def check(view: View) -> Iterator[Fault]:
    """Each port that the lab left open, is of no use but at one number, and got another."""
    for container in view.plan.containers:
        service = view.reach.service(container)
        wanted = {(p.number, p.protocol) for p in service.ports if p.expected} if service else set()
        moved = [
            port
            for port in container.ports
            # Where the lab says it itself, it is meant so.
            if port.at == container.at and port.host and port.host.first != port.container.first
            and (port.container.first, port.protocol) in wanted
        ]  # fmt: skip
        if moved:
            yield _fault(view, container, moved[0])


def _fault(view: View, container: Container, port: PublishedPort) -> Fault:
    number, shown = port.container.first, port.host.first if port.host else 0
    holder = _holder(view, container, port)
    who = f"`{holder.message}` has that" if holder else "something else has that"
    return Fault(
        f"`{container.key}` is shown on port {shown}, and is looked for on {number}: {who}",
        port.at,
        f"give the other one another port, or say that it is meant so: "
        f'`ports: ["{shown}:{number}"]`',
        (Related(f"`{holder.message}`", holder.at),) if holder else (),
        subject=container.key,
    )


def _holder(view: View, container: Container, port: PublishedPort) -> Related | None:
    """Who has the number on its host."""
    number, host = port.container.first, container.host
    for each in view.plan.services:
        if each.host == host and (number, port.protocol) in each.listens:
            return Related(each.key, each.at)
    for other in view.plan.containers:
        if other is container or other.host != host:
            continue
        shown = (p for p in other.ports if p.protocol == port.protocol and p.host)
        found = next((p for p in shown if p.host and number in p.host), None)
        if found:
            return Related(other.key, found.at)
        on_host = view.reach.space(other).kind == "host"
        if on_host and view.reach.listening(other).answers(number, port.protocol):
            return Related(other.key, other.at)
    return None


CHECK = Check("usual-port-taken", "warning", plan=check)
