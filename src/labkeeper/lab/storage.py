"""Where files live, when they move, and when they go."""

from collections.abc import Mapping
from dataclasses import field
from typing import Literal

from labkeeper.lab.cron import Schedule
from labkeeper.lab.duration import Duration
from labkeeper.lab.name import HostName, Label, ServiceName
from labkeeper.lab.path import TierPath
from labkeeper.lab.place import NOWHERE
from labkeeper.lab.rate import Rate
from labkeeper.lab.share import Percentage
from labkeeper.lab.size import Size
from labkeeper.lab.window import Window
from labkeeper.source import Span, UnreadableError
from labkeeper.values import dataclass


@dataclass(frozen=True, kw_only=True)
class Trigger:
    """What has to be true before a file moves; of several, each is enough."""

    complete: bool = True
    """It is whole: no client is writing it, nor has it open."""
    older_than: Duration | None = None
    """It was last changed so long ago."""
    used_over: Percentage | None = None
    """The tier that it lies on is fuller than this."""
    full_within: Duration | None = None
    """The tier that it lies on will be full so soon, if it goes on filling as it does."""
    idle: Duration | None = None
    """The disks of both tiers had little to do for others for so long; or a day has gone by."""
    finished_by: tuple[ServiceName, ...] = ()
    """One of these says that it is done with it: an import, a job, a torrent that is complete."""
    category: str | None = None
    """Only what a client of `finished-by` has in this category of its own."""
    at: Span = field(default=NOWHERE, compare=False, repr=False)

    def __post_init__(self) -> None:
        if self.category is not None and not self.finished_by:
            raise UnreadableError(
                f"nothing says whose category `{self.category}` is",
                "name the client: `finished-by: [sabnzbd]`",
            )


def _check_window(between: Window | None, unless_over: Percentage | None) -> None:
    if unless_over is not None and between is None:
        raise UnreadableError(
            f"`unless-over: {unless_over}` is an exception of `between`, which is not there",
            "give the hours too: `between: 01:00-07:00`",
        )


@dataclass(frozen=True, kw_only=True)
class Library:
    """Files that move from one tier to another, each verified before it is removed."""

    from_: TierPath
    """Where they arrive."""
    to: TierPath
    """Where they stay."""
    when: Trigger = Trigger()
    """What makes them move."""
    every: Schedule = Schedule.parse("hourly")
    """When one looks."""
    between: Window | None = None
    """Only in these hours; what is under way at their end stops at a whole file."""
    unless_over: Percentage | None = None
    """At any hour while the tier that they lie on is fuller than this."""
    limit: Rate | None = None
    """No faster than this."""
    client: ServiceName | None = None
    """The download client that may still be sharing them."""
    on: HostName | None = None
    """The host, where the lab has several."""
    at: Span = field(default=NOWHERE, compare=False, repr=False)

    def __post_init__(self) -> None:
        if self.from_ == self.to:
            raise UnreadableError(f"`from` and `to` are both `{self.from_}`")
        _check_window(self.between, self.unless_over)


@dataclass(frozen=True, kw_only=True)
class Clean:
    """Files that go, into quarantine first."""

    path: TierPath
    """Where they lie; nothing outside is ever touched."""
    what: Literal["files", "broken-links", "orphans", "empty-folders"] = "files"
    """Which of them: orphans are files that no service knows of."""
    older_than: Duration | None = None
    """Only what was last changed so long ago."""
    when_used_over: Percentage | None = None
    """Only while the tier is fuller than this, the least valuable first."""
    until_used_under: Percentage | None = None
    """How far it goes then."""
    every: Schedule = Schedule.parse("hourly")
    """When one looks."""
    between: Window | None = None
    """Only in these hours."""
    unless_over: Percentage | None = None
    """At any hour while the tier is fuller than this."""
    quarantine: Duration = Duration.parse("7d")
    """How long what went can be brought back."""
    snapshot: bool = False
    """Whether a snapshot of the btrfs subvolume or ZFS dataset is made before anything goes."""
    on: HostName | None = None
    """The host, where the lab has several."""
    at: Span = field(default=NOWHERE, compare=False, repr=False)

    def __post_init__(self) -> None:
        if self.what == "files" and not (self.older_than or self.when_used_over):
            raise UnreadableError(
                f"nothing says which files of `{self.path}` may go",
                "give `older-than`, `when-used-over` or both",
            )
        _check_window(self.between, self.unless_over)
        over, under = self.when_used_over, self.until_used_under
        if over and under and not under < over:
            raise UnreadableError(
                f"`until-used-under: {under}` is not under `when-used-over: {over}`"
            )


@dataclass(frozen=True, kw_only=True)
class Cache:
    """Files that can be made again, and are kept as long as there is room."""

    path: TierPath
    """Where they lie."""
    kind: Literal["application", "gpu"] = "application"
    """A GPU's cache is emptied when the driver changes."""
    older_than: Duration | None = None
    """What was not read for so long goes."""
    over: Size | None = None
    """What is more than this goes, the oldest first."""
    every: Schedule = Schedule.parse("daily")
    """When one looks."""
    on: HostName | None = None
    """The host, where the lab has several."""
    at: Span = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, kw_only=True)
class Surveillance:
    """Clips of events that are copied to another tier as soon as they exist."""

    service: ServiceName
    """What records them."""
    to: TierPath
    """Where they go."""
    events: tuple[str, ...] = ()
    """Only events of these things: `person`, `car`; without any, all."""
    keep: Duration | Mapping[str, Duration] = Duration.parse("30d")
    """How long a clip is kept there; or by what is seen in it: `{person: 90d, default: 14d}`."""
    at: Span = field(default=NOWHERE, compare=False, repr=False)

    def __post_init__(self) -> None:
        if not isinstance(self.keep, Duration) and not self.keep:
            raise UnreadableError("nothing says how long clips are kept", "`keep: 30d`")

    @property
    def rest(self) -> Duration:
        """How long a clip is kept in which nothing in particular is seen."""
        if isinstance(self.keep, Duration):
            return self.keep
        return self.keep.get("default", Duration.parse("30d"))

    @property
    def by_label(self) -> tuple[tuple[str, Duration], ...]:
        """How long it is kept for what."""
        if isinstance(self.keep, Duration):
            return ()
        return tuple((label, long) for label, long in self.keep.items() if label != "default")


@dataclass(frozen=True, kw_only=True)
class Storage:
    """Movers, cleaners and caches, by name."""

    libraries: Mapping[Label, Library] = field(default_factory=dict)
    """Files that move between tiers."""
    clean: Mapping[Label, Clean] = field(default_factory=dict)
    """Files that go."""
    caches: Mapping[Label, Cache] = field(default_factory=dict)
    """Files that can be made again."""
    surveillance: Mapping[Label, Surveillance] = field(default_factory=dict)
    """Clips that are copied."""
    forecast: Duration = Duration.parse("14d")
    """How far ahead a tier that fills up is reported."""
    at: Span = field(default=NOWHERE, compare=False, repr=False)
