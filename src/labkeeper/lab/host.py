"""A machine."""

from collections.abc import Mapping
from dataclasses import field
from typing import Literal

from labkeeper.lab.address import Address, Port
from labkeeper.lab.count import Count
from labkeeper.lab.cron import Schedule
from labkeeper.lab.features import Features
from labkeeper.lab.hardware import Gpu, Interface, Tier, Versions, Zfs
from labkeeper.lab.name import Label, TierName
from labkeeper.lab.path import HostPath
from labkeeper.lab.place import NOWHERE
from labkeeper.lab.size import Size
from labkeeper.source import Span
from labkeeper.values import dataclass

Target = Literal["nixos", "quadlet", "compose", "kubernetes", "none"]


@dataclass(frozen=True, kw_only=True)
class Ssh:
    """How a host is reached to change it."""

    user: str = "root"
    """The user to log in as; another than root needs `sudo` without a password."""
    port: Port = Port(22)
    """The port that sshd listens on."""
    at: Span = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, kw_only=True)
class Agent:
    """labkeeper's own services on a host: they move, clean, back up and look, all the time."""

    program: HostPath = HostPath("/usr/local/bin/labkeeper")
    """Where labkeeper is installed on the host; a build does not bring it there."""
    port: Port = Port(9999)
    """Where it shows its metrics."""
    scrub: Schedule = Schedule.parse("Sun 03:00")
    """When the files of each tier are read again for some hours, so that what rots is found."""
    at: Span = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, kw_only=True)
class Host:
    """A machine of the lab."""

    target: Target
    """What its services are compiled to; `none` for a machine that is watched and no more."""
    address: Address | None = None
    """Where other hosts reach it; not needed where it is the only one."""
    description: str = ""
    """What it is for, for the documentation."""
    system: Literal["x86_64-linux", "aarch64-linux"] = "x86_64-linux"
    """Its processor, as Nix names it."""
    memory: Size | None = None
    """How much memory it has."""
    cpus: Count | None = None
    """How many processors it has."""
    gpu: Gpu | None = None
    """Its graphics card, where services use it."""
    tiers: Mapping[TierName, Tier] = field(default_factory=dict)
    """Where it stores things, by the names that the rest of the lab uses."""
    features: Features = Features()
    """Bundles of services, settings and checks that are on for it."""
    interfaces: Mapping[Label, Interface] = field(default_factory=dict)
    """Its network interfaces, by the names that `ip link` shows."""
    zfs: Zfs | None = None
    """ZFS, where it is used."""
    versions: Versions = Versions()
    """What is known of the software that it runs."""
    ssh: Ssh = Ssh()
    """How it is reached to change it."""
    agent: Agent | bool = False
    """labkeeper keeps it: it follows the rules under `storage`, and makes the backups."""
    at: Span = field(default=NOWHERE, compare=False, repr=False)
