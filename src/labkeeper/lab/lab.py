"""The whole lab."""

from collections.abc import Mapping
from dataclasses import field

from labkeeper.lab.backup import Backup
from labkeeper.lab.host import Host
from labkeeper.lab.monitoring import Monitoring
from labkeeper.lab.name import HostName, Label, ServiceName
from labkeeper.lab.network import Network
from labkeeper.lab.notify import Notify
from labkeeper.lab.place import NOWHERE
from labkeeper.lab.secrets import Secrets
from labkeeper.lab.service import Service
from labkeeper.lab.storage import Storage
from labkeeper.lab.zone import TimeZone
from labkeeper.source import Span
from labkeeper.values import dataclass


@dataclass(frozen=True, kw_only=True)
class Lab:
    """A home lab: its hosts, what runs on them, and how they are kept."""

    lab: Label
    """Its name."""
    timezone: TimeZone = TimeZone("UTC")
    """The time zone that times without one are meant in."""
    hosts: Mapping[HostName, Host]
    """Its machines, by name."""
    services: Mapping[ServiceName, Service] = field(default_factory=dict)
    """What runs, by name; a name of the catalog needs nothing else."""
    storage: Storage = Storage()
    """Where files live, when they move, and when they go."""
    network: Network = Network()
    """Networks, names and firewalls."""
    notify: Notify = Notify()
    """Who is told of what."""
    monitoring: Monitoring = Monitoring()
    """How closely it is watched."""
    backup: Backup = Backup()
    """What is kept in case everything else is lost."""
    secrets: Secrets | None = None
    """Where secrets are kept."""
    at: Span = field(default=NOWHERE, compare=False, repr=False)
