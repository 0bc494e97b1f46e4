"""The loop: look, decide, act, tell; again, until somebody says that it is enough."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Final, Protocol

from labkeeper.keep.cameras import Cameras
from labkeeper.keep.cleaning import Care, held, run_clean
from labkeeper.keep.deciding import Wait, decide_clean, decide_move, is_handled
from labkeeper.keep.events import Event, Refused, Undone
from labkeeper.keep.follower import Follower
from labkeeper.keep.heeding import care_for
from labkeeper.keep.knowing import Knowledge, measured
from labkeeper.keep.measuring import bytes_below
from labkeeper.keep.moving import Ask, Manner, run_move
from labkeeper.keep.remembering import Memory
from labkeeper.keep.rules import Kept, zone_of
from labkeeper.keep.schedule import next_after
from labkeeper.keep.status import Doing, Next, Status
from labkeeper.keep.watching import Watch
from labkeeper.plan import Cleanup, Move, Plan
from labkeeper.storage.moving import Report, Talk
from labkeeper.storage.planning import Plan as MovePlan
from labkeeper.storage.reasons import Left
from labkeeper.store import state as states
from labkeeper.store.journal import Journal
from labkeeper.store.quarantine import Item

_TICK: Final = 0.2
_KNOW_EVERY: Final = 1.0
_AFTER_BUSY: Final = 2.0  # seconds until it is tried again


class Ears(Protocol):
    """Whoever is told."""

    def event(self, event: Event) -> None:
        """Something happened."""

    def status(self, status: Status) -> None:
        """This is how it stands."""


@dataclass
class Stop:
    """The wish to end, and how a move is told of it."""

    is_wanted: bool = False
    end_move: Callable[[], None] | None = None

    def want(self) -> None:
        """End at the next safe place."""
        self.is_wanted = True
        if self.end_move is not None:
            self.end_move()


@dataclass
class _Turn:
    """One rule, when it is looked at again, and what was said of it."""

    rule: Move | Cleanup
    at: datetime | None
    why: str = ""
    # What was told already: paths that were left, and why it could not begin.
    told: set[tuple[bytes, str]] = field(default_factory=set)
    refused: str = ""


class Keeper:
    """Keeps one host's tiers."""

    def __init__(
        self, plan: Plan, kept: Kept, manner: Manner, ears: Ears, stop: Stop,
    ) -> None:  # fmt: skip
        self._plan = plan
        self._kept = kept
        self._manner = manner
        self._ears = ears
        self._stop = stop
        self._knowledge = Knowledge(manner.state, [tier.path for tier in kept.tiers])
        self._below = measured(self._knowledge, bytes_below)
        self._memory = Memory.open(manner.state)
        self._watch = Watch(kept, self._below, self._memory)
        self._known_at = 0.0
        self._zone = zone_of(kept.timezone)
        now = self._now()
        rules: tuple[Move | Cleanup, ...] = (*kept.moves, *filter(is_handled, kept.cleanups))
        self._turns = [_Turn(rule, now) for rule in rules]
        self._follower = Follower(plan, kept)
        self._cameras = Cameras(plan, kept, manner.state, self._watch.usage)
        self._held: tuple[Item, ...] = ()
        self._known_back: set[int] | None = None
        self._note = ""

    def run(self, until: float | None) -> None:
        """Go on until somebody stops it, or until a moment of the monotonic clock."""
        try:
            self._run(until)
        finally:
            self._cameras.close()
            self._knowledge.close()
            self._memory.close()

    def _run(self, until: float | None) -> None:
        while not self._stop.is_wanted and (until is None or time.monotonic() < until):
            self._look()
            turn = self._due()
            if turn is not None:
                self._act(turn)
            else:
                time.sleep(_TICK)
        self._watch.look(time.monotonic(), is_due=True)
        self._look_aside()

    @property
    def held(self) -> tuple[Item, ...]:
        """What is put aside."""
        return self._held

    @property
    def watch(self) -> Watch:
        """The tiers."""
        return self._watch

    def _look(self) -> None:
        now = time.monotonic()
        self._know(now)
        self._watch.look(now)
        self._look_aside()
        for forecast in self._watch.news(now):
            self._ears.event(forecast)
        for clipped in self._cameras.news():
            self._ears.event(clipped)
        for name in self._follower.news():
            self._look_at(name)
        self._tell()

    def _look_at(self, rule: str) -> None:
        """Whatever its schedule says."""
        for turn in self._turns:
            if isinstance(turn.rule, Move) and turn.rule.name == rule:
                turn.at = self._now()

    def _know(self, now: float) -> None:
        """A tier that does not answer is not waited for."""
        if now - self._known_at < _KNOW_EVERY:
            return
        self._known_at = now
        tiers = self._kept.tiers
        self._knowledge.refresh([t.path for t in tiers if not self._watch.usage(t.name).is_known])

    def _look_aside(self) -> None:
        """Somebody may bring things back from another terminal at any time."""
        if not (self._manner.state / "quarantine.db").exists():
            return
        try:
            self._held, restored = held(self._manner.state)
        except states.Broken as broken:
            self._note = f"the record of the quarantine cannot be read: {broken}"
            return
        known = self._known_back
        self._known_back = {item.id for item in restored}
        if known is not None and (new := tuple(i for i in restored if i.id not in known)):
            self._ears.event(Undone(new))

    def _now(self) -> datetime:
        return datetime.now(UTC).astimezone(self._zone)

    def _due(self) -> _Turn | None:
        now = self._now()
        return next((turn for turn in self._turns if turn.at and turn.at <= now), None)

    def _act(self, turn: _Turn) -> None:
        try:
            self._manner.state.mkdir(mode=0o700, parents=True, exist_ok=True)
            with states.lock(self._manner.state):
                self._note = ""
                match turn.rule:
                    case Move():
                        self._move(turn, turn.rule)
                    case Cleanup():
                        self._clean(turn, turn.rule)
        except states.Busy as busy:
            self._note = f"another labkeeper is at work (process {busy.holder}); waiting for it"
            turn.at = self._now() + timedelta(seconds=_AFTER_BUSY)
            return
        turn.at = next_after(turn.rule.schedule, self._now())

    def _move(self, turn: _Turn, rule: Move) -> None:
        names = (rule.source.tier, rule.target.tier)
        source, target = (self._watch.usage(name) for name in names)
        found = decide_move(rule, source, target, self._watch.full_in(names[0]))
        if isinstance(found, Wait):
            turn.why = found.why
            return
        ask = Ask(self._plan, self._kept, rule, found, target)
        self._watch.begin(*names)
        telling = _Telling(self, Doing(rule.name, *self._places(rule)))
        try:
            result = run_move(ask, self._manner, telling.talk())
        finally:
            self._stop.end_move = None
        is_sure = not (result.is_stopped or result.refused or result.recovered)
        self._watch.end(names[0], -result.bytes if is_sure else None)
        self._watch.end(names[1], result.bytes if is_sure and not result.kept else None)
        news = self._news(turn, result.left, result.refused)
        if result.names or news is None or news:
            self._ears.event(replace(result, news=news or ()))

    def _clean(self, turn: _Turn, rule: Cleanup) -> None:
        below = 0 if rule.over is None else self._below(rule.place.path)
        found = decide_clean(rule, self._watch.usage(rule.place.tier), below)
        if isinstance(found, Wait):
            turn.why = found.why
            return
        self._watch.begin(rule.place.tier)
        state = self._manner.state
        result = run_clean(
            rule, self._kept.shown(rule.place), found, state, lambda: self._care(rule)
        )
        # A rename frees nothing.
        gone = sum(item.frees for item in result.purged)
        self._watch.end(rule.place.tier, None if result.refused else -gone)
        news = self._news(turn, result.left, result.refused)
        if result.aside or result.purged or news is None or news:
            self._ears.event(replace(result, news=news or ()))

    def _care(self, rule: Cleanup) -> Care:
        journal = Journal.open(self._manner.state)
        try:
            return care_for(rule, self._plan, self._kept, journal)
        finally:
            journal.close()

    def _news(
        self, turn: _Turn, left: tuple[Left, ...], refused_: Refused | None
    ) -> tuple[Left, ...] | None:
        """What was left and not told before; none where it could not begin, which is told once."""
        refused = refused_.message if refused_ else ""
        turn.why = refused or _left_over(left)
        was, turn.refused = turn.refused, refused
        if refused and refused != was:
            return None
        news = tuple(each for each in left if (each.path, each.code) not in turn.told)
        turn.told = {(each.path, each.code) for each in left}
        return news

    def _next(self, turn: _Turn) -> Next:
        rule = turn.rule
        if isinstance(rule, Move):
            source, target = self._places(rule)
            return Next(rule.name, f"move {source} to {target}", turn.at, turn.why)
        return Next(rule.name, f"clean {self._kept.shown(rule.place)}", turn.at, turn.why)

    def _places(self, rule: Move) -> tuple[str, str]:
        return self._kept.shown(rule.source), self._kept.shown(rule.target)

    def tell_doing(self, doing: Doing) -> None:
        """Tell how far a move is."""
        self._watch.look(time.monotonic())
        self._tell(doing)

    def stopper(self, end: Callable[[], None]) -> None:
        """Note how a move is told to end; it may be wanted already."""
        self._stop.end_move = end
        if self._stop.is_wanted:
            end()

    def _tell(self, doing: Doing | None = None) -> None:
        self._ears.status(
            Status(
                self._watch.now(),
                tuple(self._next(turn) for turn in self._turns),
                doing,
                len(self._held),
                sum(item.frees for item in self._held),
                min((item.held_until for item in self._held), default=0.0),
                sum(len(turn.told) for turn in self._turns),
                self._note,
            )
        )


class _Telling:
    """From what a move says to how far it is."""

    def __init__(self, keeper: Keeper, doing: Doing) -> None:
        self._keeper = keeper
        self._doing = doing
        self._since = time.monotonic()
        self._told = 0.0

    def talk(self) -> Talk:
        """What the engine tells it."""
        return Talk(
            lambda _: None, self._planned, self._passed, self._outcome, self._silence,
            self._keeper.stopper,
        )  # fmt: skip

    def _planned(self, plan: MovePlan) -> None:
        self._since = time.monotonic()
        self._set(names=plan.files, bytes=plan.bytes, expected=2 * plan.booked)

    def _passed(self, count: int) -> None:
        passed = self._doing.passed + count
        rate = passed / max(0.1, time.monotonic() - self._since)
        self._doing = replace(self._doing, passed=passed, rate=rate, silent=0.0)
        if time.monotonic() - self._told > _TICK:
            self._tell()

    def _outcome(self, _: Report) -> None:
        self._tell()

    def _silence(self, seconds: float) -> None:
        self._set(silent=seconds)

    def _set(self, **changes: float) -> None:
        self._doing = replace(self._doing, **changes)  # type: ignore[arg-type]
        if self._doing.expected:
            self._tell()

    def _tell(self) -> None:
        self._told = time.monotonic()
        self._keeper.tell_doing(self._doing)


def _left_over(left: tuple[Left, ...]) -> str:
    if not left:
        return ""
    return f"left {len(left)} where {'it was' if len(left) == 1 else 'they were'}: {left[0].why}"
