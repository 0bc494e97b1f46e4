"""What a rule of the lab asks for now. Nothing here touches a disk."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from labkeeper.keep.hours import closes, opens
from labkeeper.keep.idling import Idle
from labkeeper.keep.usage import Usage
from labkeeper.plan import Cleanup, Move
from labkeeper.source import spelled

_CACHES = ("cache", "gpu-cache")
_UNWATCHED: Final = Idle(why="nobody watches them here")
_LONGEST: Final = 86400.0  # seconds that a rule waits for disks which are never idle
_SOON: Final = 10.0


@dataclass(frozen=True, slots=True)
class Go:
    """It acts now, and why."""

    why: str
    # Only what nobody wrote to for so many seconds.
    older_than: float | None = None
    # Bytes that are to be freed; all that fits the rule, where there is none.
    missing: int | None = None
    # Bytes that are short right now: what was held long enough goes for them.
    needed: int = 0
    # Whether it is short of what a folder may hold, whatever its file system has left.
    is_of_folder: bool = False
    # Or what an app says that it is done with.
    is_for_finished: bool = False
    # Seconds of the epoch at which its hours are over: it ends at a safe place then.
    ends: float | None = None
    # Because the disks are idle, or cannot be waited for.
    is_idle: bool = False
    # Only some of what is complete.
    is_part: bool = False


@dataclass(frozen=True, slots=True)
class Wait:
    """It does nothing now, and why."""

    why: str
    # When it is to be looked at again, where that is known.
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Moment:
    """When it is decided, on the lab's clocks, and what is known of that moment beside tiers."""

    now: datetime
    # In how many seconds the source would be full; none where nobody can say.
    full_in: float | None = None
    idle: Idle = _UNWATCHED


def decide_move(move: Move, source: Usage, target: Usage, moment: Moment) -> Go | Wait:
    """A move waits for nothing but whole files, unless the lab gives an age, a fullness or hours.

    Where nobody knows how idle disks are, nothing waits for them.
    """
    now, idle = moment.now, moment.idle
    found = _decide_move(move, source, target, moment.full_in)
    if move.idle is not None and (isinstance(found, Wait) or found.is_part):
        found = _when_idle(found, move, idle, now) if source.is_known and target.is_known else found
    return _in_its_hours(found, move, source, now)


def _when_idle(found: Go | Wait, move: Move, idle: Idle, now: datetime) -> Go | Wait:
    """All that is complete goes when disks are idle; else what goes for other reasons."""
    wanted = move.idle or 0.0
    of = f"the disks of `{move.source.tier}` and `{move.target.tier}`"
    if idle.why:
        unknown = f"whether disks are idle cannot be known: {idle.why}"
        return (
            replace(found, why=f"{found.why}; {unknown}")
            if found.why
            else Go(unknown, is_idle=True)
        )
    if idle.seconds >= wanted:
        return Go(f"{of} were idle for {spelled(wanted)}", is_idle=True)
    if idle.waited >= _LONGEST:
        return Go(f"{of} were not idle for {spelled(wanted)} in a day", is_idle=True)
    until = now + timedelta(seconds=max(_SOON, wanted - idle.seconds))
    if isinstance(found, Go):
        return found
    why = f"until {of} have been idle for {spelled(wanted)}"
    return Wait(f"{found.why}, or {why}" if found.why else why, until)


def _in_its_hours(found: Go | Wait, rule: Move | Cleanup, usage: Usage, now: datetime) -> Go | Wait:
    """What would go waits for its hours, unless its tier is too full for that."""
    if rule.between is None or isinstance(found, Wait):
        return found
    if (end := closes(rule.between, now)) is not None:
        return replace(found, ends=end.timestamp())
    if rule.unless_over is not None and usage.ratio > rule.unless_over:
        name = rule.source.tier if isinstance(rule, Move) else rule.place.tier
        over = f"out of its hours, for `{name}` is over {rule.unless_over:.0%}"
        return replace(found, why=f"{found.why}; {over}")
    begin = opens(rule.between, now)
    shown = f"{begin:%H:%M}" if begin - now < timedelta(days=1) else f"{begin:%a %H:%M}"
    return Wait(f"until {shown}, when its hours begin", begin)


def _decide_move(move: Move, source: Usage, target: Usage, full_in: float | None) -> Go | Wait:
    for usage in (source, target):
        if not usage.is_known:
            return Wait(usage.why)
    given = (move.older_than, move.used_over, move.full_within, move.finished_by or None)
    if given == (None,) * len(given):
        return Wait("") if move.idle is not None else Go("what is complete moves")
    if move.used_over is not None and source.ratio > move.used_over:
        return Go(f"`{move.source.tier}` is over {move.used_over:.0%}")
    if move.full_within is not None and full_in is not None and full_in <= move.full_within:
        return Go(f"`{move.source.tier}` would be full within {spelled(move.full_within)}")
    why = []
    if move.finished_by:
        of = f" of the category `{move.category}`" if move.category else ""
        why.append(f"what {_either(move.finished_by)} is done with{of}")
    if move.older_than is not None:
        why.append(f"not written to for {spelled(move.older_than)}")
    if why:
        why_ = ", or ".join(why)
        return Go(why_, move.older_than, is_for_finished=bool(move.finished_by), is_part=True)
    return Wait(f"until `{move.source.tier}` {_fullness(move)}")


def _fullness(move: Move) -> str:
    over = "" if move.used_over is None else f"is over {move.used_over:.0%}"
    soon = "" if move.full_within is None else f"would be full within {spelled(move.full_within)}"
    return " or ".join(filter(None, (over, soon)))


def _either(names: tuple[str, ...]) -> str:
    return " or ".join(f"`{name}`" for name in names)


def decide_clean(
    cleanup: Cleanup, usage: Usage, below: int, *, now: datetime, has_stale_snapshot: bool = False
) -> Go | Wait:
    """A cleaning goes as far as its rule says; `below` is what its own folder holds.

    A snapshot of before whose hold is over holds room: it goes though nothing else has to.
    """
    found = _in_its_hours(_decide_clean(cleanup, usage, below), cleanup, usage, now)
    if isinstance(found, Wait) and usage.is_known and has_stale_snapshot:
        return Go("the hold of a snapshot is over", missing=0)
    return found


def _decide_clean(cleanup: Cleanup, usage: Usage, below: int) -> Go | Wait:
    if not usage.is_known:
        return Wait(usage.why)
    needed = max(0, usage.keep_free - usage.free)
    if cleanup.used_over is not None:
        over = f"{cleanup.used_over:.0%}"
        if usage.ratio <= cleanup.used_over:
            return Wait(f"until `{cleanup.place.tier}` is over {over}")
        until = cleanup.used_under if cleanup.used_under is not None else cleanup.used_over
        missing = max(1, usage.used - int(usage.size * until))
        why = f"`{cleanup.place.tier}` is over {over}"
        needed = max(needed, missing)
        return Go(why, cleanup.older_than, missing, needed, usage.is_counted)
    if cleanup.over is not None:
        if below <= cleanup.over:
            return Wait("until it holds more than its limit")
        missing = below - cleanup.over
        return Go("it holds more than its limit", cleanup.older_than, missing, is_of_folder=True)
    if cleanup.what == "clips":
        return Go("their time is over", cleanup.older_than, needed=needed)
    return Go(f"unused for {spelled(cleanup.older_than or 0)}", cleanup.older_than, needed=needed)


def is_handled(cleanup: Cleanup) -> bool:
    """Whether it goes on by itself; what is an orphan is asked when somebody cleans (`tier`)."""
    return cleanup.what != "orphans"


def is_cache(cleanup: Cleanup) -> bool:
    """Whether what it takes can be made again."""
    return cleanup.what in _CACHES
