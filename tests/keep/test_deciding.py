from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from zoneinfo import ZoneInfo

from labkeeper.keep import deciding
from labkeeper.keep.deciding import Go, Wait, is_handled
from labkeeper.keep.idling import Idle
from labkeeper.keep.usage import Usage
from labkeeper.plan import Cleanup, Move
from labkeeper.plan.storage import Place, Window
from labkeeper.source import Span

HERE = Span("lab.yaml", 0, 0)
GIB = 1 << 30
HALF = Usage(50 * GIB, 100 * GIB)
FULL = Usage(95 * GIB, 100 * GIB, keep_free=10 * GIB)
AWAY = Usage(why="/mnt/cold is not mounted")
# A Saturday.
NOON = datetime(2026, 11, 21, 12, tzinfo=ZoneInfo("Europe/Berlin"))
UNWATCHED = Idle(why="nobody watches them here")
NIGHTS = Window(tuple(range(7)), 60, 420)
decide_clean = partial(deciding.decide_clean, now=NOON)


def decide_move(  # noqa: PLR0913, PLR0917 -- all that a decision goes by
    move: Move, source: Usage, target: Usage, full_in: float | None = None,
    now: datetime = NOON, idle: Idle = UNWATCHED,
) -> Go | Wait:  # fmt: skip
    return deciding.decide_move(move, source, target, deciding.Moment(now, full_in, idle))


def moving(older_than: float | None = None, used_over: float | None = None) -> Move:
    return Move(
        "films", "box", Place("hot", "/hot/films", HERE), Place("cold", "/cold/films", HERE),
        older_than, used_over, "hourly", None, HERE,
    )  # fmt: skip


def cleaning(**given: object) -> Cleanup:
    values: dict[str, object] = {
        "name": "old", "host": "box", "place": Place("hot", "/hot/old", HERE), "what": "files",
        "older_than": None, "used_over": None, "used_under": None, "over": None,
        "quarantine": 86400.0, "schedule": "hourly", "at": HERE,
    }  # fmt: skip
    return Cleanup(**{**values, **given})  # type: ignore[arg-type]


def test_unknown_blocks() -> None:
    """A tier that nobody knows of stops everything that touches it, on either side."""
    assert decide_move(moving(), AWAY, HALF) == Wait(AWAY.why)
    assert decide_move(moving(), HALF, AWAY) == Wait(AWAY.why)
    assert decide_clean(cleaning(older_than=1.0), AWAY, 0) == Wait(AWAY.why)


def test_a_snapshot_that_was_held_long_enough() -> None:
    """Its room is given back though nothing else is to go; but never where the tier is away."""
    rule = cleaning(used_over=0.9, snapshot=True)

    waits = decide_clean(rule, HALF, 0)
    goes = decide_clean(rule, HALF, 0, has_stale_snapshot=True)

    assert isinstance(waits, Wait)
    assert goes == Go("the hold of a snapshot is over", missing=0)
    assert decide_clean(rule, AWAY, 0, has_stale_snapshot=True) == Wait(AWAY.why)


def test_a_move_before_it_is_full() -> None:
    """It goes when the tier would be full so soon, and not while nobody can say when."""
    rule = replace(moving(), full_within=2 * 86400.0)
    waits = Wait("until `hot` would be full within 2d")
    assert decide_move(rule, HALF, HALF) == waits
    assert decide_move(rule, HALF, HALF, 3 * 86400.0) == waits
    assert decide_move(rule, HALF, HALF, 86400.0) == Go("`hot` would be full within 2d")
    both = replace(rule, used_over=0.8)
    assert decide_move(both, HALF, HALF) == Wait(
        "until `hot` is over 80% or would be full within 2d"
    )


def test_a_move_of_what_is_finished() -> None:
    """What an app is done with goes, or what is old; of a full tier everything does."""
    rule = replace(moving(), finished_by=("sonarr", "sabnzbd"), category="tv", used_over=0.9)
    why = "what `sonarr` or `sabnzbd` is done with of the category `tv`"
    assert decide_move(rule, HALF, HALF) == Go(why, is_for_finished=True, is_part=True)
    old = replace(rule, older_than=86400.0)
    assert decide_move(old, HALF, HALF) == Go(
        f"{why}, or not written to for 1d", 86400.0, is_for_finished=True, is_part=True
    )
    assert decide_move(old, FULL, HALF) == Go("`hot` is over 90%")


def test_moves() -> None:
    """Without a condition what is complete moves; with several, each is enough."""
    assert isinstance(decide_move(moving(), HALF, HALF), Go)
    assert decide_move(moving(used_over=0.8), HALF, HALF) == Wait("until `hot` is over 80%")
    assert isinstance(decide_move(moving(used_over=0.8), FULL, HALF), Go)
    old = decide_move(moving(older_than=3600.0, used_over=0.8), HALF, HALF)
    assert isinstance(old, Go)
    assert old.older_than == 3600.0
    everything = decide_move(moving(older_than=3600.0, used_over=0.8), FULL, HALF)
    assert isinstance(everything, Go)
    assert everything.older_than is None


def test_cleanings() -> None:
    """A fullness bounds how much goes, an age which; what is short goes from what was held."""
    old = decide_clean(cleaning(older_than=3600.0), HALF, 0)
    assert old == Go("unused for 1h", 3600.0)
    short = decide_clean(cleaning(older_than=3600.0), FULL, 0)
    assert isinstance(short, Go)
    assert (short.missing, short.needed) == (None, 5 * GIB)
    rule = cleaning(used_over=0.9, used_under=0.7)
    assert decide_clean(rule, HALF, 0) == Wait("until `hot` is over 90%")
    over = decide_clean(rule, FULL, 0)
    assert isinstance(over, Go)
    assert over.missing is not None
    assert abs(over.missing - 25 * GIB) < 10
    assert over.needed == over.missing


def test_caches() -> None:
    """A cache goes by what it holds itself."""
    rule = cleaning(what="cache", over=GIB)
    assert decide_clean(rule, HALF, GIB // 2) == Wait("until it holds more than its limit")
    over = decide_clean(rule, HALF, 3 * GIB)
    assert isinstance(over, Go)
    assert over.missing == 2 * GIB


def test_what_is_left_to_others() -> None:
    """Only a client can tell an orphan, so somebody has to ask: `labkeeper tier clean`."""
    for what in ("files", "gpu-cache", "broken-links", "empty-folders"):
        assert is_handled(cleaning(what=what))
    assert not is_handled(cleaning(what="orphans"))


def test_hours() -> None:
    """A rule goes in its hours and ends with them; before, it says when they begin."""
    rule = replace(moving(), between=NIGHTS)
    begin, end = NOON.replace(day=22, hour=1), NOON.replace(day=22, hour=7)

    waits = decide_move(rule, HALF, HALF)
    goes = decide_move(rule, HALF, HALF, now=begin)

    assert waits == Wait("until 01:00, when its hours begin", begin)
    assert goes == Go("what is complete moves", ends=end.timestamp())
    assert decide_move(rule, HALF, HALF, now=end) == Wait(
        "until 01:00, when its hours begin", begin.replace(day=23)
    )
    weekly = replace(rule, between=Window((3,), 60, 420))
    assert decide_move(weekly, HALF, HALF) == Wait(
        "until Thu 01:00, when its hours begin", begin.replace(day=26)
    )


def test_hours_and_reasons() -> None:
    """Hours are no reason to go: what waits for another waits for that."""
    rule = replace(moving(used_over=0.8), between=NIGHTS)
    assert decide_move(rule, HALF, HALF) == Wait("until `hot` is over 80%")
    assert decide_move(rule, HALF, AWAY) == Wait(AWAY.why)
    assert isinstance(decide_move(rule, FULL, HALF), Wait)
    assert isinstance(decide_clean(cleaning(older_than=1.0, between=NIGHTS), HALF, 0), Wait)


def test_too_full_for_its_hours() -> None:
    """Where the lab says so, a tier that is too full does not wait, and nothing ends it."""
    rule = replace(moving(), between=NIGHTS, unless_over=0.9)
    clean = cleaning(older_than=3600.0, between=NIGHTS, unless_over=0.9)
    why = "out of its hours, for `hot` is over 90%"

    assert isinstance(decide_move(rule, HALF, HALF), Wait)
    assert decide_move(rule, FULL, HALF) == Go(f"what is complete moves; {why}")
    assert isinstance(decide_clean(clean, HALF, 0), Wait)
    assert decide_clean(clean, FULL, 0) == Go(
        f"unused for 1h; {why}", 3600.0, needed=5 * GIB
    )  # fmt: skip


def test_idle_disks() -> None:
    """It goes when they were idle for long enough, and says when it looks again."""
    rule = replace(moving(), idle=600.0)
    disks = "the disks of `hot` and `cold`"

    waits = decide_move(rule, HALF, HALF, idle=Idle(200.0))
    assert waits == Wait(f"until {disks} have been idle for 10m", NOON + timedelta(seconds=400))
    assert decide_move(rule, HALF, HALF, idle=Idle(600.0)) == Go(
        f"{disks} were idle for 10m", is_idle=True
    )
    assert decide_move(rule, HALF, AWAY, idle=Idle(600.0)) == Wait(AWAY.why)
    hours = replace(rule, between=NIGHTS)
    assert isinstance(decide_move(hours, HALF, HALF, idle=Idle(600.0)), Wait)


def test_idle_is_one_of_several() -> None:
    """What goes for another reason does not wait for idle disks; all of it goes when they are."""
    over = replace(moving(used_over=0.8), idle=600.0)
    old = replace(moving(older_than=3600.0), idle=600.0)
    part = Go("not written to for 1h", 3600.0, is_part=True)

    assert decide_move(over, FULL, HALF, idle=Idle()) == Go("`hot` is over 80%")
    waits = decide_move(over, HALF, HALF, idle=Idle())
    assert waits.why.startswith("until `hot` is over 80%, or until the disks of `hot`")
    assert decide_move(old, HALF, HALF, idle=Idle()) == part
    assert decide_move(old, HALF, HALF, idle=Idle(900.0)) == Go(
        "the disks of `hot` and `cold` were idle for 10m", is_idle=True
    )


def test_idle_is_not_waited_for_for_ever() -> None:
    """A day at the most, and not at all where nobody can know."""
    rule = replace(moving(), idle=600.0)
    old = replace(moving(older_than=3600.0), idle=600.0)
    away = Idle(why="nas:/x is on another machine")
    unknown = "whether disks are idle cannot be known: nas:/x is on another machine"

    assert isinstance(decide_move(rule, HALF, HALF, idle=Idle(waited=86399.0)), Wait)
    assert decide_move(rule, HALF, HALF, idle=Idle(waited=86400.0)) == Go(
        "the disks of `hot` and `cold` were not idle for 10m in a day", is_idle=True
    )
    assert decide_move(rule, HALF, HALF, idle=away) == Go(unknown, is_idle=True)
    assert decide_move(old, HALF, HALF, idle=away) == Go(
        f"not written to for 1h; {unknown}", 3600.0, is_part=True
    )
