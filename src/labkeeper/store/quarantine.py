"""What was put aside: where it was, why, until when it is held, and what became of it."""

import os
import sqlite3
import time
from collections.abc import Iterable, Sequence
from enum import IntEnum
from pathlib import Path
from typing import Final, Self

from labkeeper.store import reserve, state
from labkeeper.store.dangling import Dangling
from labkeeper.store.elapsed import SCHEMA as _ELAPSED
from labkeeper.store.elapsed import Elapsed
from labkeeper.store.log import Log
from labkeeper.store.snapshots import SCHEMA as _SNAPSHOTS
from labkeeper.store.snapshots import Snapshots
from labkeeper.values import dataclass

_FILE: Final = "quarantine.db"
_SCHEMA: Final = """
CREATE TABLE run (id INTEGER PRIMARY KEY AUTOINCREMENT, root BLOB NOT NULL, at REAL NOT NULL);
CREATE TABLE item (
    id INTEGER PRIMARY KEY AUTOINCREMENT, run INTEGER NOT NULL, state INTEGER NOT NULL,
    inode INTEGER NOT NULL, size INTEGER NOT NULL, frees INTEGER NOT NULL,
    mtime_ns INTEGER NOT NULL, reason TEXT NOT NULL, at REAL NOT NULL, held_until REAL NOT NULL);
CREATE INDEX open_item ON item (state);
CREATE TABLE item_name (
    item INTEGER NOT NULL, number INTEGER NOT NULL, path BLOB NOT NULL,
    PRIMARY KEY (item, number)) WITHOUT ROWID;
PRAGMA user_version = 1;
"""
# One for each version after the first; a record of an earlier version is brought up to date.
_CHANGES: Final = (
    """
ALTER TABLE item ADD COLUMN kind INTEGER NOT NULL DEFAULT 0;
CREATE TABLE record (tag TEXT NOT NULL);
CREATE TABLE dangling (
    root BLOB NOT NULL, path BLOB NOT NULL, text BLOB NOT NULL, since REAL NOT NULL,
    PRIMARY KEY (root, path)) WITHOUT ROWID;
PRAGMA user_version = 2;
""",
    _SNAPSHOTS,
    _ELAPSED,
)
_VERSION: Final = 1 + len(_CHANGES)
_ITEM: Final = (
    "item.id, run, root, state, inode, size, frees, mtime_ns, reason, item.at, held_until, kind,"
    " since"
)


class Held(IntEnum):
    """What became of an item; the intent is durable before the work begins."""

    INTENT = 0
    HELD = 1
    PURGING = 2
    PURGED = 3
    RESTORED = 4


class Kind(IntEnum):
    """What was put aside."""

    FILE = 0
    LINK = 1
    FOLDER = 2


@dataclass(frozen=True, slots=True)
class Item:
    """One inode that was put aside, with the names that it had below the root."""

    id: int
    run: int
    root: bytes
    state: Held
    inode: int
    size: int
    frees: int
    mtime_ns: int
    reason: str
    at: float
    held_until: float
    names: tuple[bytes, ...]
    kind: Kind = Kind.FILE
    # By the record's own clock, which nobody sets.
    since: float = 0.0

    def is_over(self, now: float, passed: float) -> bool:
        """Whether it was held long enough, by the calendar and by the time that surely passed."""
        return self.held_until <= now and passed - self.since >= self.held_until - self.at


class Quarantine:
    """The record of everything that was put aside."""

    def __init__(self, connection: sqlite3.Connection, log: Log) -> None:
        self._db = connection
        self.log = log
        self.dangling = Dangling(connection)
        self.snapshots = Snapshots(connection)
        self.elapsed = Elapsed(connection)
        if state.version(connection, _VERSION) < _VERSION:
            self._bring_up_to_date()
        # Part of each name in quarantine: two records never take each other's files for theirs.
        self.tag = str(next(state.rows(connection, "SELECT tag FROM record"))[0])

    @classmethod
    def open(cls, folder: Path) -> Self:
        """Open the record in the state folder."""
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        reserve.see(folder)
        return cls(state.connect(folder / _FILE), Log(folder))

    @classmethod
    def read(cls, folder: Path) -> Self:
        """Look into the record; nothing can be changed through it."""
        connection = state.reading(folder / _FILE)
        if state.version(connection, _VERSION) < _VERSION:
            connection.close()
            raise state.Broken("an earlier labkeeper wrote it; the next cleaning brings it over")
        return cls(connection, Log(folder))

    def close(self) -> None:
        """Close the connection."""
        self._db.close()

    def begin(self, root: bytes) -> int:
        """Begin a run; return its number."""
        with state.transaction(self._db):
            row = self._db.execute("INSERT INTO run (root, at) VALUES (?, ?)", (root, time.time()))
        return int(row.lastrowid or 0)

    def intend(self, items: Sequence[Item]) -> list[int]:
        """Commit what is about to be put aside; return the numbers."""
        numbers = []
        passed = self.elapsed.now()
        with state.transaction(self._db):
            for item in items:
                row = self._db.execute(
                    "INSERT INTO item (run, state, inode, size, frees, mtime_ns, reason, at,"
                    " held_until, kind, since) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                    (
                        item.run, Held.INTENT, item.inode, item.size, item.frees, item.mtime_ns,
                        item.reason, item.at, item.held_until, item.kind, passed,
                    ),
                )  # fmt: skip
                number = int(row.lastrowid or 0)
                self._db.executemany(
                    "INSERT INTO item_name VALUES (?, ?, ?)",
                    ((number, i, path) for i, path in enumerate(item.names)),
                )
                numbers.append(number)
        return numbers

    def enter(self, new: Held, items: Iterable[int]) -> None:
        """Commit what became of items."""
        with state.transaction(self._db):
            self._db.executemany("UPDATE item SET state=? WHERE id=?", ((new, i) for i in items))

    def forget(self, items: Iterable[int]) -> None:
        """Drop intents that came to nothing."""
        gone = [(item,) for item in items]
        with state.transaction(self._db):
            self._db.executemany("DELETE FROM item_name WHERE item=?", gone)
            self._db.executemany("DELETE FROM item WHERE id=?", gone)

    def items(self, *states: Held) -> list[Item]:
        """Return items in these states, the oldest first."""
        marks = ", ".join("?" * len(states))
        rows = state.rows(
            self._db,
            f"SELECT {_ITEM} FROM item JOIN run ON run.id = run"  # noqa: S608  literals and marks
            f" WHERE state IN ({marks}) ORDER BY item.id",
            states,
        )
        return [
            Item(
                id=row[0], run=row[1], root=row[2], state=Held(row[3]), inode=row[4], size=row[5],
                frees=row[6], mtime_ns=row[7], reason=row[8], at=row[9], held_until=row[10],
                names=self._names(row[0]), kind=Kind(row[11]), since=row[12],
            )
            for row in rows
        ]  # fmt: skip

    def _names(self, item: int) -> tuple[bytes, ...]:
        query = "SELECT path FROM item_name WHERE item=? ORDER BY number"
        return tuple(row[0] for row in state.rows(self._db, query, (item,)))

    def _bring_up_to_date(self) -> None:
        with state.transaction(self._db):
            version = state.version(self._db, _VERSION)
            for number, change in enumerate((_SCHEMA, *_CHANGES)):
                for statement in change.split(";\n") if number >= version else ():
                    self._db.execute(statement)
            if version <= 1:
                self._db.execute("INSERT INTO record VALUES (?)", (os.urandom(4).hex(),))
