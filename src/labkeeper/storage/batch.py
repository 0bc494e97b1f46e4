"""What the steps of a move share: the run, and the units that go through the steps together."""

import os
import time
from collections.abc import Callable
from dataclasses import field

from labkeeper.host.filesystems import Filesystem
from labkeeper.storage.reasons import Blocked, Left, blocked_by
from labkeeper.storage.reread import Watch
from labkeeper.storage.ring import Ring
from labkeeper.storage.stage import Stage
from labkeeper.storage.tree import Tree
from labkeeper.store.journal import Journal
from labkeeper.store.units import Name, Unit
from labkeeper.values import dataclass


class Stopped(Exception):
    """The user asked to stop."""


@dataclass(frozen=True)
class Ground:
    """The open folders of a pair."""

    source: Tree
    target: Tree


@dataclass(frozen=True)
class Run:
    """One process's view of a move."""

    journal: Journal
    grounds: dict[int, Ground]
    filesystem: Filesystem  # of the destination
    ring: Ring
    watch: Watch
    keep_source: bool = False
    sleep: Callable[[float], None] = time.sleep

    def source(self, name: Name) -> Tree:
        """Return the folder that a name is moved from."""
        return self.grounds[name.pair].source

    def target(self, name: Name) -> Tree:
        """Return the folder that a name is moved to."""
        return self.grounds[name.pair].target


@dataclass
class Work:
    """A unit under way in this process."""

    unit: Unit
    stage: Stage | None = None
    is_recovered: bool = False
    aside: list[int] = field(default_factory=list)  # which of its names were set aside
    is_buffered: bool = False  # its copy can only be read through the page cache

    def close(self) -> None:
        """Close what is open."""
        if self.stage is not None:
            self.stage.close()
            self.stage = None


Act = Callable[[Run, Work], None]
Undo = Callable[[Run, Work, Blocked], None]


@dataclass
class Batch:
    """Units that share each wait for the medium and each commit."""

    run: Run
    works: list[Work]
    left: list[Left] = field(default_factory=list)

    def each(self, doing: str, act: Act, undo: Undo) -> None:
        """Do one thing to every unit; one that fails leaves the batch with its reason."""
        for work in list(self.works):
            try:
                act(self.run, work)
            except Blocked as blocked:
                self.leave(work, blocked, undo)
            except OSError as error:
                self.leave(work, blocked_by(error, doing), undo)

    def leave(self, work: Work, blocked: Blocked, undo: Undo) -> None:
        """Take a unit out: what was made for it goes away, its source stays.

        Where that cannot be, its row stays under way, and the next run clears up.
        """
        try:
            undo(self.run, work, blocked)
        except Blocked as worse:
            blocked = worse
        except OSError as error:
            why = f"{blocked.why}; clearing up failed too: {os.strerror(error.errno or 0)}"
            blocked = Blocked(blocked.code, why)
        else:
            self.run.journal.block([(work.unit.id, f"{blocked.code}: {blocked.why}")])
        self.put_off(work, blocked)

    def put_off_all(self, blocked: Blocked) -> None:
        """Leave every row under way: the next run finds out how it is."""
        for work in list(self.works):
            self.put_off(work, blocked)

    def put_off(self, work: Work, blocked: Blocked) -> None:
        """Take a unit out and leave its row as it is."""
        work.close()
        self.works.remove(work)
        name = work.unit.names[0]
        path = os.path.join(self.run.source(name).path, name.source)
        self.left.append(Left(path, blocked.code, blocked.why))


def leave_as_is(run: Run, work: Work, blocked: Blocked) -> None:
    """Undo nothing: there are two good copies."""
