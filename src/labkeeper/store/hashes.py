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
    """CREATE TABLE IF NOT EXISTS looked (
    id INTEGER PRIMARY KEY, at REAL NOT NULL, files INTEGER NOT NULL, bytes INTEGER NOT NULL)""",
    """CREATE TABLE IF NOT EXISTS fault (
    path BLOB PRIMARY KEY, inode INTEGER NOT NULL, ctime_ns INTEGER NOT NULL, code TEXT NOT NULL,
    at REAL NOT NULL) WITHOUT ROWID""",
)


class Hash(NamedTuple):
    """A file's bytes at a time; `ctime_ns` is 0 where it was written down by a move."""

    inode: int
    size: int
    mtime_ns: int
    ctime_ns: int
    digest: bytes
    at: float


class Looked(NamedTuple):
    """How much was ever read again, when last, and the files that are not what they were."""

    at: float
    files: int
    bytes: int
    faults: int


class Fault(NamedTuple):
    """A file that was not what it was: below the root, and the inode as it was then."""

    path: bytes
    inode: int
    ctime_ns: int
    code: str


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

    def look(self, read: tuple[int, int], faults: Iterable[Fault], at: float) -> None:
        """Note that files were read again, how much that was, and what was wrong."""
        with state.transaction(self._db):
            self._db.execute("INSERT INTO looked (at, files, bytes) VALUES (?, ?, ?)", (at, *read))
            self._db.executemany(
                "INSERT OR REPLACE INTO fault VALUES (?, ?, ?, ?, ?)", ((*f, at) for f in faults)
            )

    def faults(self) -> list[Fault]:
        """All that was wrong, and not known to be right again."""
        rows = state.rows(self._db, "SELECT path, inode, ctime_ns, code FROM fault")
        return [Fault(*row) for row in rows]

    def mended(self, paths: Iterable[bytes]) -> None:
        """These are other files now, or as they should be."""
        with state.transaction(self._db):
            self._db.executemany("DELETE FROM fault WHERE path=?", ((path,) for path in paths))

    @classmethod
    def looked(cls, file: Path) -> Looked | None:
        """What was read again, as another process notes it; none where none ever was."""
        place = file.with_suffix(".hashes")
        if not place.exists():
            return None
        db = state.reading(place)
        try:
            query = "SELECT max(at), sum(files), sum(bytes) FROM looked"
            at, files, size = next(state.rows(db, query))
            faults = next(state.rows(db, "SELECT count(*) FROM fault"))[0]
        finally:
            db.close()
        return None if at is None else Looked(at, files, size, faults)

    def round(self) -> tuple[int, bytes]:
        """Where the reading of all has come to."""
        row = next(state.rows(self._db, "SELECT folder, name FROM round WHERE number=1"), None)
        return (int(row[0]), bytes(row[1])) if row else (0, b"")

    def order(self) -> tuple[bool, float]:
        """Whose turn is first: a round that was left in the middle, then the one longest ago."""
        row = next(state.rows(self._db, "SELECT folder, at FROM round WHERE number=1"), None)
        return (not row[0], float(row[1])) if row else (True, 0.0)

    def come_to(self, folder: int, name: bytes, at: float) -> None:
        """The reading of all goes on from here; from the beginning where it is folder 0."""
        with state.transaction(self._db):
            query = "INSERT OR REPLACE INTO round VALUES (1, ?, ?, ?)"
            self._db.execute(query, (folder, name, at))
