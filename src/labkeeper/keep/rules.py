"""What is to be kept on one host: its tiers, what moves between them, and what goes."""

from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from labkeeper.plan import Cleanup, Clips, Move, Place, Plan, Tier

# What labkeeper itself copied can be brought back for so long after its time.
_CLIPS_HELD = 7 * 86400.0


@dataclass(frozen=True, slots=True)
class Kept:
    """One host's part of a plan."""

    host: str
    tiers: tuple[Tier, ...]
    moves: tuple[Move, ...]
    cleanups: tuple[Cleanup, ...]
    # Seconds ahead that a tier which fills is told of.
    reach: float
    # The zone in which its schedules are meant.
    timezone: str = ""
    clips: tuple[Clips, ...] = ()

    def tier(self, name: str) -> Tier | None:
        """A tier by its name."""
        return next((tier for tier in self.tiers if tier.name == name), None)

    def is_counted(self, name: str) -> bool:
        """Whether a tier is a folder with a size."""
        tier = self.tier(name)
        return tier is not None and tier.size is not None

    def shown(self, place: Place) -> str:
        """A place as the lab names it: `hot:downloads`."""
        tier = self.tier(place.tier)
        below = place.path.removeprefix(tier.path).lstrip("/") if tier else place.path
        return f"{place.tier}:{below}"


def kept_on(plan: Plan, host: str, reach: float) -> Kept:
    """What a plan has for a host."""
    clips = tuple(each for each in plan.clips if each.host == host)
    return Kept(
        host,
        tuple(tier for tier in plan.tiers if tier.host == host),
        tuple(move for move in plan.moves if move.host == host),
        tuple(cleanup for cleanup in plan.cleanups if cleanup.host == host)
        + tuple(map(_retention, clips)),
        reach,
        next((each.timezone for each in plan.hosts if each.name == host), ""),
        clips,
    )


def _retention(clips: Clips) -> Cleanup:
    """What becomes of clips when their time is over."""
    return Cleanup(
        clips.name, clips.host, clips.target, "clips", clips.keep, None, None, None,
        _CLIPS_HELD, "hourly", clips.at, by_label=clips.by_label,
    )  # fmt: skip


def host_of(plan: Plan, machine: str) -> str | None:
    """The host that a machine is: the only one, or the one of its name."""
    names = [host.name for host in plan.hosts]
    if len(names) == 1:
        return names[0]
    short = machine.partition(".")[0]
    return next((name for name in names if name in (machine, short)), None)


def now_of(kept: Kept) -> datetime:
    """What the lab's clocks show."""
    return datetime.now(UTC).astimezone(zone_of(kept.timezone))


def zone_of(name: str) -> tzinfo | None:
    """The zone that a lab names; the machine's own where there is none of that name."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        return None
