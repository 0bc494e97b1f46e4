"""Every fault cell there is, a sample of them, and all of a sample on all processors."""

import multiprocessing
import os
import random
import shutil
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Protocol

from labkeeper.storage import origins
from tests.storage.faults import (
    World,
    break_off,
    calls_of_a_move,
    cell,
    content,
    lost_or_torn,
    not_converged,
)
from tests.storage.syscalls import syscalls_of_a_move

FAULTS: Final = ("KILL", "EIO", "ENOSPC", "EDQUOT", "EXDEV", "EROFS", "SHORT", "LIE")


class Cell(Protocol):
    """A move that is broken off in one way, and looked at."""

    @property
    def fault(self) -> str:
        """Name what happens."""

    def run(self, world: World) -> list[str]:
        """Return what went wrong; nothing may."""


@dataclass(frozen=True)
class Call:
    """One call from Python fails."""

    at: int
    fault: str

    def run(self, world: World) -> list[str]:
        """Run the cell."""
        return cell(world, self.at, self.fault)


@dataclass(frozen=True)
class Twice:
    """A move is killed, and the run that comes to finish it fails as well."""

    first: int
    second: int
    fault: str

    def run(self, world: World) -> list[str]:
        """Run the cell."""
        world.make()
        before = content(world.hot)
        break_off(world, self.first, "KILL")
        break_off(world, self.second, self.fault)
        faults = lost_or_torn(before, world)
        world.move()
        faults += not_converged(before, world)
        where = f"killed at {self.first}, then call {self.second} {self.fault}"
        return [f"{where}: {what}" for what in faults]


def calls(world: World) -> list[Cell]:
    """Every call from Python, with everything that can go wrong there."""
    number = calls_of_a_move(world)
    return [Call(at, fault) for at in range(1, number + 1) for fault in FAULTS]


def twice(world: World) -> list[Cell]:
    """Every pair of a crash and a fault while it is recovered from."""
    number = calls_of_a_move(world)
    firsts = range(1, number + 1)
    seconds = range(1, number // 2)
    return [Twice(a, b, fault) for a in firsts for b in seconds for fault in FAULTS[:6]]


def syscalls(world: World) -> list[Cell]:
    """Every system call that touches a file, with everything that can go wrong there."""
    return list(syscalls_of_a_move(world))


KINDS: Final[dict[str, Callable[[World], list[Cell]]]] = {
    "call from Python": calls,
    "fault while recovering": twice,
    "system call (strace)": syscalls,
}


def sample(cells: Sequence[Cell], number: int) -> list[Cell]:
    """So many of them, the same ones each time; all where there are no more."""
    if len(cells) <= number:
        return list(cells)
    return random.Random(number).sample(cells, number)


def prepare() -> None:
    """All is on memory, where a cell takes 20 ms; one mount, told to copy all the same."""
    vars(origins)["_is_one_mount"] = lambda *_: False


def run_all(cells: Iterable[Cell]) -> Iterator[list[str]]:
    """Run cells on all processors, each with a world of its own."""
    folder = Path(tempfile.mkdtemp(prefix="labkeeper-cells-", dir="/dev/shm"))
    fork = multiprocessing.get_context("fork")
    try:
        with ProcessPoolExecutor(mp_context=fork, initializer=prepare) as pool:
            yield from pool.map(_Run(folder), cells, chunksize=8)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@dataclass(frozen=True)
class _Run:
    folder: Path

    def __call__(self, cell: Cell) -> list[str]:
        return cell.run(World(self.folder / str(os.getpid())))
