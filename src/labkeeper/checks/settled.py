"""What a plan only seems to know all of: a server's configuration may lie where nobody looked."""

import posixpath
from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from labkeeper.catalog import Services
from labkeeper.plan import Facet, Plan
from labkeeper.source import Slice
from labkeeper.values import dataclass


@dataclass(frozen=True, slots=True)
class _Server:
    """Where a server's image reads its configuration, and what that tells all of."""

    service: str
    target: str
    facets: frozenset[Facet]


# From the documentation of both: "Volumes & bind-mount" of Prometheus, "Provisioning" of Grafana.
_SERVERS: Final = (
    _Server("prometheus", "/etc/prometheus", frozenset({"scrapes", "rules"})),
    _Server("grafana", "/etc/grafana/provisioning", frozenset({"datasources"})),
)


def settled(plan: Plan, services: Services) -> Plan:
    """The plan, less the facets of servers whose configuration it does not show."""
    lost: frozenset[Facet] = frozenset()
    for server in _SERVERS:
        if server.facets & plan.facets and _is_elsewhere(plan, services, server):
            lost |= server.facets
    return replace(plan, facets=plan.facets - lost) if lost else plan


def _is_elsewhere(plan: Plan, services: Services, server: _Server) -> bool:
    """Whether more servers of a kind run than configurations are there for."""
    there = _configurations(plan, server)
    unread = False
    taken: set[str] = set()
    for sources in _sources(plan, services, server):
        paths = [
            posixpath.normpath(posixpath.join(posixpath.dirname(source.file), source.text))
            for source in sources
        ]
        found = {f for f in there for path in paths if f == path or f.startswith(f"{path}/")}
        taken |= found
        unread = unread or not found
    # A configuration that nothing mounts is likely copied to the place that is not seen here.
    return unread and there == taken


def _configurations(plan: Plan, server: _Server) -> set[str]:
    if server.service == "grafana":
        return {each.at.file for each in plan.datasources}
    return {each.at.file for each in plan.prometheuses if not each.embedded}


def _sources(plan: Plan, services: Services, server: _Server) -> Iterator[list[Slice]]:
    """What each of the servers of a kind mounts as its configuration."""
    for container in plan.containers:
        if container.image is None or container.at.file.endswith((".md", ".markdown")):
            continue
        service = services.of_image(container.image.text)
        if service is None or service.name != server.service:
            continue
        mounted = [
            mount.source
            for mount in container.mounts
            if mount.kind == "bind" and mount.source and _holds(mount.target.text, server.target)
        ]
        if mounted:
            yield mounted


def _holds(target: str, folder: str) -> bool:
    """Whether a mount brings a configuration: its folder, or a YAML file or a folder in it."""
    bare = target.rstrip("/")
    inside = bare.startswith(f"{folder}/") and "rule" not in bare and "dashboards" not in bare
    return bare == folder or inside
