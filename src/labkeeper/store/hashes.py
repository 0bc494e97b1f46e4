"""What the bytes of each file were when they were read: by inode, with the times of then."""

import sqlite3
from collections.abc import Iterable
from pathlib import Path
from typing import Final, NamedTuple, Self

from labkeeper.store import state

_SCHEMA: Final = (
    """CREATE TABLE IF NOT EXISTS hash (
    inode INTEGER PRIMARY KEY, size INTEGER NOT NULL, mtime_ns INTEGER NOT NULL,
    ctime_ns INTEGER NOT NULL, digest BLOB NOT NULL, at REAL NOT NULL)""",
    "CREATE INDEX IF NOT EXISTS hash_digest ON hash (digest)",
    """CREATE TABLE IF NOT EXISTS round (
    number INTEGER PRIMARY KEY, folder INTEGER NOT NULL, name BLOB NOT NULL, at REAL NOT NULL)""",
)


class Hash(NamedTuple):
    """A file's bytes at a time; `ctime_ns` is 0 where it was written down by a move."""

    inode: int
    size: int
    mtime_ns: int
    ctime_ns: int
    digest: bytes
    at: float


class Hashes:
    """The hashes of one root. Unlike the index they cannot be made again from the disk."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._db = connection
        with state.transaction(connection):
            for statement in _SCHEMA:
                connection.execute(statement)

    @classmethod
    def open(cls, file: Path) -> Self:
        """Open the hashes beside an index."""
        return cls(state.connect(file.with_suffix(".hashes")))

    def close(self) -> None:
        """Close the connection."""
        self._db.close()

    def of(self, inode: int) -> Hash | None:
        """What is known of an inode."""
        row = next(state.rows(self._db, "SELECT * FROM hash WHERE inode=?", (inode,)), None)
        return Hash(*row) if row else None

    def like(self, digest: bytes) -> list[Hash]:
        """All that had these bytes."""
        rows = state.rows(self._db, "SELECT * FROM hash WHERE digest=?", (digest,))
        return [Hash(*row) for row in rows]

    def put(self, hashes: Iterable[Hash]) -> None:
        """Keep what was read."""
        with state.transaction(self._db):
            self._db.executemany("INSERT OR REPLACE INTO hash VALUES (?, ?, ?, ?, ?, ?)", hashes)

    def put_new(self, hashes: Iterable[Hash]) -> None:
        """Keep what others read, where nothing is known."""
        with state.transaction(self._db):
            self._db.executemany("INSERT OR IGNORE INTO hash VALUES (?, ?, ?, ?, ?, ?)", hashes)

    def forget(self, inode: int) -> None:
        """Drop what is known of an inode that is gone."""
        with state.transaction(self._db):
            self._db.execute("DELETE FROM hash WHERE inode=?", (inode,))

    def several(self) -> list[tuple[bytes, int]]:
        """Bytes that several inodes had, with their size: the largest first."""
        query = (
            "SELECT digest, size FROM hash WHERE size > 0 GROUP BY digest, size"
            " HAVING count(*) > 1 ORDER BY size DESC"
        )
        return [(bytes(row[0]), int(row[1])) for row in state.rows(self._db, query)]

    def all(self) -> list[tuple[bytes, int]]:
        """All bytes that any file had, with their size."""
        rows = state.rows(self._db, "SELECT DISTINCT digest, size FROM hash")
        return [(bytes(row[0]), int(row[1])) for row in rows]

    def round(self) -> tuple[int, bytes]:
        """Where the reading of all has come to."""
        row = next(state.rows(self._db, "SELECT folder, name FROM round WHERE number=1"), None)
        return (int(row[0]), bytes(row[1])) if row else (0, b"")

    def come_to(self, folder: int, name: bytes, at: float) -> None:
        """The reading of all goes on from here; from the beginning where it is folder 0."""
        with state.transaction(self._db):
            query = "INSERT OR REPLACE INTO round VALUES (1, ?, ?, ?)"
            self._db.execute(query, (folder, name, at))
