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
from unittest import mock

from labkeeper.storage import origins
from tests.storage.faults import break_off, calls_of, cell
from tests.storage.scenes import SCENES, Scene
from tests.storage.syscalls import syscalls_of
from tests.storage.world import World

FAULTS: Final = ("KILL", "EIO", "ENOSPC", "EDQUOT", "EXDEV", "EROFS", "SHORT", "LIE")


class Cell(Protocol):
    """A command that is broken off in one way, and looked at."""

    @property
    def scene(self) -> Scene:
        """Say what is broken off."""

    @property
    def fault(self) -> str:
        """Name what happens."""

    def run(self, world: World) -> list[str]:
        """Return what went wrong; nothing may."""


@dataclass(frozen=True)
class Call:
    """One call from Python fails."""

    scene: Scene
    at: int
    fault: str

    def run(self, world: World) -> list[str]:
        """Run the cell."""
        return cell(self.scene, world, self.at, self.fault)


@dataclass(frozen=True)
class Twice:
    """A command is killed, and the run that comes to finish it fails as well."""

    scene: Scene
    first: int
    second: int
    fault: str

    def run(self, world: World) -> list[str]:
        """Run the cell."""
        before = self.scene.make(world)
        break_off(self.scene, world, self.first, "KILL")
        break_off(self.scene, world, self.second, self.fault)
        wrong = self.scene.lost(world, before)
        self.scene.act(world)
        wrong += self.scene.unsettled(world, before)
        where = f"{self.scene.name}, killed at {self.first}, then call {self.second} {self.fault}"
        return [f"{where}: {what}" for what in wrong]


def calls(world: World) -> list[Cell]:
    """Every call from Python, with everything that can go wrong there."""
    return [
        Call(scene, at, fault)
        for scene in SCENES
        for at in range(1, calls_of(scene, world) + 1)
        for fault in FAULTS
    ]


def twice(world: World) -> list[Cell]:
    """Every pair of a crash and a fault while it is recovered from."""
    found: list[Cell] = []
    for scene in SCENES:
        number = calls_of(scene, world)
        firsts, seconds = range(1, number + 1), range(1, number // 2)
        found += [Twice(scene, a, b, f) for a in firsts for b in seconds for f in FAULTS[:6]]
    return found


def syscalls(world: World) -> list[Cell]:
    """Every system call that touches a file, with everything that can go wrong there."""
    return [cell for scene in SCENES for cell in syscalls_of(scene, world)]


LAST: Final = "a second fault while recovering"  # there are more of these than anybody can run
KINDS: Final[dict[str, Callable[[World], list[Cell]]]] = {
    "calls from Python": calls,
    "system calls (strace)": syscalls,
    LAST: twice,
}


def sample(cells: Sequence[Cell], number: int) -> list[Cell]:
    """So many of them, the same ones each time; all where there are no more."""
    if len(cells) <= number:
        return list(cells)
    return random.Random(number).sample(cells, number)


def prepared() -> "mock._patch[Callable[..., bool]]":
    """All is on memory, where a cell takes 20 ms; one mount, told to copy all the same."""
    return mock.patch.object(origins, "_is_one_mount", lambda *_: False)


def _prepare() -> None:
    prepared().start()


def run_all(cells: Iterable[Cell]) -> Iterator[list[str]]:
    """Run cells on all processors, each with a world of its own."""
    folder = Path(tempfile.mkdtemp(prefix="labkeeper-cells-", dir="/dev/shm"))
    fork = multiprocessing.get_context("fork")
    try:
        with ProcessPoolExecutor(mp_context=fork, initializer=_prepare) as pool:
            yield from pool.map(_Run(folder), cells, chunksize=8)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@dataclass(frozen=True)
class _Run:
    folder: Path

    def __call__(self, cell: Cell) -> list[str]:
        return cell.run(World(self.folder / str(os.getpid())))
