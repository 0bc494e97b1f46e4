"""The loop: look, decide, act, tell; again, until somebody says that it is enough."""

import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Final, Protocol, assert_never

from labkeeper.keep.aside import Aside
from labkeeper.keep.deciding import Go, Moment, Wait, decide_clean, decide_move, is_handled
from labkeeper.keep.events import Cleaned, Event, Moved, Undone
from labkeeper.keep.hands import Hands, Order, Said, Unneeded, Unstarted
from labkeeper.keep.rules import zone_of
from labkeeper.keep.schedule import next_after
from labkeeper.keep.senses import Senses
from labkeeper.keep.status import Doing, Status
from labkeeper.keep.stopping import Stop
from labkeeper.keep.turns import Turn
from labkeeper.keep.watching import Watch
from labkeeper.plan import Cleanup, Move
from labkeeper.store.quarantine import Item

__all__ = ["Ears", "Keeper", "Stop"]

# Seconds until it is tried again, twice as many each time.
_AFTER_BUSY: Final = 2.0
_LONGEST: Final = 60.0


class Ears(Protocol):
    """Whoever is told."""

    def event(self, event: Event) -> None:
        """Something happened."""

    def status(self, status: Status) -> None:
        """This is how it stands."""


class Keeper:
    """Keeps one host's tiers."""

    def __init__(self, senses: Senses, hands: Hands, ears: Ears, stop: Stop) -> None:
        self._senses = senses
        self._kept = senses.kept
        self._watch = senses.watch
        self._hands = hands
        self._ears = ears
        self._stop = stop
        self._pace = senses.pace
        self._known_at = 0.0
        self._zone = zone_of(self._kept.timezone)
        self._aside = Aside(senses.state)
        now = self._now()
        rules: tuple[Move | Cleanup, ...] = (
            *self._kept.moves,
            *filter(is_handled, self._kept.cleanups),
        )
        self._turns = [Turn(rule, now, patience=_AFTER_BUSY) for rule in rules]
        self._note = ""

    def run(self, until: float | None) -> None:
        """Go on until somebody stops it, or until a moment of the monotonic clock."""
        try:
            self._run(until)
        finally:
            self._senses.close()

    def _run(self, until: float | None) -> None:
        while not self._stop.is_wanted and (until is None or time.monotonic() < until):
            self._look()
            turn = self._due()
            if turn is not None:
                self._begin(turn)
            else:
                self._hands.wait(self._rest())
        self._hands.end()
        self._watch.look(time.monotonic(), is_due=True)
        self._look_aside()

    @property
    def held(self) -> tuple[Item, ...]:
        """What is put aside."""
        return self._aside.held

    @property
    def watch(self) -> Watch:
        """The tiers."""
        return self._watch

    def _look(self) -> None:
        now = time.monotonic()
        if now - self._known_at >= self._pace.know:
            self._known_at = now
            # A tier that does not answer is not waited for.
            tiers = self._kept.tiers
            self._senses.know([t.path for t in tiers if not self._watch.usage(t.name).is_known])
            self._look_aside()
        self._watch.look(now)
        for forecast in self._watch.news(now):
            self._ears.event(forecast)
        self._tell_clips()
        for name in self._senses.follower.news():
            self._look_at(name)
        self._watch.expect(self._senses.follower.coming())
        self._tell()

    def _tell_clips(self) -> None:
        """Also while something moves, which may take hours."""
        for clipped in self._senses.clipped():
            self._ears.event(clipped)

    def _look_at(self, rule: str) -> None:
        """Whatever its schedule says."""
        for turn in self._turns:
            if isinstance(turn.rule, Move) and turn.rule.name == rule:
                turn.at = self._now()

    def _look_aside(self) -> None:
        if back := self._aside.look():
            self._ears.event(Undone(back))

    def _now(self) -> datetime:
        return datetime.now(UTC).astimezone(self._zone)

    def _due(self) -> Turn | None:
        now = self._now()
        return next((t for t in self._turns if t.is_due(now) and self._is_seen(t)), None)

    def _is_seen(self, turn: Turn) -> bool:
        return all(map(self._watch.is_seen, turn.tiers))

    def _rest(self) -> float:
        """Until something is due."""
        now, wall = time.monotonic(), self._now()
        due = [
            (turn.at - wall).total_seconds()
            for turn in self._turns
            if turn.at and not turn.is_running and self._is_seen(turn)
        ]
        looks = (self._watch.next - now, self._known_at + self._pace.know - now)
        return max(0.0, min(*due, *looks, self._pace.tick))

    def _begin(self, turn: Turn) -> None:
        found = self._decided(turn)
        if isinstance(found, Wait):
            turn.waits = turn.waits or self._now()
            is_known = all(self._watch.usage(name).is_known for name in turn.tiers)
            turn.code = "" if is_known else "tier-unknown"
            turn.why, turn.at = found.why, next_after(turn.rule.schedule, self._now())
            if found.until is not None:
                turn.at = min(turn.at or found.until, found.until)
            return
        turn.waits = None
        self._watch.begin(*turn.tiers)
        turn.is_running, turn.at = True, None
        order = Order(
            turn.rule, found, self._watch.usage(turn.tiers[-1]), self._watch.full_in(turn.tiers[0])
        )
        self._hands.begin(order, lambda said: self._hear(turn, said))

    def _decided(self, turn: Turn) -> Go | Wait:
        match turn.rule:
            case Move() as rule:
                source, target = rule.source.tier, rule.target.tier
                usages = self._watch.usage(source), self._watch.usage(target)
                now, full_in = self._now(), self._watch.full_in(source)
                waited = (now - turn.waits).total_seconds() if turn.waits else 0.0
                idle = replace(self._watch.idle(source, target), waited=waited)
                return decide_move(rule, *usages, Moment(now, full_in, idle))
            case Cleanup() as rule:
                below = 0 if rule.over is None else self._senses.below(rule.place.path)
                usage = self._watch.usage(rule.place.tier)
                stale = usage.is_known and self._aside.has_stale_snapshot(rule.place.path)
                now = self._now()
                return decide_clean(rule, usage, below, now=now, has_stale_snapshot=stale)

    def _hear(self, turn: Turn, said: Said) -> None:
        if isinstance(said, Doing):
            turn.doing = said
            self._watch.look(time.monotonic())
            self._tell_clips()
            self._tell()
            return
        turn.is_running, turn.doing, self._note = False, None, ""
        if not isinstance(said, Unstarted):
            turn.patience = _AFTER_BUSY
        match said:
            case Moved():
                self._moved(turn, said)
            case Cleaned():
                self._cleaned(turn, said)
            case Unstarted(why):
                self._end(turn)
                self._note = why
                turn.at = self._now() + timedelta(seconds=turn.patience)
                turn.patience = min(_LONGEST, turn.patience * 2)
            case Unneeded(why):
                self._end(turn)
                turn.why = why
            case never:
                assert_never(never)
        # Meanwhile an app may have finished more.
        turn.at = turn.at or next_after(turn.rule.schedule, self._now())

    def _end(self, turn: Turn) -> None:
        for name in turn.tiers:
            self._watch.end(name, 0)

    def _moved(self, turn: Turn, result: Moved) -> None:
        is_sure = not (result.is_stopped or result.refused or result.recovered)
        source, target = turn.tiers
        self._watch.end(source, -result.bytes if is_sure else None)
        self._watch.end(target, result.bytes if is_sure and not result.kept else None)
        news = turn.news(result.left, result.refused)
        if result.names or news is None or news:
            self._ears.event(replace(result, news=news or ()))

    def _cleaned(self, turn: Turn, result: Cleaned) -> None:
        # A rename frees nothing.
        gone = sum(item.frees for item in result.purged)
        self._watch.end(turn.tiers[0], None if result.refused else -gone)
        news = turn.news(result.left, result.refused)
        if result.aside or result.purged or news is None or news:
            self._ears.event(replace(result, news=news or ()))

    def _tell(self) -> None:
        held = self._aside.held
        self._ears.status(
            Status(
                self._watch.now(),
                tuple(turn.next(self._kept) for turn in self._turns),
                next((turn.doing for turn in self._turns if turn.doing), None),
                len(held),
                sum(item.frees for item in held),
                min((item.held_until for item in held), default=0.0),
                sum(len(turn.told) for turn in self._turns),
                self._note or self._aside.note,
                self._senses.follower.clients(),
            )
        )
