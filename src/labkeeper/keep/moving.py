"""One look of a rule that moves: the engine of `labkeeper move`, and what became of it."""

import os
import time
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from labkeeper.keep.client import seeding_of
from labkeeper.keep.closing import Closing
from labkeeper.keep.deciding import Go
from labkeeper.keep.events import File, Moved, Refused
from labkeeper.keep.heeding import Heard, finished, heard
from labkeeper.keep.rules import Kept
from labkeeper.keep.usage import Usage
from labkeeper.plan import Move
from labkeeper.plan import Plan as LabPlan
from labkeeper.storage.moving import Report, Request, Talk, move
from labkeeper.storage.planning import Plan
from labkeeper.storage.reasons import Refusal
from labkeeper.storage.rechecking import moved
from labkeeper.store.journal import Journal
from labkeeper.store.log import By
from labkeeper.store.state import Broken
from labkeeper.store.units import State

_MOST_FILES: Final = 1000  # that one event names


@dataclass(frozen=True, slots=True)
class Manner:
    """How moves are done here."""

    state: Path
    # Each tier is a disk of its own, even where a rename would do.
    copies: bool = False
    limit: int | None = None


@dataclass(frozen=True, slots=True)
class Ask:
    """A move that is due, and what it is about."""

    plan: LabPlan
    kept: Kept
    rule: Move
    go: Go
    target: Usage


def run_move(ask: Ask, manner: Manner, talk: Talk) -> Moved:
    """Move what the rule asks for. The caller holds the lock of the state."""
    rule = ask.rule
    begun, clock = time.time(), time.monotonic()
    result = Moved(rule.name, ask.kept.shown(rule.source), ask.kept.shown(rule.target), ask.go.why)
    try:
        if not Path(rule.source.path).is_dir():
            return result  # nothing has arrived there yet
        journal = Journal.open(manner.state)
        try:
            said = heard(ask.plan, rule.host, (rule.source.path, rule.target.path), journal)
            request = _request(ask, manner, said)
            closing = Closing(talk, ask.go.ends)
            plan, report = move(request, journal, closing.talk())
            files = _files(journal, plan, report, (rule, begun))
        finally:
            journal.close()
    except Refusal as refusal:
        return replace(result, refused=Refused(refusal.code, refusal.message, refusal.help))
    except Broken as broken:
        why = f"the journal cannot be used: {broken}"
        return replace(result, refused=Refused("journal", why, "see that its disk has room"))
    except OSError as error:
        why = f"{error.filename or rule.source.path}: {(error.strerror or str(error)).lower()}"
        return replace(result, refused=Refused("io-error", why, "look at its disk, see `dmesg`"))
    changed = (rule.source.path, rule.target.path)
    told = said.tell(changed) if report.files else ()
    died = Refused(
        "worker", f"a worker process ended early ({report.died})", "it goes on by itself"
    )
    return replace(
        result,
        names=report.files,
        bytes=report.bytes,
        seconds=time.monotonic() - clock,
        verified=dict(report.verified),
        kept=report.kept,
        renamed=report.renamed,
        recovered=report.recovered,
        files=files,
        left=tuple(report.left),
        is_stopped=report.is_stopped,
        is_late=report.is_stopped and closing.is_over,
        told=told,
        refused=died if report.died else None,
    )


def _request(ask: Ask, manner: Manner, said: Heard) -> Request:
    rule = ask.rule
    # The share that is kept by itself is one of the whole disk, not of a folder that is counted.
    is_counted = ask.kept.is_counted(rule.target.tier)
    return Request(
        sources=(rule.source.path.rstrip("/") + "/",),
        destination=rule.target.path,
        state=manner.state,
        reserve=ask.target.keep_free if is_counted else ask.target.keep_free or None,
        limit=min(filter(None, (manner.limit, rule.limit)), default=None),
        seeding=seeding_of(ask.plan, rule),
        copies=manner.copies,
        room=ask.target.free if is_counted else None,
        older_than=ask.go.older_than,
        finished=finished(ask.plan, rule) if ask.go.is_for_finished else None,
        withheld=said.withheld,
        by=By(rule.name, ask.go.why),
    )


def _files(
    journal: Journal, plan: Plan, report: Report, what: tuple[Move, float]
) -> tuple[File, ...]:  # fmt: skip
    """Every file that went by this rule, as the journal has it."""
    rule, begun = what
    pairs = {pair.id: pair for pair in journal.pairs()}
    found = [
        File(
            os.path.join(pairs[name.pair].source, name.source),
            os.path.join(pairs[name.pair].target, name.target),
            unit.facts.size,
            unit.evidence,
        )
        for batch in plan.batches
        for unit in journal.units(batch.first, batch.last)
        if unit.state is State.DONE
        for name in unit.names
    ]
    if report.recovered:
        known = {file.target for file in found}
        # Another rule may move at the same time, on other disks.
        target = os.path.realpath(os.fsencode(rule.target.path))
        found += [
            File(b"", each.path, each.unit.facts.size, each.unit.evidence)
            for each in moved(journal, (target,), begun)
            if each.path not in known
        ]
    return tuple(found[:_MOST_FILES])
