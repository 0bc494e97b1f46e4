"""What Grafana shows: where data comes from, a dashboard for each service, and overviews."""

from collections.abc import Iterable, Iterator
from typing import Final

from labkeeper.plan import (
    Dashboard,
    DashboardProvider,
    Datasource,
    DatasourceUse,
    Link,
    Panel,
    ScrapeJob,
)
from labkeeper.resolve.drawing import Paper, of_lab
from labkeeper.resolve.instances import Instance
from labkeeper.resolve.scraping import servers
from labkeeper.resolve.wiring import Wish

GRAFANA: Final = "grafana"
DATA: Final = "data"
_FOLDER: Final = "/etc/grafana/dashboards"
# The kinds of data source, by the software that is one: its port, and Grafana's word for it.
_SOURCES: Final = {
    "prometheus": (9090, "prometheus"), "loki": (3100, "loki"),
    "alertmanager": (9093, "alertmanager"),
}  # fmt: skip
_OVERVIEWS: Final = {
    "system": "System Overview",
    "gpu": "GPU Performance",
    "media": "Media Pipeline",
    "services": "Service Health",
    "storage": "Storage",
    "mobile": "Mobile Status",
}


def wishes(every: tuple[Instance, ...]) -> Iterator[Wish]:
    """Each Grafana wants to reach what it shows."""
    for client in servers(every, GRAFANA):
        for kind, (port, _) in _SOURCES.items():
            for server in servers(every, kind):
                yield Wish(client, server, port, DATA, server.at)


def datasources(
    every: tuple[Instance, ...], links: Iterable[Link], interval: float
) -> Iterator[Datasource]:
    """The servers that each Grafana asks; the first Prometheus is the one that goes unsaid."""
    by_key = {each.key: each for each in every}
    first: set[str] = set()
    for link in links:
        if link.why != DATA:
            continue
        server, asking = by_key[link.server_host, link.server], f"{link.client_host}/{link.client}"
        kind = _SOURCES[server.kind][1]
        default = kind == "prometheus" and asking not in first
        if default:
            first.add(asking)
        name = server.said(_source(server, every))
        url = server.said(f"http://{link.address}:{link.port}")
        step = interval if kind == "prometheus" else None
        yield Datasource(name, name, kind, url, default, step, server.at, grafana=asking)


def _source(server: Instance, every: tuple[Instance, ...]) -> str:
    """What a data source is called: its service, with the host where that is on several."""
    alone = sum(each.name == server.name for each in every) == 1
    return server.name if alone else f"{server.name}-{server.host}"


def providers(every: tuple[Instance, ...]) -> Iterator[DashboardProvider]:
    """The folder that each Grafana loads dashboards from."""
    for each in servers(every, GRAFANA):
        key = f"{each.host}/{each.name}"
        yield DashboardProvider("labkeeper", each.said(_FOLDER), "Lab", each.at, grafana=key)


def dashboards(
    every: tuple[Instance, ...], watched: Iterable[Instance], jobs: tuple[ScrapeJob, ...]
) -> Iterator[Dashboard]:
    """One for each kind of software that has panels, and the overviews over all of them."""
    if not servers(every, GRAFANA):
        return
    paper = _paper(every, jobs)
    overviews: dict[str, list[Panel]] = {name: [] for name in _OVERVIEWS}
    kinds: dict[str, Instance] = {}
    for each in watched:
        kinds.setdefault(each.kind, each)
    owners: dict[str, Instance] = {}
    asked = (target.address.text for job in jobs for target in job.targets)
    secured = any(address.startswith("https://") for address in asked)
    for each in kinds.values():
        known = each.software.panels if each.software else ()
        drawn = tuple(panel for panel in known if panel.only_with is None or secured)
        panels = [paper.panel(each, panel) for panel in drawn]
        for panel, made in zip(drawn, panels, strict=True):
            if panel.overview:
                overviews[panel.overview].append(made)
                owners.setdefault(panel.overview, each)
        if panels:
            title = each.software.title if each.software else each.name
            yield _dashboard(each, each.kind, title, panels)
    for name, owner, drawn_panel in of_lab(every, frozenset(kinds)):
        overviews[name].append(paper.panel(owner, drawn_panel))
        owners.setdefault(name, owner)
    for name, panels in overviews.items():
        if panels:
            yield _dashboard(owners[name], f"overview-{name}", _OVERVIEWS[name], panels)


def _paper(every: tuple[Instance, ...], jobs: tuple[ScrapeJob, ...]) -> Paper:
    source = next(iter(servers(every, "prometheus")), None)
    slow: dict[str, float] = {}
    for job in jobs:
        for target in job.targets:
            kind = dict(target.labels or ()).get("job", job.name.text)
            slow[kind] = max(slow.get(kind, 0.0), job.interval)
    if source is None:
        return Paper(None, 0.0, slow)
    use = DatasourceUse(source.said(_source(source, every)), None, "prometheus")
    usual = min(slow.values(), default=0.0)
    return Paper(use, usual, slow)


def _dashboard(each: Instance, uid: str, title: str, panels: list[Panel]) -> Dashboard:
    return Dashboard(
        form="classic",
        title=each.said(title),
        uid=each.said(f"lab-{uid}"),
        file=f"dashboards/{uid}.json",
        folder="dashboards",
        embedded=False,
        at=each.at,
        panels=tuple(panels),
        variables=(),
    )
