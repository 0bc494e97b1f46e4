"""Movers and cleaners with one step made wrong. Each must lose a file, or the harness is blind."""

import fcntl
import os
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Final
from unittest import mock

from labkeeper.host import files
from labkeeper.storage import alias, origins
from labkeeper.storage.batch import Batch
from labkeeper.storage.candidates import Candidate
from labkeeper.storage.pipeline import COPY, Step
from labkeeper.storage.quarantining import Done, aside_name
from labkeeper.storage.tree import Tree
from labkeeper.store.quarantine import Held, Item, Quarantine
from labkeeper.store.units import State
from tests.storage.faults import break_off, calls_of
from tests.storage.scenes import Cleaning, Moving
from tests.storage.solo import move_here
from tests.storage.world import World


def with_retire(act: Callable[[Batch], None]) -> tuple[Step, ...]:
    """The product's steps with another way to remove the source."""
    return tuple(replace(s, act=act) if s.enters is State.RETIRING else s for s in COPY)


def unlink_at_once(batch: Batch) -> None:
    """Broken: the source goes without being set aside, and nobody looks at the copy again."""
    for work in batch.works:
        for name in work.unit.names:
            folder, base = batch.run.source(name).parent(name.source)
            os.unlink(base, dir_fd=folder)


@contextmanager
def one_storage() -> Iterator[None]:
    """A pool and its branch, with a probe that did not see it (it went to another branch)."""
    with (
        mock.patch.object(origins, "_check_apart", lambda *_: None),
        mock.patch.object(alias, "check", lambda *_, **__: None),
    ):
        yield


class Writer:
    """A program that opens the file for writing just while it is being removed."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._thread = threading.Thread(target=self._write)

    def come(self) -> None:
        self._thread.start()
        self._thread.join(0.1)

    def end(self) -> None:
        self._thread.join()

    def _write(self) -> None:
        file = os.open(self._file, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
        os.write(file, b"precious")
        os.fsync(file)
        os.close(file)


def kept(*folders: Path) -> bool:
    """What the writer wrote can be found under some name."""
    return any(b"precious" in p.read_bytes() for folder in folders for p in folder.iterdir())


def no_second_look(world: World) -> bool:
    """One storage under two paths, and the unlink before the second look: is the file lost?"""
    world.make()
    with one_storage():
        move_here(world.state, f"{world.hot}/", f"{world.hot}/", steps=with_retire(unlink_at_once))
    return not (world.hot / "small").exists()


def lease_over_unlink(world: World) -> bool:
    """A writer that waits for the lease writes into nothing when the unlink comes first."""
    world.make()
    hot = world.root / "logs"
    hot.mkdir()
    (hot / "log").write_bytes(b"x")
    writer = Writer(hot / "log")

    def hold_and_unlink(batch: Batch) -> None:
        file = os.open(hot / "log", os.O_RDONLY)
        fcntl.fcntl(file, fcntl.F_SETLEASE, fcntl.F_RDLCK)
        writer.come()
        os.unlink(hot / "log")
        os.close(file)

    with mock.patch.object(origins, "_is_one_mount", lambda *_: False):
        move_here(world.state, f"{hot}/", world.cold, steps=with_retire(hold_and_unlink))
    writer.end()
    lost = [p for p in world.cold.rglob("*") if p.is_file()]
    return not any(b"precious" in p.read_bytes() for p in [*lost, *hot.iterdir()])


def no_read_back(world: World) -> bool:
    """A copy that nobody reads back, on a disk that says that it wrote and did not."""
    steps = tuple(
        replace(s, act=lambda _: None, is_wiser=True) if s.enters is State.COPIED else s
        for s in COPY
    )
    return _is_caught(Moving(steps), world, "LIE")


def renamed_before_recorded(world: World) -> bool:
    """A cleaner that puts files aside and writes it down afterwards, killed between."""
    with mock.patch("labkeeper.storage.quarantining.put_aside", put_aside_unrecorded):
        return _is_caught(Cleaning(), world, "KILL")


VARIANTS: Final[dict[str, Callable[[World], bool]]] = {
    "unlink before the second look": no_second_look,
    "lease held over the unlink": lease_over_unlink,
    "no reading back": no_read_back,
    "renamed before it is written down": renamed_before_recorded,
}


def _is_caught(scene: Moving | Cleaning, world: World, fault: str) -> bool:
    for at in range(1, calls_of(scene, world) + 1):
        before = scene.make(world)
        break_off(scene, world, at, fault)
        if scene.lost(world, before):
            return True
    return False


def put_aside_unrecorded(
    record: Quarantine, tree: Tree, candidates: list[Candidate], hold: float, pause: float = 0.0
) -> Done:
    """Broken: rename first, and write it down when all of it is on the medium."""
    run = record.begin(tree.path)
    os.mkdir(b".labkeeper-quarantine", 0o700, dir_fd=tree.root)
    done = Done()
    for number, c in enumerate(candidates, 1):
        for n, path in enumerate(c.names):
            files.rename_new(*tree.parent(path), *tree.parent(aside_name(record.tag, number, n)))
        done.items.append(
            Item(
                number, run, tree.path, Held.HELD, c.look.st_ino, c.look.st_size, c.frees,
                c.look.st_mtime_ns, c.reason, 0, hold, c.names,
            )
        )  # fmt: skip
    files.sync_filesystem(tree.root)
    time.sleep(pause)
    record.enter(Held.HELD, record.intend(done.items))
    return done
