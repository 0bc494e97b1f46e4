"""A lab and the catalog to a Plan that knows all of it: nothing is left to be assumed later."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from labkeeper.catalog import Catalog
from labkeeper.lab import Lab
from labkeeper.plan import Network, Plan, Project, Service
from labkeeper.plan.plan import FACETS
from labkeeper.resolve import (
    graphs,
    hosts,
    logging,
    notifying,
    probing,
    rules,
    scraping,
    services,
    serving,
    storing,
)
from labkeeper.resolve.folders import folders
from labkeeper.resolve.instances import Instance, instances
from labkeeper.resolve.joining import joined
from labkeeper.resolve.listening import Inner, Key, listening
from labkeeper.resolve.ordering import start_order
from labkeeper.resolve.peers import Peers, unmet
from labkeeper.resolve.peers import wishes as wishes_of_peers
from labkeeper.resolve.wiring import COMMON, Wiring, Wish, networks, wire


def resolve(lab: Lab, catalog: Catalog) -> Plan:
    """The whole plan. It never fails: what cannot be had is in it as missing."""
    named, missing = instances(lab, catalog)
    every, ungated = joined(named)
    asked, peers = scraping.exposed(every, lab, catalog), Peers(every)
    wishes = (
        *wishes_of_peers(peers),
        *scraping.wishes(every, asked),
        *probing.wishes(every),
        *probing.asks(every),
        *graphs.wishes(every),
        *notifying.wishes(every, lab),
    )
    ports, wiring = _wired(every, lab, wishes)
    kept = {each.key: folders(each) for each in every if each.runs}
    served = serving.domains(every, lab, ports)
    made = tuple(services.made(services.Ground(lab, peers, ports, wiring, kept, served)))
    # What nobody asks is not watched, either.
    through = tuple(scraping.through_others(every, asked))
    watched = (*(each.instance for each in asked), *(each for each, _ in through))
    watched = watched if _is_watched(every) else ()
    probes = tuple(probing.probes(every, lab, wiring.links))
    probers = scraping.servers(every, scraping.PROBER) if _is_watched(every) else ()
    scrapes = (*scraping.jobs(asked, every, lab, wiring.links),
               *probing.probe_jobs(every, lab, wiring.links, probes))  # fmt: skip
    slowest = max((each.interval for each in asked), default=0.0)
    rule_list = rules.hastened(
        rules.rules((*watched, *probers), lab, probes),
        rules.patience(lab, slowest, notifying.WAIT),
    )
    rule_files = rules.files(rule_list)
    loaded = tuple(file.file for file in rule_files if file.file != rules.LOGS)
    kept_sets = tuple(
        found for each in every if each.runs
        if (found := storing.backup_set(each, kept[each.key], lab))
    )  # fmt: skip
    return Plan(
        projects=tuple(_projects(lab)),
        containers=tuple(each.container for each in made if each.container),
        networks=tuple(_networks(every, lab)),
        units=tuple(each.unit for each in made if each.unit),
        prometheuses=tuple(scraping.prometheuses(every, lab, wiring.links, loaded)),
        scrapes=scrapes,
        produced=tuple(scraping.produced(through, catalog)),
        rules=rule_list,
        rule_files=rule_files,
        lokis=tuple(logging.lokis(every, rule_files)),
        alertmanagers=tuple(notifying.alertmanagers(every, lab, wiring.links, rule_list)),
        datasources=tuple(
            graphs.datasources(every, wiring.links, lab.monitoring.interval.seconds)
        ),
        providers=tuple(graphs.providers(every)),
        dashboards=tuple(graphs.dashboards(every, (*watched, *probers), scrapes)),
        gpus=tuple(hosts.gpus(lab)),
        engines=tuple(hosts.engines(lab)),
        promises=tuple(rules.promises(lab)),
        missing=(*missing, *ungated, *unmet(peers)),
        facets=FACETS,
        hosts=tuple(hosts.hosts(lab)),
        services=_ordered(tuple(each.service for each in made)),
        links=wiring.links,
        sites=tuple(serving.sites(every, lab, ports, wiring.links)),
        openings=serving.openings(every, lab, ports, wiring.shown, wiring.links),
        secret_uses=(
            *(use for each in made for use in each.secrets),
            *storing.passwords(every, kept_sets, lab),
        ),
        probes=probes,
        tiers=tuple(storing.tiers(lab)),
        moves=tuple(storing.moves(lab)),
        cleanups=tuple(storing.cleanups(lab)),
        clips=tuple(storing.clips(lab, every)),
        repositories=tuple(storing.repositories(lab)),
        backup_sets=kept_sets,
    )  # fmt: skip


def _wired(
    every: tuple[Instance, ...], lab: Lab, wishes: Iterable[Wish]
) -> tuple[Mapping[Key, tuple[Inner, ...]], Wiring]:
    """Who listens where, and what the hosts show of it. What has to be shown under the number that
    it listens on is told the number that was free.
    """
    moved: dict[tuple[Key, int], int] = {}
    wishes = tuple(wishes)
    for _ in range(2):
        ports = listening(every, moved)
        sites = serving.site_wishes(every, lab, ports)
        wiring = wire(every, ports, serving.wanted(every, lab, ports), (*wishes, *sites))
        found = {
            (shown.server.key, port.usual): shown.host_port
            for shown in wiring.shown
            for port in ports[shown.server.key]
            if port.same and port.variable and not shown.stated
            and (port.number, port.protocol) == (shown.inner, shown.protocol)
            and shown.host_port != shown.inner
        }  # fmt: skip
        if not found:
            break
        moved |= found
    return ports, wiring


def _is_watched(every: tuple[Instance, ...]) -> bool:
    return bool(scraping.servers(every, scraping.PROMETHEUS))


def _ordered(services: tuple[Service, ...]) -> tuple[Service, ...]:
    by_host: dict[str, dict[str, tuple[str, ...]]] = {}
    for each in services:
        by_host.setdefault(each.host, {})[each.key] = each.after
    orders = {host: start_order(after) for host, after in by_host.items()}
    return tuple(replace(each, order=orders[each.host][each.key]) for each in services)


def _projects(lab: Lab) -> Iterator[Project]:
    for name in lab.hosts:
        yield Project(name.text, name.text, name.at.file, "lab")


def _networks(every: tuple[Instance, ...], lab: Lab) -> Iterator[Network]:
    """The networks of each host that one of its containers is on."""
    declared = {name.text: (name, net) for name, net in lab.network.containers.items()}
    seen: set[tuple[str, str]] = set()
    for each in every:
        for name in networks(each):
            if (each.host, name) in seen or (name != COMMON and name not in declared):
                continue
            seen.add((each.host, name))
            known = declared.get(name)
            at = known[0].at if known else each.at
            internal = bool(known and known[1].internal)
            yield Network(name, each.host, each.host, at, name, internal=internal)
