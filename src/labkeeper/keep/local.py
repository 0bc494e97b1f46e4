"""Hands of the process itself: what `labkeeper up` acts with, from a terminal."""

import time
from dataclasses import replace
from pathlib import Path
from typing import Final

from labkeeper.keep.apart import disks_of
from labkeeper.keep.cameras import Cameras
from labkeeper.keep.cleaning import Care, run_clean
from labkeeper.keep.events import Cleaned, Moved
from labkeeper.keep.follower import Follower
from labkeeper.keep.hands import Hear, Order, Unstarted
from labkeeper.keep.heeding import care_for
from labkeeper.keep.knowing import Knowledge, measured
from labkeeper.keep.measuring import bytes_below
from labkeeper.keep.moving import Ask, Manner, run_move
from labkeeper.keep.remembering import Memory
from labkeeper.keep.rules import Kept
from labkeeper.keep.senses import Senses
from labkeeper.keep.status import Doing
from labkeeper.keep.stopping import Stop
from labkeeper.keep.watching import Watch
from labkeeper.plan import Cleanup, Move, Plan
from labkeeper.storage.moving import Report, Talk
from labkeeper.storage.planning import Plan as MovePlan
from labkeeper.store import state as states
from labkeeper.store.journal import Journal

_TOLD_EVERY: Final = 0.2


def senses_here(plan: Plan, kept: Kept, state: Path) -> Senses:
    """Senses of a process that may look at everything itself."""
    knowledge = Knowledge(state, [tier.path for tier in kept.tiers])
    below = measured(knowledge, bytes_below)
    memory = Memory.open(state)
    watch = Watch(kept, below, memory)
    follower, cameras = Follower(plan, kept), Cameras(plan, kept, state)
    return Senses(
        kept, state, watch, follower, below, knowledge.look,
        (cameras.close, follower.close, knowledge.close, memory.close), clipped=cameras.news,
    )  # fmt: skip


class Local:
    """Acts at once, and returns when it is done."""

    def __init__(self, plan: Plan, kept: Kept, manner: Manner, stop: Stop) -> None:
        self._plan = plan
        self._kept = kept
        self._manner = manner
        self._stop = stop

    def begin(self, order: Order, hear: Hear) -> None:
        """Do it."""
        try:
            self._manner.state.mkdir(mode=0o700, parents=True, exist_ok=True)
            disks = disks_of(order.rule, self._kept)
            with states.lock(self._manner.state, disks):
                done = self._done(order, hear)
        except states.Busy as busy:
            why = f"another labkeeper is at work (process {busy.holder}); waiting for it"
            hear(Unstarted(why))
            return
        hear(done)

    def wait(self, seconds: float) -> None:
        """Nothing goes on meanwhile."""
        time.sleep(seconds)

    def end(self) -> None:
        """Nothing is under way."""

    def _done(self, order: Order, hear: Hear) -> Moved | Cleaned:
        match order.rule:
            case Move() as rule:
                ask = Ask(self._plan, self._kept, rule, order.go, order.target)
                shown = self._kept.shown(rule.source), self._kept.shown(rule.target)
                telling = _Telling(hear, Doing(rule.name, *shown), self._stop)
                try:
                    return run_move(ask, self._manner, telling.talk())
                finally:
                    self._stop.forget()
            case Cleanup() as rule:
                place, state = self._kept.shown(rule.place), self._manner.state
                return run_clean(rule, place, order.go, state, lambda: self._care(rule))

    def _care(self, rule: Cleanup) -> Care:
        journal = Journal.open(self._manner.state)
        try:
            return care_for(rule, self._plan, self._kept, journal)
        finally:
            journal.close()


class _Telling:
    """From what a move says to how far it is."""

    def __init__(self, hear: Hear, doing: Doing, stop: Stop) -> None:
        self._hear = hear
        self._doing = doing
        self._stop = stop
        self._since = time.monotonic()
        self._told = 0.0

    def talk(self) -> Talk:
        """What the engine tells it."""
        return Talk(
            lambda _: None, self._planned, self._passed, self._outcome, self._silence,
            self._stop.by,
        )  # fmt: skip

    def _planned(self, plan: MovePlan) -> None:
        self._since = time.monotonic()
        self._set(names=plan.files, bytes=plan.bytes, expected=2 * plan.booked)

    def _passed(self, count: int) -> None:
        passed = self._doing.passed + count
        rate = passed / max(0.1, time.monotonic() - self._since)
        self._doing = replace(self._doing, passed=passed, rate=rate, silent=0.0)
        if time.monotonic() - self._told > _TOLD_EVERY:
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
        self._hear(self._doing)
