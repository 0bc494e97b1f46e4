"""Questions that are asked all the time: do services answer, do hosts, is the tunnel up."""

from collections.abc import Iterator
from typing import Final

from labkeeper.catalog.gateway import Control
from labkeeper.lab import Lab
from labkeeper.plan import Link, Probe, Relabel, ScrapeJob, Target
from labkeeper.resolve.instances import Instance
from labkeeper.resolve.rules import may_be_away
from labkeeper.resolve.scraping import PROBER, PROMETHEUS, server_key, servers
from labkeeper.resolve.wiring import Wish
from labkeeper.source import Span

PORT: Final = 9115
ANSWERS: Final = "answers"
PROBES: Final = "probes"
TUNNEL: Final = "tunnel"
# The modules of the blackbox exporter that ask each kind of question.
MODULES: Final = {
    "http": "http_2xx", "icmp": "icmp", "tunnel": "vpn_tunnel", "egress": "vpn_egress",
}  # fmt: skip


def probed(every: tuple[Instance, ...]) -> Iterator[tuple[Instance, int, str]]:
    """Services that a prober asks: the port, as they usually have it, and the path."""
    for each in every:
        stated, known = each.declared.health, each.run.health
        first = _first_web(each)
        if stated and stated.http:
            port = stated.port.number if stated.port else first
            if port:
                yield each, port, stated.http
        elif known and known.http and not known.inside:
            port = known.port or first
            if port and each.listens_at(port):
                yield each, port, known.http


def _first_web(each: Instance) -> int | None:
    ports = each.software.ports if each.software else ()
    tcp = [port.number for port in ports if port.protocol == "tcp" and port.default]
    declared = [port.container for port in each.declared.ports if port.protocol == "tcp"]
    return next(iter((*tcp, *declared)), None)


def wishes(every: tuple[Instance, ...]) -> Iterator[Wish]:
    """Each prober wants to reach what it asks; one of the same host where there is one."""
    probers = servers(every, PROBER)
    here = {prober.host: prober for prober in reversed(probers)}
    first = next(iter(probers), None)
    for each, port, _ in probed(every):
        prober = here.get(each.host, first)
        if prober and prober.key != each.key:
            yield Wish(prober, each, port, ANSWERS, each.at)
    for each, control in _gateways(every):
        prober = here.get(each.host, first)
        if prober:
            yield Wish(prober, each, control.port, TUNNEL, each.at)


def _gateways(every: tuple[Instance, ...]) -> Iterator[tuple[Instance, Control]]:
    """VPN clients that can be asked what their tunnel does."""
    for each in every:
        gateway = each.software.vpn_gateway if each.software else None
        if gateway and gateway.control and each.runs:
            yield each, gateway.control


def probes(every: tuple[Instance, ...], lab: Lab, links: tuple[Link, ...]) -> Iterator[Probe]:
    """All probes, in the order of the lab."""
    paths = {each.key: path for each, _, path in probed(every)}
    for link in links:
        key = (link.server_host, link.server)
        if link.why == ANSWERS and key in paths:
            target = f"http://{link.address}:{link.port}{paths[key]}"
            yield Probe("http", link.server, link.server_host, link.client_host, target,
                        MODULES["http"], link.at)  # fmt: skip
    yield from _between_hosts(every, lab)
    yield from _of_tunnels(every, links)


def _between_hosts(every: tuple[Instance, ...], lab: Lab) -> Iterator[Probe]:
    if not lab.monitoring.probe_hosts or len(lab.hosts) < 2:
        return
    for prober in _asking(every):
        # While it sleeps it asks nobody, and that would look like a fault of all that it asks.
        if may_be_away(prober.machine):
            continue
        for name, host in lab.hosts.items():
            if name.text != prober.host and host.address:
                yield Probe("icmp", name.text, name.text, prober.host, host.address.text,
                            MODULES["icmp"], name.at)  # fmt: skip


def _of_tunnels(every: tuple[Instance, ...], links: tuple[Link, ...]) -> Iterator[Probe]:
    """That the tunnel of a gateway stands, and that something outside was seen through it.

    Whether that is another address than the house's own, no prober can tell: it takes asking from
    both sides, and comparing the answers.
    """
    controls = {each.key: control for each, control in _gateways(every)}
    for link in links:
        control = controls.get((link.server_host, link.server)) if link.why == TUNNEL else None
        if control is None:
            continue
        asked = f"http://{link.address}:{link.port}"
        yield Probe("tunnel", link.server, link.server_host, link.client_host,
                    asked + control.status, MODULES["tunnel"], link.at)  # fmt: skip
        yield Probe("egress", link.server, link.server_host, link.client_host,
                    asked + control.address, MODULES["egress"], link.at)  # fmt: skip


def asks(every: tuple[Instance, ...]) -> Iterator[Wish]:
    """Each Prometheus wants to reach the probers."""
    for client in servers(every, PROMETHEUS):
        for server in _asking(every):
            yield Wish(client, server, PORT, PROBES, server.at)


def _asking(every: tuple[Instance, ...]) -> tuple[Instance, ...]:
    """The first prober of each host: a second one would ask the same."""
    return tuple({each.host: each for each in reversed(servers(every, PROBER))}.values())


def probe_jobs(
    every: tuple[Instance, ...], lab: Lab, links: tuple[Link, ...], found: tuple[Probe, ...]
) -> Iterator[ScrapeJob]:
    """One job for each prober and kind of question."""
    by_key = {each.key: each for each in every}
    alone = len({each.key for each in _asking(every)}) == 1
    by_prober: dict[tuple[str, str], list[Probe]] = {}
    for probe in found:
        by_prober.setdefault((probe.asked_by, probe.kind), []).append(probe)
    for link in links:
        if link.why != PROBES:
            continue
        server = by_key[link.client_host, link.client]
        for kind in MODULES:
            if asked := by_prober.get((link.server_host, kind)):
                name = f"blackbox-{kind}" if alone else f"blackbox-{kind}-{link.server_host}"
                yield _job(server, name, asked, link, lab)


def _job(server: Instance, name: str, asked: list[Probe], link: Link, lab: Lab) -> ScrapeJob:
    at = asked[0].at
    prober = f"{link.address}:{link.port}"
    interval = lab.monitoring.interval.seconds
    module = asked[0].module or ""
    return ScrapeJob(
        name=server.said(name, at),
        prometheus=server_key(server),
        host=server.host,
        at=at,
        interval=interval,
        timeout=min(10.0, interval),
        interval_at=None,
        timeout_at=None,
        path=server.said("/probe", at),
        scheme="http",
        parameters=(("module", (server.said(module, at),)),),
        targets=tuple(_target(server, probe, prober, module) for probe in asked),
        relabels=_through(prober, at),
        metric_relabels=(),
        honor_labels=False,
        discovered=False,
    )


def _target(server: Instance, probe: Probe, prober: str, module: str) -> Target:
    labels = (
        ("host", probe.host),
        ("instance", probe.subject),
        ("job", PROBER),
        ("probe", probe.kind),
        ("service", probe.subject),
    )
    parameters = (("module", module), ("target", probe.target))
    address = server.said(probe.target, probe.at)
    return Target(address, prober, "/probe", "http", labels, parameters)


def _through(prober: str, at: Span) -> tuple[Relabel, ...]:
    """What is asked about becomes a parameter, and the prober is asked in its place."""
    return (
        _replace(("__address__",), "__param_target", "$1", at),
        _replace((), "__address__", prober, at),
    )


def _replace(sources: tuple[str, ...], target: str, replacement: str, at: Span) -> Relabel:
    return Relabel("replace", sources, ";", "(.*)", target, replacement, 0, at)
