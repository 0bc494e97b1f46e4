"""The steps of a move, in the order that loses nothing, and their commits."""

from collections.abc import Callable, Iterable
from typing import Final

from labkeeper.storage.batch import Batch, Run, Stopped, Work
from labkeeper.storage.copying import copy_all, discard
from labkeeper.storage.publishing import publish_all
from labkeeper.storage.reasons import Blocked, Left
from labkeeper.storage.renaming import is_clear, rename_all
from labkeeper.storage.retiring import retire_all
from labkeeper.storage.tally import Tally
from labkeeper.storage.verifying import verify_all
from labkeeper.store.units import State, Unit, Way
from labkeeper.values import dataclass


@dataclass(frozen=True, slots=True)
class Step:
    """`enters` is committed before `act` begins; a crash in `act` is recovered from there.

    With it goes what the step before found out of each copy, if it found out anything.
    """

    enters: State
    act: Callable[[Batch], None]
    is_wiser: bool = False


COPY: Final = (
    Step(State.COPYING, copy_all),
    Step(State.COPIED, verify_all, is_wiser=True),
    Step(State.VERIFIED, publish_all, is_wiser=True),
    Step(State.RETIRING, retire_all),
)
RENAME: Final = (Step(State.VERIFIED, rename_all),)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a batch."""

    done: Tally
    left: tuple[Left, ...]
    is_stopped: bool = False


def carry(run: Run, units: Iterable[Unit], steps: tuple[Step, ...] = COPY) -> Outcome:
    """Move units from their plan to the end."""
    renames: list[Work] = []
    copies: list[Work] = []
    for unit in units:
        can_rename = unit.way is Way.RENAME and is_clear(run, unit)
        (renames if can_rename else copies).append(Work(unit))
    first = go_on(Batch(run, renames), RENAME)
    if first.is_stopped:
        return first
    second = go_on(Batch(run, copies), steps)
    second.done.join(first.done)
    return Outcome(second.done, first.left + second.left, second.is_stopped)


def go_on(batch: Batch, steps: tuple[Step, ...], since: State = State.PLANNED) -> Outcome:
    """Do the steps from a state on, each after its commit."""
    journal = batch.run.journal
    reached = since
    try:
        for step in steps:
            if step.enters is State.RETIRING and since < State.PUBLISHED:
                _wait_for_client(batch)
            if step.enters < since or not batch.works:
                continue
            if step.is_wiser:
                journal.record(step.enters, (work.unit for work in batch.works))
            else:
                journal.enter(step.enters, (work.unit.id for work in batch.works))
            reached = step.enters
            step.act(batch)
    except Stopped:
        _put_off(batch, reached)
        return Outcome(Tally(), tuple(batch.left), is_stopped=True)
    finally:
        for work in batch.works:
            work.close()
        _release(batch.run)
    journal.enter(State.DONE, (work.unit.id for work in batch.works))
    return Outcome(Tally().count(work.unit for work in batch.works), tuple(batch.left))


def _wait_for_client(batch: Batch) -> None:
    """Leave as PUBLISHED what a torrent client has to go over to before its source goes."""
    waiting = [work for work in batch.works if work.unit.after.is_follow]
    if waiting:
        batch.run.journal.enter(State.PUBLISHED, (work.unit.id for work in waiting))
    batch.works = [work for work in batch.works if work not in waiting]
    for work in waiting:
        work.close()


def retire(run: Run, units: Iterable[Unit]) -> Outcome:
    """End units whose torrent client has gone over to the copy."""
    return go_on(
        Batch(run, [Work(unit, is_recovered=True) for unit in units]), COPY, State.RETIRING
    )


def _put_off(batch: Batch, reached: State) -> None:
    """Stop: a whole copy stays for the next run, an unfinished one goes."""
    stopped = Blocked("interrupted", "stopped before its turn ended")
    for work in list(batch.works):
        if reached is State.COPYING:
            batch.leave(work, stopped, discard)
        else:
            batch.put_off(work, stopped)


def _release(run: Run) -> None:
    for ground in run.grounds.values():
        ground.source.release()
        ground.target.release()
