"""What lies on a tier, known without walking it: it costs what changed."""

import os
import time
from contextlib import suppress
from pathlib import Path
from typing import Final, Self

from labkeeper.host import mounts
from labkeeper.host.feed import Changes
from labkeeper.storage.agenda import Agenda
from labkeeper.storage.auditing import Audit
from labkeeper.storage.refreshing import Refresh
from labkeeper.storage.root import Root
from labkeeper.storage.sweeping import Cover
from labkeeper.store import state
from labkeeper.store.index import ROOT, Rows
from labkeeper.values import dataclass

# xfs books room ahead of a file that grows, and gives it back 300 s after the last write without
# a word (speculative_prealloc_lifetime): what was written to is looked at once more.
_SETTLED: Final = 400.0
# A root that went away is noticed by then, though nobody asks.
_LONGEST_REST: Final = 60.0
_MOST_SETTLING: Final = 50_000


def _nobody(path: bytes, inode: int) -> None:
    """Nobody has to be told."""


@dataclass(frozen=True, slots=True)
class Sum:
    """Files and bytes below a folder, each inode once; where some is unknown, all of it is."""

    files: int
    bytes: int
    unread: int

    @property
    def is_known(self) -> bool:
        """Every folder of it could be read."""
        return self.unread == 0


UNKNOWN: Final = Sum(0, 0, 1)


class Index:
    """The index of one root."""

    # Whoever tells of changes sees them by whatever name they are made.
    hears_all = True

    def __init__(self, root: str, rows: Rows) -> None:
        self.root = root
        self._rows = rows
        self._place = Root(root)
        self._mounts = rows.about("mounts")
        self._mount_text = ""
        self.filesystem = self._place.filesystem
        self._again: set[tuple[int, bytes]] = set()
        self._settling: dict[tuple[int, bytes], float] = {}
        self._audit = Audit(rows)
        self._rested_at = time.monotonic()
        if rows.about("identity") not in ("", self._place.identity):
            self._begin_anew()
        rows.note("identity", self._place.identity)
        # An earlier process is sure of nothing any more.
        rows.note("sure", "")
        self._told_sure = False
        self._turn = rows.turns()[1]
        # The turn of the last sweep: what was read before it may have changed unseen.
        self._swept_in: int | None = None

    @classmethod
    def open(cls, folder: Path, root: str) -> Self:
        """Open the index of a root in the state folder; OSError where the root is not there."""
        return cls(root, Rows.open(file_of(folder, root)))

    def close(self) -> None:
        """Close it; nobody is to believe it any more."""
        with suppress(state.Broken):
            self.tell_sure(is_sure=False)
        self._rows.close()
        self._place.close()

    def refresh(self, changes: Changes, cover: Cover = _nobody) -> int:
        """Bring it up to date by what is said to have changed; how many rows were written."""
        with self._place.opened() as tree:
            return self._turned(Refresh(self._rows, tree, self._turn + 1, cover), changes)

    def sum_of(self, path: str | None = None) -> Sum:
        """What lies below a folder, the root where none is named."""
        return sum_at(self._rows, self.root, self.root if path is None else path)

    def folder_at(self, path: str) -> int | None:
        """The number of a folder; none where it is not in the index."""
        return folder_at(self._rows, self.root, path)

    def tell_sure(self, *, is_sure: bool) -> None:
        """Note whether other processes may believe the sums."""
        if is_sure != self._told_sure:
            self._rows.note("sure", "yes" if is_sure else "")
            self._told_sure = is_sure

    @property
    def is_sure(self) -> bool:
        """Every folder was read since everything that happens is told."""
        return self._swept_in is not None and self._rows.turns()[0] >= self._swept_in

    def is_due(self, now: float) -> bool:
        """There is something to do though nothing is said to have changed."""
        settled = next(iter(self._settling.values()), float("inf"))
        return (
            self._swept_in is None
            or bool(self._again)
            or settled <= now
            or self._audit.is_due(now)
            or now - self._rested_at >= _LONGEST_REST
        )

    @property
    def rows(self) -> Rows:
        """What it knows."""
        return self._rows

    def audit_all(self) -> None:
        """Have the next refresh read every folder, whatever its times say."""
        self._audit.all()

    def _turned(self, refresh: Refresh, changes: Changes) -> int:
        self._turn += 1
        self._rows.begin()
        try:
            refresh.begin()
            self._say(refresh, changes)
            self._audit.turn(refresh.agenda, is_certain=self.is_sure and self.hears_all)
            refresh.run()
            self._again = refresh.agenda.unsettled
            self._rows.commit()
        except BaseException:
            self._rows.undo()
            self._swept_in = None
            raise
        self._rested_at = time.monotonic()
        return refresh.ledger.changed

    def _say(self, refresh: Refresh, changes: Changes) -> None:
        agenda = refresh.agenda
        for folder, name in self._again:
            agenda.name(folder, name)
        self._look_at_mounts(agenda)
        if not changes.is_all or self._swept_in is None:
            refresh.sweep()
            self._swept_in = self._turn
        now = time.monotonic()
        self._look_again(agenda, now)
        places = self._rows.folders_at({touched.folder for touched in changes.touched})
        for _, inode, file, name in changes.touched:
            folders = places.get(inode, ())
            for folder in folders:
                agenda.name(folder, name, file)
                self._settling.pop((folder, name), None)
                self._settling[folder, name] = now + _SETTLED
            if not folders:
                agenda.file(file)

    def _look_again(self, agenda: Agenda, now: float) -> None:
        """Look once more at what was touched a while ago; the first of them was the first."""
        while self._settling:
            (folder, name), due = next(iter(self._settling.items()))
            if due > now and len(self._settling) <= _MOST_SETTLING:
                return
            del self._settling[folder, name]
            agenda.name(folder, name)

    def _look_at_mounts(self, agenda: Agenda) -> None:
        """What is mounted over a folder hides it, and no event says so."""
        text = Path("/proc/self/mountinfo").read_text(errors="surrogateescape")
        if text == self._mount_text:
            return
        self._mount_text = text
        start = os.fsdecode(self._place.path).rstrip("/") + "/"
        points = sorted({m.point for m in mounts.mounted(text) if m.point.startswith(start)})
        now = "\n".join(points)
        if now != self._mounts:
            for point in {*points} ^ {*filter(None, self._mounts.split("\n"))}:
                above, _, name = point.rpartition("/")
                parent, folder = self.folder_at(above), self.folder_at(point)
                if parent is not None:
                    agenda.name(parent, os.fsencode(name))
                if folder is not None:
                    agenda.folder(folder)
            self._rows.note("mounts", now)
            self._mounts = now

    def _begin_anew(self) -> None:
        """Another file system, or another folder: nothing that was known is true of it."""
        self._rows.begin()
        self._rows.drop_folders([folder.id for folder in self._rows.all_folders()])
        self._rows.commit()


def folder_at(rows: Rows, root: str, path: str) -> int | None:
    """The number of a folder in a root's rows; none where it is not among them."""
    below = os.path.relpath(os.path.realpath(path), os.path.realpath(root))
    at = ROOT
    for name in () if below == "." else os.fsencode(below).split(b"/"):
        child = rows.child(at, name)
        if child is None:
            return None
        at = child.id
    return at


def sum_at(rows: Rows, root: str, path: str) -> Sum:
    """What lies below a folder, as a root's rows say."""
    folder = folder_at(rows, root, path)
    if folder is None:
        return UNKNOWN
    files, blocks, unread = rows.sums(folder)
    return Sum(files, blocks * 512, unread)


def file_of(folder: Path, root: str) -> Path:
    """Where the index of a root is kept."""
    # OpenSSL, which it brings, is a tenth of what an agent takes.
    from hashlib import sha256  # noqa: PLC0415

    place = folder / "index"
    try:
        # Whoever shares the state's group may read what is known; `labkeeper agent` does.
        place.mkdir(mode=0o750, parents=True, exist_ok=True)
    except OSError as error:
        raise state.Broken(f"{place}: {error.strerror}") from error
    return place / f"{sha256(os.fsencode(os.path.realpath(root))).hexdigest()[:16]}.db"
