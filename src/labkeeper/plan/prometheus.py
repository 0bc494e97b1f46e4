"""What Prometheus is told: whom to ask, how often, which rules to evaluate, whom to alert."""

from typing import Final, Literal

from labkeeper.source import Slice, Span
from labkeeper.values import dataclass

# The first line of what `prove --keep` writes: promtool alone reads it, and no Prometheus.
KEPT_FOR_PROMTOOL: Final = "# Kept by `labkeeper prove`, for promtool alone.\n"

Labels = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Relabel:
    """One step that rewrites labels, Prometheus's defaults filled in."""

    action: str
    source_labels: tuple[str, ...]
    separator: str
    regex: str
    target_label: str
    replacement: str
    modulus: int
    at: Span


@dataclass(frozen=True, slots=True)
class Target:
    """An address that is asked, before and after relabelling.

    `address` is as written. `asked` is what is really connected to, `labels` what the series get;
    both are none where relabelling drops the target or needs what only a running system knows.
    """

    address: Slice
    asked: str | None
    path: str
    scheme: str
    labels: Labels | None
    parameters: Labels
    # Whether relabelling throws it away.
    dropped: bool = False


@dataclass(frozen=True, slots=True)
class ScrapeJob:
    """One entry of scrape_configs."""

    name: Slice
    prometheus: str
    host: str
    at: Span
    # Seconds; global values and Prometheus's defaults filled in.
    interval: float
    timeout: float
    interval_at: Span | None
    timeout_at: Span | None
    path: Slice | None
    scheme: str
    parameters: tuple[tuple[str, tuple[Slice, ...]], ...]
    targets: tuple[Target, ...]
    relabels: tuple[Relabel, ...]
    metric_relabels: tuple[Relabel, ...]
    honor_labels: bool
    # Whether targets come from somewhere that no file tells (docker_sd_configs and the like).
    discovered: bool


@dataclass(frozen=True, slots=True)
class Rule:
    """An alerting or recording rule; `name` is the alert's or the new series' name."""

    kind: Literal["alert", "record"]
    name: Slice
    expr: Slice
    file: str
    group: str
    at: Span
    hold: float | None = None
    keep_firing: float | None = None
    labels: tuple[tuple[str, Slice], ...] = ()
    annotations: tuple[tuple[str, Slice], ...] = ()
    # The group's own evaluation interval, where it has one.
    interval: float | None = None
    # Loki evaluates LogQL in files of the same shape.
    language: Literal["promql", "logql"] = "promql"


@dataclass(frozen=True, slots=True)
class RuleFile:
    """A file with rule groups; `embedded` where they stand inside another text."""

    file: str
    at: Span
    embedded: bool
    groups: tuple[str, ...]
    # Every key, with the one that it stands under.
    keys: tuple[tuple[str, Slice], ...] = ()


@dataclass(frozen=True, slots=True)
class Prometheus:
    """One Prometheus server's configuration; `key` is where it was read."""

    key: str
    host: str
    at: Span
    embedded: bool
    scrape_interval: float
    evaluation_interval: float
    rule_files: tuple[Slice, ...]
    # Files of the stack that those patterns reach; none where that cannot be told.
    loaded: tuple[str, ...] | None
    alertmanagers: tuple[Slice, ...]
    alertmanagers_discovered: bool
    external_labels: Labels
    remote_write: bool
    # The global section's own, where it has one.
    scrape_timeout: float | None = None
    timeout_at: Span | None = None
    # Whether the addresses of its Alertmanagers are rewritten before they are used.
    relabels_alertmanagers: bool = False
    # Whether alerts get other labels on their way to Alertmanager.
    relabels_alerts: bool = False
    # Every key, with the one that it stands under.
    keys: tuple[tuple[str, Slice], ...] = ()
    # The most bytes that its measurements may take.
    retention_size: int | None = None
    retention_at: Span | None = None
    # Likewise the longest time, in seconds.
    retention_time: float | None = None


@dataclass(frozen=True, slots=True)
class Promise:
    """How many seconds after it happened a critical fault is to be told, at the latest."""

    seconds: float
    text: str
    at: Span


@dataclass(frozen=True, slots=True)
class ProbeModule:
    """A module of the blackbox exporter."""

    name: str
    prober: str
    at: Span
    timeout: float | None
