"""What is kept in case everything else is lost."""

import re
from collections.abc import Mapping
from dataclasses import field
from typing import ClassVar, Final, Literal, Self

from labkeeper.lab.address import Url
from labkeeper.lab.count import Count
from labkeeper.lab.cron import Schedule
from labkeeper.lab.name import HostName, RepositoryName, SecretReference
from labkeeper.lab.path import HostPath, Source
from labkeeper.lab.place import NOWHERE, Placed
from labkeeper.source import Span, UnreadableError
from labkeeper.values import dataclass

# https://restic.readthedocs.io/en/stable/030_preparing_a_new_repo.html; borg(1) takes the last one.
# A place in a tier has neither a second colon, nor a host's name or an address behind its first.
_REMOTE: Final = (
    r"^(rest:https?://[^\s/]+\S*"
    r"|s3:(https?://[^\s/]+/|[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+(:[0-9]+)?/)\S+"
    r"|(b2|azure|gs|swift|rclone):[^\s:/]+:\S*"
    r"|sftp:[^\s:/]+:\S+"
    r"|[^\s:/@]+@[^\s:/@]+:\S+)$"
)


@dataclass(frozen=True)
class RemoteRepository(Placed):
    """A repository elsewhere, as restic and borg write it: `b2:bucket:lab`, `me@nas:backup`."""

    WORDS: ClassVar = "a repository like `b2:bucket:lab` or `rest:https://nas:8000/lab`"
    PATTERN: ClassVar = _REMOTE

    text: str

    @classmethod
    def parse(cls, text: str) -> Self:
        """Takes what says where it is without a doubt."""
        if re.fullmatch(_REMOTE, text):
            return cls(text)
        raise UnreadableError(f"expected {cls.WORDS}, found `{text}`")

    def __str__(self) -> str:
        return self.text


@dataclass(frozen=True, kw_only=True)
class Keep:
    """How many backups are kept, by age."""

    daily: Count = Count(7)
    """One a day."""
    weekly: Count = Count(4)
    """One a week."""
    monthly: Count = Count(6)
    """One a month."""
    at: Span = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, kw_only=True)
class Repository:
    """A place that backups are kept in."""

    to: RemoteRepository | Source | Url
    """A place in a tier, a path, or elsewhere: `sftp://nas/backup`, `b2:bucket:lab`."""
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


@dataclass(frozen=True)
class NoBackup(Placed):
    """That nothing is kept of a service, and why: `none -- made anew from the library`."""

    WORDS: ClassVar = "`none -- REASON`"
    PATTERN: ClassVar = r"^none -- \S"

    reason: str

    @classmethod
    def parse(cls, text: str) -> Self:
        """Insists on the reason: whoever restores in two years will ask for it."""
        found = re.fullmatch(r"none\s+--\s+(\S.*)", text)
        if found:
            return cls(found[1].rstrip())
        if text.strip() == "none":
            hint = "`none -- why nothing is lost without one`"
            raise UnreadableError("`backup: none` needs a reason", hint)
        raise UnreadableError(f"expected {cls.WORDS} or settings, found `{text}`")

    def __str__(self) -> str:
        return f"none -- {self.reason}"


@dataclass(frozen=True, kw_only=True)
class ServiceBackup:
    """How a service is backed up, where that differs from what the catalog says."""

    to: RepositoryName | None = None
    """The repository, out of `backup: repositories`; without it, the first one."""
    paths: tuple[HostPath, ...] = ()
    """The paths in the container that are kept, in place of the catalog's."""
    stop: bool | None = None
    """Whether it is stopped while its files are read; unsaid, as the catalog knows it, or yes."""
    at: Span = field(default=NOWHERE, compare=False, repr=False)
