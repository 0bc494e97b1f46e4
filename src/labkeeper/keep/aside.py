"""What is put aside, looked at again where its record has changed."""

import os
import time
from collections.abc import Iterable
from pathlib import Path

from labkeeper.store import state as states
from labkeeper.store.quarantine import Held, Item, Quarantine
from labkeeper.store.snapshots import Snapshot


class Aside:
    """The quarantine; somebody may bring things back from another terminal at any time."""

    def __init__(self, state: Path) -> None:
        self._file = state / "quarantine.db"
        self._seen: tuple[object, ...] = ()
        self._known_back: set[int] | None = None
        self.held: tuple[Item, ...] = ()
        self.snapshots: tuple[Snapshot, ...] = ()
        self.note = ""

    def look(self) -> tuple[Item, ...]:
        """What was brought back since the last look."""
        now = tuple(map(_stamp, (self._file, Path(f"{self._file}-wal"))))
        if now == self._seen or now[0] is None:
            return ()
        try:
            record = Quarantine.read(self._file.parent)
            try:
                self.held = tuple(record.items(Held.HELD))
                self.snapshots = tuple(record.snapshots.all())
                restored = tuple(record.items(Held.RESTORED))
            finally:
                record.close()
        except states.Broken as broken:
            self.note = f"the record of the quarantine cannot be read: {broken}"
            return ()
        self._seen, self.note = now, ""
        known = self._known_back
        self._known_back = {item.id for item in restored}
        return () if known is None else tuple(i for i in restored if i.id not in known)

    def has_stale_snapshot(self, path: str) -> bool:
        """A snapshot of before a cleaning of this folder is held for longer than it is to be."""
        return is_stale(self.snapshots, path)


def is_stale(snapshots: Iterable[Snapshot], path: str) -> bool:
    """One of these is of a folder, and its hold is over."""
    now = time.time()
    over = {each.root for each in snapshots if each.held_until <= now}
    return bool(over) and os.path.realpath(os.fsencode(path)) in over


def _stamp(file: Path) -> tuple[int, int, int] | None:
    try:
        look = file.stat()
    except OSError:
        return None
    return look.st_ino, look.st_size, look.st_mtime_ns
