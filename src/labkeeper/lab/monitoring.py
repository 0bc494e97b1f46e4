"""How closely the lab is watched."""

from dataclasses import field
from typing import Literal

from labkeeper.lab.duration import Duration
from labkeeper.lab.name import ChannelName, Label
from labkeeper.lab.place import NOWHERE
from labkeeper.lab.size import Size
from labkeeper.source import Span
from labkeeper.values import dataclass


@dataclass(frozen=True, kw_only=True)
class AlertGroup:
    """Alerts of one area."""

    skip: tuple[Label, ...] = ()
    """Alerts of it that are left out, by name."""
    at_least: Literal["critical", "warning", "info"] = "info"
    """The least severity that is told."""
    at: Span = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, kw_only=True)
class AlertGroups:
    """The five areas that alerts come in; each is on unless it is `off`."""

    system: AlertGroup | bool = True
    """Hosts: reachable, memory, load, units that failed, clocks."""
    storage: AlertGroup | bool = True
    """Tiers: filling up, failing disks, moves that stopped."""
    gpu: AlertGroup | bool = True
    """The graphics card: memory, heat, errors."""
    containers: AlertGroup | bool = True
    """Containers: restarting, short of memory, not healthy."""
    services: AlertGroup | bool = True
    """What the services are for: answering, queues, tunnels, certificates."""
    at: Span = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, kw_only=True)
class Retention:
    """How long measurements are kept: whichever is reached first."""

    time: Duration = Duration.parse("30d")
    """The oldest that is kept."""
    size: Size | None = None
    """The most disk that they may take."""
    at: Span = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, kw_only=True)
class DeadMansSwitch:
    """Somebody outside is told all the time that the lab lives, and raises the alarm when not."""

    to: ChannelName
    """The channel that is told."""
    every: Duration = Duration.parse("5m")
    """How often."""
    at: Span = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, kw_only=True)
class Monitoring:
    """How closely the lab is watched."""

    interval: Duration = Duration.parse("30s")
    """How often everything is asked for its metrics."""
    retention: Retention = Retention()
    """How long measurements are kept."""
    logs: Duration = Duration.parse("14d")
    """How long logs are kept."""
    detect_within: Duration | None = None
    """The promise: how long after it happened a critical fault is told, at the latest."""
    probe_hosts: bool = True
    """Whether each host is asked if it reaches the others."""
    groups: AlertGroups = AlertGroups()
    """The areas that alerts come in."""
    dead_mans_switch: DeadMansSwitch | None = None
    """Who notices that nobody notices."""
    at: Span = field(default=NOWHERE, compare=False, repr=False)
