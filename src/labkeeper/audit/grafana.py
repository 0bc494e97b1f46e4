"""Reads how Grafana is provisioned: data sources, and where dashboards come from."""

import posixpath
from typing import Final

from labkeeper.audit.folder import Folder
from labkeeper.plan import DashboardProvider, Datasource, Plan
from labkeeper.source import Document, Mapping, Scalar
from labkeeper.values import regex

_UNITS: Final = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0, "w": 604800.0}
_DURATION: Final = regex(r"(\d+(?:\.\d+)?)(ms|[smhdw])")


def read_datasources(document: Document, _folder: Folder) -> Plan:
    """The data sources of a provisioning file."""
    root = document.root
    items = root.mappings("datasources") if isinstance(root, Mapping) else []
    found = tuple(source for item in items if (source := _datasource(item, document.embedded)))
    return Plan(datasources=found, facets=frozenset({"datasources"} if found else ()))


def _datasource(item: Mapping, embedded: bool) -> Datasource | None:
    name, kind = item.scalar("name"), item.scalar("type")
    if name is None or kind is None:
        return None
    uid, url, default = item.scalar("uid"), item.scalar("url"), item.scalar("isDefault")
    settings = item.mapping("jsonData")
    organisation = item.scalar("orgId")
    interval = settings.scalar("timeInterval") if settings else None
    return Datasource(
        name.text,
        uid.text if uid else None,
        kind.value,
        url.text if url else None,
        bool(default and default.truth),
        _seconds(interval),
        name.span,
        interval.span if interval else None,
        organisation.value if organisation else "1",
        embedded,
    )


def _seconds(interval: Scalar | None) -> float | None:
    """A Grafana interval, `15s`; a number alone means seconds."""
    if interval is None:
        return None
    if found := _DURATION.fullmatch(interval.value.strip()):
        return float(found[1]) * _UNITS[found[2]]
    return interval.number


def read_providers(document: Document, _folder: Folder) -> Plan:
    """The folders that a provisioning file has dashboards loaded from."""
    root = document.root
    items = root.mappings("providers") if isinstance(root, Mapping) else []
    return Plan(providers=tuple(found for item in items if (found := _provider(item))))


def _provider(item: Mapping) -> DashboardProvider | None:
    options = item.mapping("options")
    if options is None:
        return None
    # `folder` is what the option was called before Grafana 5.0's release.
    path = options.scalar("path") or options.scalar("folder")
    if path is None:
        return None
    name, folder = item.scalar("name"), item.scalar("folder")
    nested = options.scalar("foldersFromFilesStructure")
    return DashboardProvider(
        name.value if name else posixpath.basename(path.value),
        path.text,
        folder.value if folder else "",
        path.span,
        bool(nested and nested.truth),
    )
