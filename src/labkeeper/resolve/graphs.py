"""What Grafana shows: where data comes from, a dashboard for each service, and overviews."""

from collections.abc import Iterable, Iterator
from typing import Final

from labkeeper.catalog.watching import Panel as Drawn
from labkeeper.plan import (
    Dashboard,
    DashboardProvider,
    Datasource,
    DatasourceUse,
    Link,
    Panel,
    Query,
)
from labkeeper.resolve.instances import Instance
from labkeeper.resolve.scraping import servers
from labkeeper.resolve.wiring import Wish
from labkeeper.resolve.words import filled

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


def datasources(every: tuple[Instance, ...], links: Iterable[Link]) -> Iterator[Datasource]:
    """The servers that each Grafana asks; the first Prometheus is the one that goes unsaid."""
    by_key = {each.key: each for each in every}
    first = True
    for link in links:
        if link.why != DATA:
            continue
        server = by_key[link.server_host, link.server]
        kind = _SOURCES[server.kind][1]
        url = server.said(f"http://{link.address}:{link.port}")
        default = first and kind == "prometheus"
        first = first and not default
        name = server.said(server.name)
        yield Datasource(name, name, kind, url, default, None, server.at)


def providers(every: tuple[Instance, ...]) -> Iterator[DashboardProvider]:
    """The folder that each Grafana loads dashboards from."""
    for each in servers(every, GRAFANA):
        yield DashboardProvider("labkeeper", each.said(_FOLDER), "", each.at)


def dashboards(every: tuple[Instance, ...], watched: Iterable[Instance]) -> Iterator[Dashboard]:
    """One for each kind of software that has panels, and the overviews over all of them."""
    if not servers(every, GRAFANA):
        return
    source = next(iter(servers(every, "prometheus")), None)
    use = DatasourceUse(source.said(source.name), None, "prometheus") if source else None
    kinds: dict[str, Instance] = {}
    for each in watched:
        kinds.setdefault(each.kind, each)
    overviews: dict[str, list[Panel]] = {name: [] for name in _OVERVIEWS}
    owners: dict[str, Instance] = {}
    for each in kinds.values():
        drawn = each.software.panels if each.software else ()
        panels = [_panel(each, panel, use) for panel in drawn]
        for panel, made in zip(drawn, panels, strict=True):
            if panel.overview:
                overviews[panel.overview].append(made)
                owners.setdefault(panel.overview, each)
        if panels:
            title = each.software.title if each.software else each.name
            yield _dashboard(each, each.kind, title, panels)
    for name, panels in overviews.items():
        if panels:
            yield _dashboard(owners[name], f"overview-{name}", _OVERVIEWS[name], panels)


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


def _panel(each: Instance, drawn: Drawn, use: DatasourceUse | None) -> Panel:
    found = filled(drawn.expr, {"job": each.kind}.get)
    text = each.said(found if isinstance(found, str) else drawn.expr)
    query = Query(text, text, "promql", use, each.at)
    return Panel(drawn.title, drawn.kind, None, None, drawn.unit, (query,), use, each.at)
