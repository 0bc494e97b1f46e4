"""Tiers, what moves between them, what goes, and what is kept of it elsewhere."""

from typing import Literal

from labkeeper.source import Span
from labkeeper.values import dataclass

Medium = Literal["ssd", "hdd", "nvme", "network"]
# How files come to rest: they may be read as they are; while it stands still; or it copies them.
Quiesce = Literal["live", "stop", "dump"]


@dataclass(frozen=True, slots=True)
class Amount:
    """A part of something, or so many bytes of it."""

    ratio: float | None = None
    bytes: int | None = None


@dataclass(frozen=True, slots=True)
class Tier:
    """A place of a host that files are kept in."""

    host: str
    name: str
    path: str
    medium: Medium | None
    keep_free: Amount | None
    # Bytes, where it is a folder that labkeeper counts.
    size: int | None
    at: Span
    path_at: Span


@dataclass(frozen=True, slots=True)
class Place:
    """A folder in a tier, and its path on the host."""

    tier: str
    path: str
    at: Span


@dataclass(frozen=True, slots=True)
class Window:
    """Minutes of a day between which something may be done, on days that it begins on (0: Monday).

    One that ends before it begins ends on the next day.
    """

    days: tuple[int, ...]
    begin: int
    end: int


@dataclass(frozen=True, slots=True)
class Move:
    """Files that go from one tier to another."""

    name: str
    host: str
    source: Place
    target: Place
    older_than: float | None
    used_over: float | None
    schedule: str
    # The download client that may still share them.
    client: str | None
    at: Span
    # Apps of which one has to be done with a file, and of which category it then is.
    finished_by: tuple[str, ...] = ()
    category: str | None = None
    # Seconds until the tier that they lie on would be full.
    full_within: float | None = None
    # Only then, unless the tier that they lie on is fuller than so much; and bytes a second.
    between: Window | None = None
    unless_over: float | None = None
    limit: int | None = None
    # Seconds for which the disks of both tiers had little to do.
    idle: float | None = None


@dataclass(frozen=True, slots=True)
class Cleanup:
    """Files that go: to quarantine, or as a cache that can be made again."""

    name: str
    host: str
    place: Place
    what: Literal[
        "files", "broken-links", "orphans", "empty-folders", "cache", "gpu-cache", "clips"
    ]
    older_than: float | None
    used_over: float | None
    used_under: float | None
    over: int | None
    quarantine: float | None
    schedule: str
    at: Span
    # A snapshot of what it lies in is made before anything goes.
    snapshot: bool = False
    between: Window | None = None
    unless_over: float | None = None
    # Of clips: seconds that one is kept in which this is seen; `older_than` is for all the rest.
    by_label: tuple[tuple[str, float], ...] = ()


@dataclass(frozen=True, slots=True)
class Clips:
    """Clips of a camera's events that are copied to another tier."""

    name: str
    host: str
    service: str
    target: Place
    events: tuple[str, ...]
    keep: float
    at: Span
    # Seconds that a clip is kept in which this is seen.
    by_label: tuple[tuple[str, float], ...] = ()


@dataclass(frozen=True, slots=True)
class Repository:
    """Where backups are kept."""

    name: str
    program: Literal["restic", "borg"]
    # An address, or a path of `host`.
    to: str
    host: str | None
    tier: str | None
    # The secret that it is encrypted with.
    password: str
    every: str
    verify: str
    drill: str | None
    keep: tuple[tuple[str, int], ...]
    at: Span


@dataclass(frozen=True, slots=True)
class BackupSet:
    """What is kept of a service, and how its files come to rest meanwhile."""

    service: str
    host: str
    repository: str | None
    # On the host.
    paths: tuple[str, ...]
    leave_out: tuple[str, ...]
    quiesce: Quiesce
    command: tuple[str, ...]
    # Why nothing is kept of it.
    none: str | None
    # Whether the lab says so itself.
    stated: bool
    at: Span
