"""Snapshots that were made before a cleaning: whose they are, and until when they are held."""

import sqlite3
from enum import IntEnum

from labkeeper.store import state
from labkeeper.values import dataclass

SCHEMA = """
CREATE TABLE snapshot (
    id INTEGER PRIMARY KEY AUTOINCREMENT, root BLOB NOT NULL, kind TEXT NOT NULL,
    subject TEXT NOT NULL, name TEXT NOT NULL, identity TEXT NOT NULL, state INTEGER NOT NULL,
    at REAL NOT NULL, held_until REAL NOT NULL);
PRAGMA user_version = 3;
"""


class Stage(IntEnum):
    """How far a snapshot is; the intent is durable before it is made."""

    INTENT = 0
    HELD = 1
    GONE = 2


@dataclass(frozen=True, slots=True)
class Snapshot:
    """One of ours. `identity` is what its file system calls it: no other is ever removed for it."""

    id: int
    root: bytes
    kind: str
    # The subvolume's folder, or the dataset.
    subject: str
    # Its folder, or what stands behind the `@`.
    name: str
    identity: str
    stage: Stage
    at: float
    held_until: float


class Snapshots:
    """The record's table of snapshots."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._db = connection

    def intend(self, kept: Snapshot) -> int:
        """Commit that it is about to be made; return its number."""
        with state.transaction(self._db):
            row = self._db.execute(
                "INSERT INTO snapshot (root, kind, subject, name, identity, state, at, held_until)"
                " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                (kept.root, kept.kind, kept.subject, kept.name, "", Stage.INTENT, kept.at,
                 kept.held_until),
            )  # fmt: skip
        return int(row.lastrowid or 0)

    def held(self, number: int, identity: str) -> None:
        """Commit that it is there."""
        self._write(
            "UPDATE snapshot SET state=?, identity=? WHERE id=?", (Stage.HELD, identity, number)
        )

    def gone(self, number: int) -> None:
        """Commit that it is there no more."""
        self._write("UPDATE snapshot SET state=? WHERE id=?", (Stage.GONE, number))

    def forget(self, number: int) -> None:
        """Drop an intent that came to nothing."""
        self._write("DELETE FROM snapshot WHERE id=?", (number,))

    def all(self) -> list[Snapshot]:
        """Those that are there or may be, the oldest first."""
        query = (
            "SELECT id, root, kind, subject, name, identity, state, at, held_until FROM snapshot"
            " WHERE state < ? ORDER BY id"
        )
        return [
            Snapshot(id_, root, kind, subject, name, identity, Stage(stage), at, held_until)
            for id_, root, kind, subject, name, identity, stage, at, held_until in state.rows(
                self._db, query, (Stage.GONE,)
            )
        ]

    def _write(self, query: str, values: tuple[object, ...]) -> None:
        with state.transaction(self._db):
            self._db.execute(query, values)
