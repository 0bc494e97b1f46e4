"""After a crash: look at a few paths, then finish a unit or take back what it left."""

import os
from contextlib import suppress
from typing import Final, assert_never

from labkeeper.storage.batch import Batch, Run, Work
from labkeeper.storage.pipeline import COPY, RENAME, Outcome, Step, go_on
from labkeeper.storage.publishing import is_copy
from labkeeper.storage.reasons import Blocked, blocked_by
from labkeeper.storage.source import facts_of
from labkeeper.storage.stage import Stage, identify, part_name
from labkeeper.storage.tally import Tally
from labkeeper.store.units import Kind, State, Unit, Way

_FLAGS: Final = os.O_RDWR | os.O_NOFOLLOW | os.O_NOATIME | os.O_CLOEXEC


def recover(
    run: Run, units: list[Unit], *, afresh: bool = False, steps: tuple[Step, ...] = COPY
) -> list[Outcome]:
    """Bring every unit that a crash left under way to an end, or back to its beginning."""
    outcomes = []
    for unit in units:
        if unit.state is State.PUBLISHED and unit.after.is_follow:
            continue  # whole on both sides: its torrent client is asked before its source goes
        work = Work(unit, is_recovered=True)
        batch = Batch(run, [work])
        try:
            since = _where(run, work, afresh=afresh)
        except OSError as error:
            batch.put_off(work, blocked_by(error, "looking at what a crash left"))
            outcomes.append(Outcome(Tally(), tuple(batch.left)))
            continue
        if since is None:
            _start_over(batch, work)
            outcomes.append(Outcome(Tally(), tuple(batch.left)))
        else:
            way = RENAME if unit.way is Way.RENAME else steps
            outcomes.append(go_on(batch, way, since))
    return outcomes


def _where(run: Run, work: Work, *, afresh: bool) -> State | None:
    """Return the state to go on from; None where it starts over."""
    unit = work.unit
    match unit.state:
        case State.RETIRING | State.PUBLISHED:
            return State.RETIRING
        case State.VERIFIED if unit.way is Way.RENAME:
            return State.VERIFIED
        case State.COPIED | State.VERIFIED if unit.way is Way.COPY:
            if any(is_copy(run, unit, name) for name in unit.names):
                return State.VERIFIED
            is_whole = not afresh and _source_is_same(run, unit) and _attach(run, work)
            return unit.state if is_whole else None
        case State.COPIED | State.VERIFIED:
            return None
        case State.PLANNED | State.COPYING | State.DONE | State.BLOCKED:
            return None
        case never:
            assert_never(never)


def _attach(run: Run, work: Work) -> bool:
    """Open the temporary again; False where it is gone, as a nameless one is."""
    unit = work.unit
    head = unit.names[0].target.rpartition(b"/")[0]
    name = part_name(run.journal.tag, unit)
    try:
        folder = run.target(unit.names[0]).folder(head)
        if identify(folder, name) != unit.copy:
            return False
        file = -1 if unit.kind is Kind.SYMLINK else os.open(name, _FLAGS, dir_fd=folder)
    except FileNotFoundError:
        return False
    work.stage = Stage(file, head, name, is_ours=True)
    return True


def _source_is_same(run: Run, unit: Unit) -> bool:
    for name in unit.names:
        look = run.source(name).look(name.source)
        if look is None or facts_of(look).inode != unit.facts.inode:
            return False
        if (look.st_size, look.st_mtime_ns) != (unit.facts.size, unit.facts.mtime_ns):
            return False
        if look.st_ctime_ns != unit.facts.ctime_ns:
            return False
    return True


def _start_over(batch: Batch, work: Work) -> None:
    """Remove the temporary and forget the row: the scan plans the unit anew."""
    run, unit = batch.run, work.unit
    head = unit.names[0].target.rpartition(b"/")[0]
    name = part_name(run.journal.tag, unit)
    target = run.target(unit.names[0])
    try:
        if target.look(name if not head else head + b"/" + name) is not None:
            if not _has_a_source(run, unit):
                shown = os.path.join(target.path, head, name).decode(errors="backslashreplace")
                blocked = Blocked(
                    "vanished", f"its source is gone; a part of it is kept as {shown}"
                )
                batch.put_off(work, blocked)
                return
            with suppress(FileNotFoundError):
                os.unlink(name, dir_fd=target.folder(head))
    except OSError as error:
        why = f"clearing up after a crash failed: {os.strerror(error.errno or 0)}"
        batch.put_off(work, Blocked("io-error", why))
        return
    run.journal.forget([unit.id])


def _has_a_source(run: Run, unit: Unit) -> bool:
    return any(run.source(name).look(name.source) is not None for name in unit.names)
