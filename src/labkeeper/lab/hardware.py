"""What a host is made of."""

from collections.abc import Mapping
from dataclasses import field
from typing import ClassVar, Literal

from labkeeper.lab.address import Address
from labkeeper.lab.count import Count
from labkeeper.lab.cron import Schedule
from labkeeper.lab.name import Label, ZoneName
from labkeeper.lab.path import HostPath, Version
from labkeeper.lab.place import NOWHERE
from labkeeper.lab.share import Amount
from labkeeper.lab.size import Size
from labkeeper.source import Span
from labkeeper.values import dataclass


@dataclass(frozen=True, kw_only=True)
class Gpu:
    """A graphics card that services share."""

    model: str
    """What `nvidia-smi` or `lspci` calls it; checks know the limits of a `Quadro P1000` by it."""
    vram: Size
    """Its own memory, which is what services are given parts of."""
    vendor: Literal["nvidia", "amd", "intel"] = "nvidia"
    """Who made it, which says how a container gets at it."""
    driver: Version | None = None
    """The driver's version: some cards are dropped by newer ones."""
    sessions: Count | None = None
    """How many streams its driver lets it encode at once, where that is limited."""
    at: Span = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, kw_only=True)
class Tier:
    """A place to store things: a disk, a pool, or a folder of one."""

    MEANT: ClassVar = {"mount": "path", "mountpoint": "path", "min-free": "keep-free",
                       "reserve": "keep-free", "type": "medium", "kind": "medium"}  # fmt: skip

    path: HostPath
    """Where it is mounted; with `size`, a folder."""
    keep_free: Amount | None = None
    """How much of it nothing may fill."""
    size: Size | None = None
    """Makes it a folder that is counted by labkeeper: it holds this much, wherever it lies."""
    medium: Literal["ssd", "hdd", "nvme", "network"] | None = None
    """What it is made of, which decides how it is read and what may live on it."""
    at: Span = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, kw_only=True)
class Interface:
    """A network interface."""

    zone: ZoneName | None = None
    """The firewall zone that it belongs to, out of `network: zones`."""
    address: Address | None = None
    """Its address, where services are to listen on this interface alone."""
    at: Span = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, kw_only=True)
class Pool:
    """A ZFS pool."""

    scrub: Schedule | None = None
    """When all of it is read and compared with its checksums."""
    trim: Schedule | None = None
    """When an SSD is told which blocks are free."""
    snapshots: Schedule | None = None
    """When snapshots are taken."""
    at: Span = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, kw_only=True)
class Zfs:
    """ZFS on a host."""

    arc: Amount | None = None
    """The most memory that its cache may take."""
    pools: Mapping[Label, Pool] = field(default_factory=dict)
    """Its pools, by name."""
    at: Span = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, kw_only=True)
class Versions:
    """What runs on a host already; checks of limits and of options' names go by these."""

    system: Version | None = None
    """Of the distribution: NixOS `25.11`, Debian `13`."""
    systemd: Version | None = None
    """Of systemd."""
    podman: Version | None = None
    """Of Podman: Quadlet grows keys with it."""
    docker: Version | None = None
    """Of Docker, where containers run there."""
    prometheus: Version | None = None
    """Of Prometheus."""
    alertmanager: Version | None = None
    """Of Alertmanager: it refuses a whole file for a key that it does not know."""
    grafana: Version | None = None
    """Of Grafana."""
    at: Span = field(default=NOWHERE, compare=False, repr=False)
