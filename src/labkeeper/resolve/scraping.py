"""Whom Prometheus asks: every service with metrics, under the address that it is reached by."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from labkeeper.catalog import Catalog
from labkeeper.lab import Lab
from labkeeper.lab.duration import Duration
from labkeeper.lab.features import Watched
from labkeeper.lab.place import NOWHERE
from labkeeper.lab.service import Scraped
from labkeeper.plan import Link, ProducedMetric, Prometheus, ScrapeJob, Target
from labkeeper.plan.prometheus import Labels
from labkeeper.resolve.instances import Instance
from labkeeper.resolve.wiring import Wish
from labkeeper.source import Span, spelled
from labkeeper.values import dataclass

METRICS: Final = "metrics"
PROMETHEUS: Final = "prometheus"
ALERTMANAGER: Final = "alertmanager"
# It is asked about others, not about itself.
PROBER: Final = "blackbox-exporter"
ALERTS: Final = "alerts"
# config.go, DefaultGlobalConfig: the timeout that is used where none is given.
_TIMEOUT: Final = 10.0


@dataclass(frozen=True, slots=True)
class Exposed:
    """Where a service shows its metrics, and how often it is asked."""

    instance: Instance
    port: int
    path: str
    interval: float
    at: Span


def exposed(every: Iterable[Instance], lab: Lab, catalog: Catalog) -> tuple[Exposed, ...]:
    """The services that can be asked, each once."""
    found = (_exposed(each, lab, catalog) for each in every)
    return tuple(each for each in found if each)


def _exposed(instance: Instance, lab: Lab, catalog: Catalog) -> Exposed | None:
    stated = instance.declared.metrics
    if isinstance(stated, Scraped):
        every = stated.interval or _interval(instance, lab)
        return Exposed(instance, stated.port.number, stated.path, every.seconds, stated.at)
    known = instance.software.metrics if instance.software else None
    # What has to be switched on by hand first would only ever be reported as down.
    if known is None or known.through or instance.kind == PROBER:
        return None
    written = known.of_proxy and lab.network.proxy and lab.network.proxy.text == instance.name
    if known.needs is not None and not written and (instance.native or not known.environment):
        return None
    contract = catalog.contracts.by_name.get(known.exporter)
    # In between, an exporter with a pace of its own repeats its last values.
    pace = contract.poll if contract and contract.poll else 0.0
    interval = max(_interval(instance, lab).seconds, pace)
    return Exposed(instance, known.port, known.paths[0], interval, instance.at)


def through_others(
    every: Iterable[Instance], asked: tuple[Exposed, ...]
) -> Iterator[tuple[Instance, str]]:
    """Services whose metrics another exporter of their host shows, and that exporter."""
    there = {(each.instance.host, each.instance.kind) for each in asked}
    for each in every:
        known = each.software.metrics if each.software else None
        if known and known.through and (each.host, known.through) in there:
            yield each, known.through


def produced(through: Iterable[tuple[Instance, str]], catalog: Catalog) -> Iterator[ProducedMetric]:
    """The series that come so."""
    seen: set[str] = set()
    for each, job in through:
        known = each.software.metrics if each.software else None
        contract = catalog.contracts.by_name.get(known.exporter) if known else None
        for name in contract.series if contract else ():
            if name not in seen:
                seen.add(name)
                yield ProducedMetric(name, each.at, job)


def _interval(instance: Instance, lab: Lab) -> Duration:
    on = instance.machine.features.monitoring
    host = on.interval if isinstance(on, Watched) else None
    return host or lab.monitoring.interval


def servers(every: Iterable[Instance], kind: str) -> tuple[Instance, ...]:
    """The instances of one piece of software."""
    return tuple(each for each in every if each.kind == kind)


def wishes(every: tuple[Instance, ...], asked: tuple[Exposed, ...]) -> Iterator[Wish]:
    """Each Prometheus wants to reach all that has metrics, and each Alertmanager."""
    for client in servers(every, PROMETHEUS):
        for each in asked:
            yield Wish(client, each.instance, each.port, METRICS, each.at)
        for server in servers(every, ALERTMANAGER):
            yield Wish(client, server, _main_port(server), ALERTS, server.at)


def _main_port(instance: Instance) -> int:
    ports = instance.software.ports if instance.software else ()
    return ports[0].number if ports else 0


def prometheuses(
    every: tuple[Instance, ...], lab: Lab, links: tuple[Link, ...], files: tuple[str, ...]
) -> Iterator[Prometheus]:
    """The servers, each with the rule files that it loads."""
    kept = lab.monitoring.retention
    for each in servers(every, PROMETHEUS):
        # The catalog's wish and the server's own lead to the same.
        told = dict.fromkeys(
            f"{link.address}:{link.port}"
            for link in links
            if _is_of(link, each) and link.why == ALERTS
        )
        interval = lab.monitoring.interval.seconds
        yield Prometheus(
            key=server_key(each),
            host=each.host,
            at=each.at,
            embedded=False,
            scrape_interval=interval,
            evaluation_interval=interval,
            rule_files=tuple(each.said(f"/etc/prometheus/{file}") for file in files),
            loaded=files,
            alertmanagers=tuple(map(each.said, told)),
            alertmanagers_discovered=False,
            external_labels=(("lab", lab.lab.text),),
            remote_write=False,
            retention_size=kept.size.bytes if kept.size else None,
            retention_at=kept.at if kept.at != NOWHERE else None,
            retention_time=float(kept.time.seconds),
        )


def server_key(instance: Instance) -> str:
    """What jobs call the Prometheus that they are of."""
    return f"{instance.host}/{instance.name}"


def jobs(
    asked: tuple[Exposed, ...], every: tuple[Instance, ...], lab: Lab, links: tuple[Link, ...]
) -> Iterator[ScrapeJob]:
    """One job for each kind of software; those that are asked at another pace apart."""
    usual = lab.monitoring.interval.seconds
    for server in servers(every, PROMETHEUS):
        addresses = {
            (link.server_host, link.server): link
            for link in links
            if _is_of(link, server) and link.why == METRICS
        }
        groups: dict[tuple[str, float, str], list[Exposed]] = {}
        for each in asked:
            key = (each.instance.kind, each.interval, each.path)
            groups.setdefault(key, []).append(each)
        names: set[str] = set()
        for (kind, interval, _), members in groups.items():
            name = kind if interval == usual else f"{kind}-{spelled(interval)}"
            while name in names:
                name += "-more"
            names.add(name)
            yield _job(server, name, members, addresses)


def _once(
    members: list[Exposed], addresses: Mapping[tuple[str, str], Link]
) -> Iterator[tuple[Exposed, Link]]:
    """Each address once: two that want the same one are told of as that, and not as two targets."""
    seen: set[tuple[str, int]] = set()
    for each in members:
        link = addresses.get(each.instance.key)
        if link and (link.address, link.port) not in seen:
            seen.add((link.address, link.port))
            yield each, link


def _job(
    server: Instance, name: str, members: list[Exposed],
    addresses: Mapping[tuple[str, str], Link],
) -> ScrapeJob:  # fmt: skip
    first = members[0]
    at, interval, kind, path = first.at, first.interval, first.instance.kind, first.path
    return ScrapeJob(
        name=server.said(name, at),
        prometheus=server_key(server),
        host=server.host,
        at=at,
        interval=interval,
        timeout=min(_TIMEOUT, interval),
        interval_at=None,
        timeout_at=None,
        path=server.said(path, at),
        scheme="http",
        parameters=(),
        targets=tuple(_target(each, kind, path, link) for each, link in _once(members, addresses)),
        relabels=(),
        metric_relabels=(),
        honor_labels=False,
        discovered=False,
    )


def _target(each: Exposed, kind: str, path: str, link: Link) -> Target:
    address = f"{link.address}:{link.port}"
    labels: Labels = (
        ("host", each.instance.host),
        ("instance", instance_label(each.instance)),
        ("job", kind),
        ("service", each.instance.name),
    )
    return Target(each.instance.said(address, each.at), address, path, "http", labels, ())


def instance_label(instance: Instance) -> str:
    """What its series are told apart by: a name that people know in place of an address."""
    return instance.host if instance.name == instance.kind else instance.name


def _is_of(link: Link, client: Instance) -> bool:
    return (link.client_host, link.client) == client.key
