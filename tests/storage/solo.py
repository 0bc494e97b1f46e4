"""A crew of this process alone, so that a test can stand in front of each of its calls."""

import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Self

from labkeeper.host import leases
from labkeeper.storage.batch import Run
from labkeeper.storage.crew import (
    Crew,
    Job,
    Message,
    Recover,
    Retire,
    Task,
    open_run,
)
from labkeeper.storage.moving import Report, Request, Talk, move
from labkeeper.storage.passing import Passing
from labkeeper.storage.pipeline import COPY, Step, carry, retire
from labkeeper.storage.planning import Carry, Plan
from labkeeper.storage.recovery import recover
from labkeeper.storage.ring import Ring
from labkeeper.store.journal import Journal


class Solo:
    """Does every job here, with the product's steps or a variant of them."""

    def __init__(self, task: Task, steps: tuple[Step, ...], *, is_patient: bool) -> None:
        self._task = task
        self._steps = steps
        self._is_patient = is_patient

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def stop(self) -> None:
        pass

    def ready(self, jobs: Sequence[Job]) -> None:
        pass

    def work(self, jobs: Sequence[Job]) -> Iterator[Message]:
        leases.quiet()
        with Ring(depth=2) as ring:
            run = open_run(self._task, ring, Passing(lambda _: None, None))
            if not self._is_patient:
                run = replace(run, sleep=lambda _: None)
            for job in jobs:
                match job:
                    case Carry(first, last):
                        yield carry(run, run.journal.units(first, last), self._steps)
                    case Recover(afresh):
                        for pair in self._task.pairs:
                            units = run.journal.unfinished(pair)
                            yield from recover(run, units, afresh=afresh, steps=self._steps)
                    case Retire(units):
                        yield retire(run, units)
            _close(run)


def _close(run: Run) -> None:
    """Close what `open_run` opened."""
    trees = {id(tree): tree for g in run.grounds.values() for tree in (g.source, g.target)}
    for tree in trees.values():
        tree.close()
    run.journal.close()


def _nothing(*_: object) -> None:
    pass


SILENT = Talk(_nothing, _nothing, _nothing, _nothing, _nothing, _nothing)


def move_here(
    state: Path,
    *paths: object,
    steps: tuple[Step, ...] = COPY,
    journal: Callable[[Path], Journal] = Journal.open,
    is_patient: bool = True,
    **options: object,
) -> tuple[Plan, Report]:
    """Move within this process."""
    *sources, destination = (os.fspath(p) if isinstance(p, Path) else str(p) for p in paths)
    request = Request(tuple(sources), destination, state, **options)  # type: ignore[arg-type]
    opened = journal(state)
    try:
        return move(
            request, opened, SILENT, lambda task, _: Solo(task, steps, is_patient=is_patient)
        )
    finally:
        opened.close()


def crew_moves(state: Path, hot: Path, cold: Path, **options: object) -> Report:
    """Move with worker processes, as the command line does."""
    journal = Journal.open(state)
    try:
        request = Request((f"{hot}/",), str(cold), state, **options)  # type: ignore[arg-type]
        return move(request, journal, SILENT, Crew)[1]
    finally:
        journal.close()
