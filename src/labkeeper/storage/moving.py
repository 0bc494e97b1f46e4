"""A whole move: look, recover, plan, carry, finish the folders, report."""

import os
from collections.abc import Callable, Sequence
from dataclasses import field, replace
from pathlib import Path
from typing import Final

from labkeeper.host import descriptors, filesystems
from labkeeper.storage import alias, folders, origins, way_back
from labkeeper.storage.batch import Ground
from labkeeper.storage.claims import Claims
from labkeeper.storage.crew import (
    Crew,
    Died,
    Hands,
    Job,
    Message,
    Passed,
    Recover,
    Retire,
    Silence,
    Task,
)
from labkeeper.storage.due import Due
from labkeeper.storage.following import follow
from labkeeper.storage.pipeline import Outcome
from labkeeper.storage.places import check_answers, check_room
from labkeeper.storage.planning import Origin, Plan, Planner, files_of_a_batch
from labkeeper.storage.reasons import Left, Refusal, noted
from labkeeper.storage.seeding import Seeding, ask
from labkeeper.storage.tally import Tally
from labkeeper.storage.withheld import Withheld
from labkeeper.store.journal import Journal
from labkeeper.store.log import Back, By, Deed, Ending, Log, What
from labkeeper.store.units import State, Unit
from labkeeper.values import dataclass

WORKERS: Final = 4
_ASK_EVERY: Final = 5  # seconds of silence


@dataclass(frozen=True, slots=True)
class Request:
    """What the user asked for."""

    sources: tuple[str, ...]
    destination: str
    state: Path
    reserve: int | None = None
    limit: int | None = None
    is_dry_run: bool = False
    keep_source: bool = False
    afresh: bool = False
    is_new_destination: bool = False
    workers: int = WORKERS
    seeding: Seeding | None = None
    copies: bool = False  # never a rename: each side is counted as a disk of its own
    room: int | None = None  # bytes that DST may still take, where it is a folder that is counted
    older_than: float | None = None  # seconds since somebody wrote to a file
    finished: frozenset[bytes] | None = None  # only what is below these, or older than that
    withheld: Withheld = Withheld()
    by: By = By()


@dataclass
class Report(Tally):
    """What became of a move."""

    recovered: int = 0
    left: list[Left] = field(default_factory=list)
    is_stopped: bool = False
    died: str = ""  # why a worker ended early

    def add(self, outcome: Outcome) -> None:
        """Count what became of a batch."""
        self.join(outcome.done)
        self.left.extend(outcome.left)
        self.is_stopped = self.is_stopped or outcome.is_stopped


@dataclass(frozen=True, slots=True)
class Talk:
    """Whom to tell what happens."""

    recovering: Callable[[int], None]
    planned: Callable[[Plan], None]
    passed: Callable[[int], None]
    outcome: Callable[[Report], None]
    silence: Callable[[float], None]
    stopper: Callable[[Callable[[], None]], None]


def move(
    request: Request, journal: Journal, talk: Talk, crew_of: Callable[[Task, int], Hands] = Crew
) -> tuple[Plan, Report]:
    """Move everything that can be moved, and say why the rest was left."""
    descriptors.most()  # each source is held open, and workers take the limit over
    manner = origins.Manner(not request.is_dry_run, request.keep_source, request.copies)
    grounds = origins.read(request.sources, request.destination, journal, manner)
    try:
        _check_filesystem(request, grounds, journal)
        if request.is_dry_run:
            report = Report()
            return _plan(request, journal, grounds, report, _claims(request, journal)), report
        return _move(request, journal, grounds, (talk, crew_of))
    finally:
        for tree in {
            id(t): t for o in grounds for t in (o.ground.source, o.ground.target)
        }.values():
            tree.close()


def _move(
    request: Request,
    journal: Journal,
    grounds: list[Origin],
    through: tuple[Talk, Callable[[Task, int], Hands]],
) -> tuple[Plan, Report]:
    talk, crew_of = through
    report = Report()
    alias.check(grounds, journal.tag, keep_source=request.keep_source)
    claims = _claims(request, journal)
    task = _task(request, grounds)
    # A limit is kept by one worker: half of it each would be half of it for a lone large file.
    workers = 1 if request.limit else request.workers
    with crew_of(task, workers) as crew:
        talk.stopper(crew.stop)
        talk = replace(talk, silence=watch([o.ground for o in grounds], talk.silence))
        _recover(request, (crew, task), journal, (report, talk))
        plan = _plan(request, journal, grounds, report, claims)
        talk.planned(plan)
        with _deed(request, What.MOVE) as deed:
            if plan.batches:
                deed.begin(plan.files, plan.bytes)
            before = (report.files, report.bytes)
            _listen((crew, journal), plan.batches, report, talk)
            _follow(request, (crew, task), journal, (report, talk, deed))
            batches = ((batch.first, batch.last) for batch in plan.batches)
            _end(deed, before, report, way_back.of_move(journal, batches, request.state))
    is_end = not report.is_stopped and not report.died
    keep_source = request.keep_source
    report.left += folders.finish(journal, grounds, keep_source=keep_source, is_end=is_end)
    return plan, report


def _recover(
    request: Request, through: tuple[Hands, Task], journal: Journal, out: tuple[Report, Talk]
) -> None:
    """See to what an earlier move left half done."""
    (crew, task), (report, talk) = through, out
    half = [unit for unit in _unfinished(journal, task) if not unit.after.is_follow]
    report.recovered = len(half)
    if not half:
        return
    talk.recovering(report.recovered)
    with _deed(request, What.RECOVER) as deed:
        deed.begin(sum(len(unit.names) for unit in half), sum(unit.facts.size for unit in half))
        _listen((crew, journal), [Recover(request.afresh)], report, talk)
        why_not = "nothing was lost: what was copied whole is where it was going, the rest here"
        _end(deed, (0, 0), report, Back(why_not=why_not))


def _deed(request: Request, what: What) -> Deed:
    place = f"{', '.join(request.sources)} to {request.destination}"
    return Log(request.state).deed(what, request.by, os.fsencode(place))


def _end(deed: Deed, before: tuple[int, int], report: Report, back: Back) -> None:
    is_cut = report.is_stopped or bool(report.died)
    ending = Ending.STOPPED if is_cut else Ending.PART if report.left else Ending.DONE
    size = (report.files - before[0], report.bytes - before[1])
    deed.end(ending, size, back, report.died or noted(report.left))


def _claims(request: Request, journal: Journal) -> Claims | None:
    return None if request.seeding is None else ask(request.seeding, journal)


def _unfinished(journal: Journal, task: Task) -> list[Unit]:
    return [unit for pair in task.pairs for unit in journal.unfinished(pair)]


def _follow(
    request: Request, through: tuple[Hands, Task], journal: Journal, out: tuple[Report, Talk, Deed]
) -> None:
    """Have torrent clients go over to what was copied for them, and end those units."""
    (crew, task), (report, talk, deed) = through, out
    if report.is_stopped or report.died:
        return
    waiting = [
        unit
        for unit in _unfinished(journal, task)
        if unit.after.is_follow and unit.state is State.PUBLISHED
    ]
    followed = follow(request.seeding, waiting, {pair.id: pair for pair in task.pairs})
    report.left += followed.left
    if followed.ready:
        deed.begin(sum(len(u.names) for u in followed.ready), 0)
        _listen((crew, journal), [Retire(tuple(followed.ready))], report, talk)


def _task(request: Request, grounds: list[Origin]) -> Task:
    pairs = tuple({origin.pair.id: origin.pair for origin in grounds}.values())
    return Task(
        request.state,
        pairs,
        filesystems.of(grounds[0].ground.target.root),
        request.keep_source,
        request.limit,
    )


def _plan(
    request: Request,
    journal: Journal,
    grounds: list[Origin],
    report: Report,
    claims: Claims | None,
) -> Plan:
    filesystem = filesystems.of(grounds[0].ground.target.root)
    if request.room is not None:
        filesystem = replace(filesystem, free=min(filesystem.free, request.room))
    journal.forget_planned([origin.pair for origin in grounds])
    due = Due.of(request.older_than, request.finished)
    most = files_of_a_batch(descriptors.most(), len(grounds) + 1)
    planner = Planner(journal, filesystem.longest_name, claims, due, most)
    planner.withheld = request.withheld
    for origin in grounds:
        planner.add(origin)
        origin.ground.source.release()  # or each worker would inherit what is open
    plan = planner.finish()
    grounds[0].ground.target.release()
    report.left.extend(plan.left)
    reserve = filesystem.size // 100 if request.reserve is None else request.reserve
    check_room(request.destination, filesystem, plan.booked, plan.booked_files, reserve)
    return plan


def watch(grounds: list[Ground], tell: Callable[[float], None]) -> Callable[[float], None]:
    """When nobody has said anything for a second, ask every folder whether it still answers."""
    # One path of each: asked one after the other, a hundred sources of one disk take minutes.
    trees = (tree for ground in grounds for tree in (ground.source, ground.target))
    paths = {os.fstat(tree.root).st_dev: tree.path for tree in trees}

    def silence(seconds: float) -> None:
        tell(seconds)
        if seconds % _ASK_EVERY == 1:
            for path in paths.values():
                check_answers(path)

    return silence


def _listen(
    through: tuple[Hands, Journal], jobs: Sequence[Job], report: Report, talk: Talk
) -> None:
    crew, journal = through
    with journal.apart():
        crew.ready(jobs)
    for message in crew.work(jobs):
        _hear(message, report, talk)


def _hear(message: Message, report: Report, talk: Talk) -> None:
    match message:
        case Passed(count):
            talk.passed(count)
        case Silence(seconds):
            talk.silence(seconds)
        case Died(why):
            report.died = why
        case Outcome():
            report.add(message)
            talk.outcome(report)


def _check_filesystem(request: Request, grounds: list[Origin], journal: Journal) -> None:
    """A destination that was on another file system before is not mounted, or the wrong disk."""
    target = grounds[0].pair.target
    filesystem = filesystems.of(grounds[0].ground.target.root)
    now = filesystem.identity
    known = {p.filesystem for p in journal.pairs() if p.target == target} - {now}
    if request.is_new_destination or known == {filesystem.former}:
        journal.now_on(target, now)
    elif known:
        raise Refusal(
            "other-filesystem",
            f"{request.destination} was on file system {min(known)} before, and is on {now} now",
            "mount the disk that belongs there, or say --new-destination if this one is meant",
        )
