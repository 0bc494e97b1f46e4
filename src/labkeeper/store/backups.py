"""What was backed up, read again and restored, when, and what came of it."""

import sqlite3
import time
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Final, Literal, Self

from labkeeper.store import state
from labkeeper.values import dataclass

_FILE: Final = "backups.db"
_SCHEMA: Final = """
CREATE TABLE repository (
    name TEXT PRIMARY KEY, identity TEXT NOT NULL, turn INTEGER NOT NULL DEFAULT 0) WITHOUT ROWID;
CREATE TABLE backup (
    id INTEGER PRIMARY KEY, repository TEXT NOT NULL, service TEXT NOT NULL, at REAL NOT NULL,
    seconds REAL NOT NULL, outcome TEXT NOT NULL, snapshot TEXT NOT NULL, files INTEGER NOT NULL,
    bytes INTEGER NOT NULL, why TEXT NOT NULL);
CREATE INDEX backup_of ON backup (repository, service, id);
CREATE TABLE sample (
    backup INTEGER NOT NULL, path TEXT NOT NULL, digest BLOB NOT NULL,
    PRIMARY KEY (backup, path)) WITHOUT ROWID;
CREATE TABLE verification (
    id INTEGER PRIMARY KEY, repository TEXT NOT NULL, at REAL NOT NULL, seconds REAL NOT NULL,
    depth TEXT NOT NULL, number INTEGER NOT NULL, parts INTEGER NOT NULL, damage TEXT NOT NULL);
CREATE TABLE drill (
    id INTEGER PRIMARY KEY, repository TEXT NOT NULL, service TEXT NOT NULL, at REAL NOT NULL,
    seconds REAL NOT NULL, is_whole INTEGER NOT NULL, files INTEGER NOT NULL,
    bytes INTEGER NOT NULL, by_digest INTEGER NOT NULL, by_source INTEGER NOT NULL,
    wrong TEXT NOT NULL);
CREATE TABLE halted (
    id INTEGER PRIMARY KEY, program TEXT NOT NULL, name TEXT NOT NULL, since REAL NOT NULL,
    UNIQUE (program, name));
PRAGMA user_version = 1;
"""
# One for each version after the first.
_CHANGES: Final = (
    """
ALTER TABLE drill ADD COLUMN tables INTEGER NOT NULL DEFAULT 0;
ALTER TABLE drill ADD COLUMN rows INTEGER NOT NULL DEFAULT 0;
ALTER TABLE drill ADD COLUMN not_loaded TEXT NOT NULL DEFAULT '';
PRAGMA user_version = 2;
""",
)
_VERSION: Final = 1 + len(_CHANGES)
# `shrunk`: whole, but with less than half of the files that the last one had.
Outcome = Literal["good", "incomplete", "shrunk", "failed"]
_SAMPLES_KEPT: Final = 10  # backups of a service; what is older is restored without a comparison
_BACKUP: Final = "id, repository, service, at, seconds, outcome, snapshot, files, bytes, why"
_DRILL: Final = (
    "repository, service, at, seconds, is_whole, files, bytes, by_digest, by_source, wrong,"
    " tables, rows, not_loaded"
)


@dataclass(frozen=True, slots=True)
class Backup:
    """One attempt to keep a service's files."""

    repository: str
    service: str
    at: float
    seconds: float
    outcome: Outcome
    snapshot: str = ""
    files: int = 0
    bytes: int = 0
    why: str = ""
    id: int = 0


@dataclass(frozen=True, slots=True)
class Verification:
    """One look at a repository; no `damage` where it was whole as far as it was read."""

    repository: str
    at: float
    seconds: float
    depth: str
    number: int
    parts: int
    damage: str = ""


@dataclass(frozen=True, slots=True)
class Drill:
    """One restore that was compared; nothing is `wrong` where it worked."""

    repository: str
    service: str
    at: float
    seconds: float
    is_whole: bool
    files: int
    bytes: int
    by_digest: int
    by_source: int
    wrong: str = ""
    # What came out of its databases; and why one of them was not loaded.
    tables: int = 0
    rows: int = 0
    not_loaded: str = ""


@dataclass(frozen=True, slots=True)
class Halted:
    """What a backup stopped, and has to start again."""

    program: str
    name: str


class Backups:
    """The record of backups."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._db = connection
        if state.version(connection, _VERSION) == _VERSION:
            return
        with state.transaction(connection):
            version = state.version(connection, _VERSION)  # another may have been here first
            for number, change in enumerate((_SCHEMA, *_CHANGES)):
                for statement in change.split(";\n") if number >= version else ():
                    connection.execute(statement)

    @classmethod
    def open(cls, folder: Path) -> Self:
        """Open the record in the state folder."""
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        return cls(state.connect(folder / _FILE))

    @classmethod
    def in_memory(cls) -> Self:
        """A record of nothing."""
        return cls(sqlite3.connect(":memory:", isolation_level=None))

    @classmethod
    def read(cls, folder: Path) -> Self:
        """Look into the record; nothing can be changed through it."""
        return cls(state.reading(folder / _FILE))

    def close(self) -> None:
        """Close the connection."""
        self._db.close()

    def identity_of(self, repository: str) -> str | None:
        """What a repository was when it was first seen; none where it never was."""
        query = "SELECT identity FROM repository WHERE name=?"
        row = next(state.rows(self._db, query, (repository,)), None)
        return row[0] if row else None

    def know(self, repository: str, identity: str) -> None:
        """Note what a repository is."""
        query = "INSERT OR REPLACE INTO repository (name, identity) VALUES (?, ?)"
        self._write(query, (repository, identity))

    def add(self, backup: Backup, samples: Mapping[str, bytes]) -> None:
        """Note an attempt, and what some of the files held."""
        with state.transaction(self._db):
            row = self._db.execute(
                "INSERT INTO backup (repository, service, at, seconds, outcome, snapshot, files,"
                " bytes, why) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (backup.repository, backup.service, backup.at, backup.seconds, backup.outcome,
                 backup.snapshot, backup.files, backup.bytes, backup.why),
            )  # fmt: skip
            self._db.executemany(
                "INSERT INTO sample VALUES (?, ?, ?)",
                ((row.lastrowid, path, digest) for path, digest in samples.items()),
            )
            self._db.execute(
                "DELETE FROM sample WHERE backup IN (SELECT id FROM backup WHERE repository=?"
                " AND service=? ORDER BY id DESC LIMIT -1 OFFSET ?)",
                (backup.repository, backup.service, _SAMPLES_KEPT),
            )

    def backups(self, repository: str, service: str) -> tuple[Backup, ...]:
        """All attempts, the oldest first."""
        query = f"SELECT {_BACKUP} FROM backup WHERE repository=? AND service=? ORDER BY id"  # noqa: S608
        return tuple(
            Backup(row[1], row[2], row[3], row[4], row[5], row[6], row[7], row[8], row[9], row[0])
            for row in state.rows(self._db, query, (repository, service))
        )

    def sample(self, backup: Backup) -> Mapping[str, bytes]:
        """What some of its files held when it was made."""
        query = "SELECT path, digest FROM sample WHERE backup=?"
        return dict(state.rows(self._db, query, (backup.id,)))

    def add_verification(self, done: Verification) -> None:
        """Note what was read again."""
        self._write(
            "INSERT INTO verification (repository, at, seconds, depth, number, parts, damage)"
            " VALUES (?, ?, ?, ?, ?, ?, ?)",
            (done.repository, done.at, done.seconds, done.depth, done.number, done.parts,
             done.damage),
        )  # fmt: skip

    def verifications(self, repository: str) -> tuple[Verification, ...]:
        """All of a repository, the oldest first."""
        query = (
            "SELECT repository, at, seconds, depth, number, parts, damage FROM verification"
            " WHERE repository=? ORDER BY id"
        )
        return tuple(Verification(*row) for row in state.rows(self._db, query, (repository,)))

    def add_drill(self, done: Drill) -> None:
        """Note what was restored."""
        self._write(
            f"INSERT INTO drill ({_DRILL}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",  # noqa: S608
            (done.repository, done.service, done.at, done.seconds, done.is_whole, done.files,
             done.bytes, done.by_digest, done.by_source, done.wrong, done.tables, done.rows,
             done.not_loaded),
        )  # fmt: skip

    def drills(self, repository: str) -> tuple[Drill, ...]:
        """All of a repository, the oldest first."""
        query = f"SELECT {_DRILL} FROM drill WHERE repository=? ORDER BY id"  # noqa: S608
        return tuple(_drill(row) for row in state.rows(self._db, query, (repository,)))

    def halt(self, each: Iterable[Halted]) -> None:
        """Note what is about to be stopped."""
        now = time.time()
        with state.transaction(self._db):
            self._db.executemany(
                "INSERT OR IGNORE INTO halted (program, name, since) VALUES (?, ?, ?)",
                ((halted.program, halted.name, now) for halted in each),
            )

    def halted(self) -> tuple[Halted, ...]:
        """What has to be started again."""
        query = "SELECT program, name FROM halted ORDER BY id"
        return tuple(Halted(*row) for row in state.rows(self._db, query))

    def resumed(self, halted: Halted) -> None:
        """Note that it runs again."""
        query = "DELETE FROM halted WHERE program=? AND name=?"
        self._write(query, (halted.program, halted.name))

    def _write(self, query: str, values: tuple[Any, ...]) -> None:
        with state.transaction(self._db):
            self._db.execute(query, values)


def _drill(row: tuple[Any, ...]) -> Drill:
    repository, service, at, seconds, is_whole, *rest = row
    return Drill(repository, service, at, seconds, bool(is_whole), *rest)
