"""The processes that carry batches, and what they say on the way.

Python's lock makes one process the limit for small files. The process that talks to the user
touches no disk meanwhile, so that it can say when a disk does not answer.
"""

import os
import signal
import traceback
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import suppress
from multiprocessing.connection import Connection, Pipe, wait
from pathlib import Path
from typing import Final, Protocol, Self

from labkeeper.host import leases
from labkeeper.host.filesystems import Filesystem
from labkeeper.storage.batch import Ground, Run
from labkeeper.storage.passing import Passing
from labkeeper.storage.pipeline import Outcome, carry, retire
from labkeeper.storage.planning import Carry
from labkeeper.storage.recovery import recover
from labkeeper.storage.ring import Ring
from labkeeper.storage.tally import Tally
from labkeeper.storage.tree import Tree
from labkeeper.store.journal import Journal
from labkeeper.store.state import Broken
from labkeeper.store.units import Pair, Unit
from labkeeper.values import dataclass


@dataclass(frozen=True, slots=True)
class Task:
    """What a worker needs to open for itself."""

    state: Path
    pairs: tuple[Pair, ...]
    filesystem: Filesystem
    keep_source: bool = False
    limit: int | None = None  # bytes a second that a worker reads


@dataclass(frozen=True, slots=True)
class Recover:
    """See to what a crash left under way."""

    afresh: bool


@dataclass(frozen=True, slots=True)
class Retire:
    """Remove the sources of units that a torrent client does not need any more."""

    units: tuple[Unit, ...]


@dataclass(frozen=True, slots=True)
class Passed:
    """Bytes that were copied or read back."""

    count: int


@dataclass(frozen=True, slots=True)
class Silence:
    """Nobody said anything for a while."""

    seconds: float


@dataclass(frozen=True, slots=True)
class Died:
    """A worker ended in the middle of its job."""

    why: str


Job = Carry | Recover | Retire
Message = Passed | Outcome | Silence | Died
# Ctrl-C, a service that is stopped, a terminal that closes: each ends a move at a safe place.
ENDINGS: Final = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
PATIENCE: Final = 1.0  # seconds after which a silence is told


def open_run(task: Task, ring: Ring, passing: Passing) -> Run:
    """Open everything that one process needs for a move."""
    targets: dict[bytes, Tree] = {}
    grounds = {}
    for pair in task.pairs:
        if pair.target not in targets:
            targets[pair.target] = Tree(pair.target)
        grounds[pair.id] = Ground(Tree(pair.source), targets[pair.target])
    journal = Journal.open(task.state)
    return Run(journal, grounds, task.filesystem, ring, passing, task.keep_source)


def do(run: Run, task: Task, job: Job) -> list[Outcome]:
    """Do one job in this process."""
    match job:
        case Carry(first, last):
            return [carry(run, run.journal.units(first, last))]
        case Recover(afresh):
            units = [unit for pair in task.pairs for unit in run.journal.unfinished(pair)]
            return recover(run, units, afresh=afresh)
        case Retire(ready):
            return [retire(run, ready)]


class Hands(Protocol):
    """Whoever does the jobs."""

    def __enter__(self) -> Self:
        """Begin."""

    def __exit__(self, *_: object) -> None:
        """End."""

    def stop(self) -> None:
        """End at the next piece."""

    def ready(self, jobs: Sequence[Job]) -> None:
        """Have whoever is to do these jobs."""

    def work(self, jobs: Sequence[Job]) -> Iterator[Message]:
        """Do the jobs, and tell of each."""


class _Waiting:
    """Jobs that nobody has yet."""

    def __init__(self, jobs: Sequence[Job]) -> None:
        self._large: deque[Job] = deque()
        self._others: deque[Job] = deque()
        for job in jobs:
            is_large = isinstance(job, Carry) and job.is_large
            (self._large if is_large else self._others).append(job)

    def __bool__(self) -> bool:
        return bool(self._large or self._others)

    def hands(self, size: int) -> int:
        """Return how many workers of `size` are of use."""
        return min(size, len(self._others) + min(_strong(size), len(self._large)))

    def next(self, *, is_strong: bool) -> Job | None:
        """Return what a worker should do now; None where nothing is for it."""
        if is_strong and self._large:
            return self._large.popleft()
        return self._others.popleft() if self._others else None


def _strong(size: int) -> int:
    """Return how many of the workers carry large files too.

    Each of those fills a ring of buffers, and two keep a disk busy; small files wait for the disk
    one by one, and four processes for them were 1.7 times as fast as two on two cores.
    """
    return max(1, size // 2)


class Crew:
    """Worker processes, started when there is a job for them."""

    def __init__(self, task: Task, size: int) -> None:
        self._task = task
        self._size = size
        self._workers: dict[Connection, int] = {}  # with its process
        self._is_stopped = False

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *raised: object) -> None:
        is_end = raised[0] is None
        for pipe, process in self._workers.items():
            pipe.close()
            if not is_end:
                # One that hangs in the kernel ends when it comes back; nobody waits for it.
                with suppress(ProcessLookupError):
                    os.kill(process, signal.SIGKILL)
            with suppress(ChildProcessError):
                os.waitpid(process, 0 if is_end else os.WNOHANG)

    def stop(self) -> None:
        """Give out no more jobs, and have the running ones end at the next piece."""
        self._is_stopped = True
        for process in self._workers.values():
            with suppress(ProcessLookupError):
                os.kill(process, signal.SIGINT)

    def ready(self, jobs: Sequence[Job]) -> None:
        """Start as many workers as these jobs have use for."""
        wanted = _Waiting(jobs).hands(self._size)
        while not self._is_stopped and len(self._workers) < wanted:
            self._start()

    def work(self, jobs: Sequence[Job]) -> Iterator[Message]:
        """Give out jobs; yield what the workers say until all are done."""
        waiting = _Waiting(jobs)
        busy: set[Connection] = set()
        silent = 0.0
        idle = list(self._workers)
        strong = set(idle[: _strong(self._size)])
        while busy or (waiting and not self._is_stopped):
            for pipe in list(idle):
                job = None if self._is_stopped else waiting.next(is_strong=pipe in strong)
                if job is not None:
                    pipe.send(job)
                    idle.remove(pipe)
                    busy.add(pipe)
            ready = wait(list(busy), PATIENCE)
            silent = 0.0 if ready else silent + PATIENCE
            if silent:
                yield Silence(silent)
            for pipe in [pipe for pipe in busy if pipe in ready]:
                yield from self._hear(pipe, busy, idle)
        if waiting:
            yield Outcome(Tally(), (), is_stopped=True)

    def _hear(
        self, pipe: Connection, busy: set[Connection], idle: list[Connection]
    ) -> Iterator[Message]:
        try:
            said: Passed | Died | list[Outcome] = pipe.recv()
        except EOFError:
            busy.discard(pipe)
            with suppress(ChildProcessError):
                os.waitpid(self._workers.pop(pipe), 0)
            self._is_stopped = True
            yield Died("it was ended from outside")
            return
        if isinstance(said, Died):
            busy.discard(pipe)
            self._is_stopped = True
            yield said
            return
        if isinstance(said, Passed):
            yield said
            return
        busy.discard(pipe)
        idle.append(pipe)
        yield from said

    def _start(self) -> None:
        """Fork a worker. Not by `multiprocessing`, which waits at its end for one that hangs."""
        ours, theirs = Pipe()
        inherited = [ours, *self._workers]
        process = os.fork()
        if process == 0:
            try:
                _serve(self._task, theirs, inherited)
            except Exception:
                traceback.print_exc()
            finally:
                os._exit(0)
        theirs.close()
        self._workers[ours] = process


def _serve(task: Task, pipe: Connection, inherited: list[Connection]) -> None:
    # A worker that held the others' pipes open would keep them from seeing our end.
    for other in inherited:
        other.close()
    passing = Passing(lambda count: pipe.send(Passed(count)), task.limit)
    for number in ENDINGS:
        if number == signal.SIGINT or signal.getsignal(number) != signal.SIG_IGN:
            signal.signal(number, passing.stop)
    leases.quiet()
    os.umask(0)  # a copy without a name is opened with the mode that it shall have
    with Ring() as ring, suppress(EOFError, ConnectionError):
        try:
            run = open_run(task, ring, passing)
            while True:
                outcomes = do(run, task, pipe.recv())
                passing.flush()
                pipe.send(outcomes)
        except Broken as broken:
            # Without its journal a worker must not touch one more file.
            pipe.send(Died(f"the journal cannot be used: {broken}"))
        except OSError as error:
            if not isinstance(error, ConnectionError):
                pipe.send(Died(os.strerror(error.errno or 0).lower()))
