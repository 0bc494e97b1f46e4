"""Exporters that run for nobody."""

from collections.abc import Iterator
from typing import Final

from labkeeper.checks.check import Check, Fault
from labkeeper.checks.view import View
from labkeeper.plan import Container, Target

# Programs that scrape too, by configurations that are not read.
_OTHERS: Final = frozenset({"alloy", "victoria-metrics", "vmagent", "netdata", "telegraf"})


def check(view: View) -> Iterator[Fault]:
    """Containers whose only purpose is to be scraped, and that no target leads to."""
    if any(job.discovered for job in view.plan.scrapes) or _others_scrape(view):
        return
    reached = [judged.answer.container for judged in view.targets]
    reached += [
        listener.owner
        for judged in view.targets
        for listener in judged.answer.listeners
        if isinstance(listener.owner, Container)
    ]
    open_ports = _ports_left_open(view)
    for container in view.plan.containers:
        service = view.reach.service(container)
        if not (service and service.metrics and service.metrics.dedicated):
            continue
        ports = {
            each.port
            for each in view.reach.listening(container).listeners
            if each.purpose.number == service.metrics.port
        }
        listens = min(ports, default=service.metrics.port)
        ports |= {port.host.first for port in container.ports if port.host}
        if any(each is container for each in reached) or not ports or ports & open_ports:
            continue
        yield Fault(
            f"no job of Prometheus scrapes `{container.key}`",
            container.at,
            f"add a job that scrapes it on {listens}, or delete the container",
            subject=container.key,
        )


def _others_scrape(view: View) -> bool:
    found = (view.reach.service(each) for each in view.plan.containers)
    return any(service and service.name in _OTHERS for service in found)


def _ports_left_open(view: View) -> set[int]:
    """Ports of targets that may be anybody's: addresses of the network at home, for one."""
    followed = {id(judged.target) for judged in view.targets if judged.answer.container}
    targets: list[Target] = [target for job in view.plan.scrapes for target in job.targets]
    found: set[int] = set()
    for target in targets:
        port = (target.asked or target.address.text).rpartition(":")[2]
        if id(target) not in followed and port.isdecimal():
            found.add(int(port[:6]))
    return found


CHECK = Check("exporter-not-scraped", "warning", plan=check, needs=("scrapes", "services"))
