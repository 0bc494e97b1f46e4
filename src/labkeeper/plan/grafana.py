"""What Grafana is told: where data comes from, which dashboards to load, what they ask."""

from collections.abc import Iterator
from typing import Final, Literal

from labkeeper.source import Slice, Span
from labkeeper.values import dataclass

# What stands in a query's `text` for a name or value that only a running Grafana knows: a metric,
# label or label value that holds this word is unknown.
UNKNOWN: Final = "GRAFANA_VARIABLE"
# Likewise for a duration, in PromQL: no check may call it too short or too long.
UNKNOWN_RANGE: Final = "1w2d3h4m5s"


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
    time_interval_at: Span | None = None
    organisation: str = "1"
    embedded: bool = False
    # The Grafana of a lab that has it: `HOST/SERVICE`.
    grafana: str = ""


@dataclass(frozen=True, slots=True)
class DashboardProvider:
    """A folder that Grafana loads dashboards from."""

    name: str
    path: Slice | None
    folder: str
    at: Span
    # Whether the folders below `path` become Grafana's folders.
    nested: bool = False
    # The Grafana of a lab that has it: `HOST/SERVICE`.
    grafana: str = ""


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
    datasource: DatasourceUse | None
    at: Span
    # Whether a variable stands where its value decides the grammar (a function, a number, a whole
    # expression), so that a fault in the grammar of `text` proves nothing.
    guessed: bool = False
    # Whether it names a step of its own, which takes the place of the scrape interval.
    stepped: bool = False


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
    # What a line is called.
    legend: str = ""
    # From where on it is worth a look, and from where on it is bad: downwards where `bad` is less.
    warn: float | None = None
    bad: float | None = None
    # The step below which its series have nothing new, in seconds; none for the usual one.
    interval: float | None = None


@dataclass(frozen=True, slots=True)
class Dashboard:
    """One dashboard, out of whatever wrapping its file has; `folder` is the one its file is in."""

    form: Literal["classic", "api-wrapper", "resource-v1", "resource-v2"]
    title: Slice | None
    uid: Slice | None
    file: str
    folder: str
    embedded: bool
    at: Span
    panels: tuple[Panel, ...]
    variables: tuple[Query, ...]
    annotations: tuple[Query, ...] = ()
    # Keys beside `dashboard` in the HTTP API's wrapping.
    beside: tuple[str, ...] = ()
    # `${DS_X}` and the like that stand for something that only an import by hand asks for: the
    # first place of each.
    placeholders: tuple[tuple[str, Span], ...] = ()
    # All places of those, and the kinds of data source that the import would ask for.
    placeholder_places: tuple[tuple[str, Span], ...] = ()
    inputs: tuple[tuple[str, str], ...] = ()
    # What stands around the dashboard in the HTTP API's wrapping, before it and after it.
    wrapping: tuple[Span, ...] = ()

    @property
    def queries(self) -> Iterator[Query]:
        """Everything it asks: of its panels, its variables and its annotations."""
        for panel in self.panels:
            yield from panel.queries
        yield from self.variables
        yield from self.annotations
