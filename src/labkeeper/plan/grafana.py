"""What Grafana is told: where data comes from, which dashboards to load, what they ask."""

from dataclasses import dataclass
from typing import Literal

from labkeeper.source import Slice, Span


@dataclass(frozen=True, slots=True)
class Datasource:
    """A provisioned data source; `kind` is `prometheus`, `loki`, ..."""

    name: Slice
    uid: Slice | None
    kind: str
    url: Slice | None
    default: bool
    # The scrape interval that `$__rate_interval` is computed from, in seconds.
    time_interval: float | None
    at: Span


@dataclass(frozen=True, slots=True)
class DashboardProvider:
    """A folder that Grafana loads dashboards from."""

    name: str
    path: Slice | None
    folder: str
    at: Span


@dataclass(frozen=True, slots=True)
class DatasourceUse:
    """Which data source a panel or query names, by uid or by name."""

    uid: Slice | None
    name: Slice | None
    kind: str | None


@dataclass(frozen=True, slots=True)
class Query:
    """One query of a panel or of a variable, its macros and variables replaced in `text`.

    `text` is what can be parsed; `written` what stands in the file.
    """

    text: Slice
    written: Slice
    language: Literal["promql", "logql"]
    reference: str | None
    datasource: DatasourceUse | None
    at: Span


@dataclass(frozen=True, slots=True)
class Panel:
    """One panel; rows are taken apart."""

    title: str
    kind: str
    number: int | None
    number_at: Span | None
    unit: str | None
    queries: tuple[Query, ...]
    datasource: DatasourceUse | None
    at: Span


@dataclass(frozen=True, slots=True)
class Dashboard:
    """One dashboard, out of whatever wrapping its file has."""

    form: Literal["classic", "api-wrapper", "resource-v1", "resource-v2"]
    title: Slice | None
    uid: Slice | None
    file: str
    folder: str
    embedded: bool
    at: Span
    panels: tuple[Panel, ...]
    variables: tuple[Query, ...]
