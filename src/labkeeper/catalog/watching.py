"""What to watch of a piece of software: alerts, series that are worked out once, panels.

Expressions use metrics of its own contract. `@{NAME}` is filled in from the lab: `@{job}`;
`@{present}`, behind other matchers, leaves out hosts that may be away, such as a laptop; and where
an alert is made for each tier `@{tier}`, `@{host}`, `@{path}`, `@{reserve}` (a ratio),
`@{forecast}` (seconds) and `@{within}` (the same as the lab writes it).
"""

from typing import Literal

from labkeeper.values import dataclass

Group = Literal["system", "storage", "gpu", "containers", "services"]
Severity = Literal["critical", "warning", "info"]


@dataclass(frozen=True, slots=True)
class Alert:
    """A condition that somebody is told of."""

    # Its name, which is no other alert's.
    name: str
    # The area that it belongs to.
    group: Group
    # `critical`: look now; `warning`: this week; `info`: good to know.
    severity: Severity
    # The condition, in PromQL, on metrics of the software's own contract.
    expr: str
    # What is wrong, with the labels that say where.
    summary: str
    # What to do about it, in steps that a tired person can follow.
    runbook: str
    # How long it has to hold: `5m`.
    hold: str = "0s"
    # One alert for each tier of each watched host, in place of one for all.
    each: Literal["tier"] | None = None
    # It looks at where a value is going, not at where it is.
    trend: bool = False
    # Alerts that say nothing new while it fires, of the same host, tier and disk.
    mutes: tuple[str, ...] = ()
    # A condition on lines of logs, in LogQL, that Loki looks at.
    logs: bool = False
    # Only where the host has it; only where hosts ask each other (`pings`), or something is asked
    # by HTTPS.
    only_with: Literal["gpu", "zfs", "tiers", "vpn", "laptop", "pings", "https"] | None = None


@dataclass(frozen=True, slots=True)
class Record:
    """A series that is worked out once, for alerts and panels to share."""

    # The new series: `level:metric:operation`.
    name: str
    # What it is, in PromQL.
    expr: str


@dataclass(frozen=True, slots=True)
class Panel:
    """A picture on its dashboard."""

    # What stands above it.
    title: str
    # What it shows, in PromQL.
    expr: str
    # Grafana's name of the unit: `bytes`, `percentunit`, `s`, `short`.
    unit: str = "short"
    # How it is drawn.
    kind: Literal["timeseries", "stat", "gauge", "table"] = "timeseries"
    # What a line is called: `{{instance}}`.
    legend: str = ""
    # From where on it is worth a look.
    warn: float | None = None
    # From where on it is bad; where that is less than `warn`, less is worse.
    bad: float | None = None
    # The overview that it is on too.
    overview: Literal["system", "gpu", "media", "services", "storage", "mobile"] | None = None
    # Only where something is asked by HTTPS: else it would be empty for ever.
    only_with: Literal["https"] | None = None
