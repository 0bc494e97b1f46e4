"""What is kept in case everything else is lost."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from labkeeper.lab.address import Url
from labkeeper.lab.cron import Schedule
from labkeeper.lab.name import HostName, RepositoryName, SecretReference
from labkeeper.lab.path import Source
from labkeeper.lab.place import NOWHERE
from labkeeper.source import Span


@dataclass(frozen=True, kw_only=True)
class Keep:
    """How many backups are kept, by age."""

    daily: int = 7
    """One a day."""
    weekly: int = 4
    """One a week."""
    monthly: int = 6
    """One a month."""
    at: Span = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, kw_only=True)
class Repository:
    """A place that backups are kept in."""

    to: Source | Url
    """A place in a tier, a path, or an address such as `sftp://nas/backup`."""
    with_: Literal["restic", "borg"] = "restic"
    """The program that keeps it."""
    password: SecretReference
    """What it is encrypted with; keep a copy of it elsewhere."""
    on: HostName | None = None
    """The host whose disk it is on, where `to` is a path and the lab has several."""
    every: Schedule = Schedule.parse("daily")
    """When a backup is made."""
    keep: Keep = Keep()
    """How many are kept."""
    verify: Schedule = Schedule.parse("weekly")
    """When what is kept is read and compared."""
    drill: Schedule | None = None
    """When services are restored somewhere else, to see that it works."""
    at: Span = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, kw_only=True)
class Backup:
    """What is kept in case everything else is lost."""

    repositories: Mapping[RepositoryName, Repository] = field(default_factory=dict)
    """Where backups are kept; services go to the first one unless they say otherwise."""
    at: Span = field(default=NOWHERE, compare=False, repr=False)
