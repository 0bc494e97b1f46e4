"""The tables of an index: one row a folder, one row a file, and what lies below each folder.

Nothing in it is irreplaceable: a file of it that cannot be read is made anew from the disk.
"""

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Final, NamedTuple, Self

from labkeeper.store import state
from labkeeper.store.names import Names

ROOT: Final = 1
_VERSION: Final = 1
_CACHE: Final = 8_000  # KiB
# Pages: each checkpoint waits for the disk, and a first index writes a hundred thousand.
_CHECKPOINT: Final = 16_000
_SCHEMA: Final = f"""
CREATE TABLE about (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE folder (
    id INTEGER PRIMARY KEY, parent INTEGER, name BLOB NOT NULL, inode INTEGER NOT NULL,
    mtime_ns INTEGER NOT NULL, ctime_ns INTEGER NOT NULL, error TEXT NOT NULL,
    turn INTEGER NOT NULL, files INTEGER NOT NULL, blocks INTEGER NOT NULL,
    unread INTEGER NOT NULL);
CREATE UNIQUE INDEX folder_name ON folder (parent, name);
CREATE INDEX folder_inode ON folder (inode);
CREATE INDEX folder_turn ON folder (turn);
CREATE TABLE file (
    folder INTEGER NOT NULL, name BLOB NOT NULL, inode INTEGER NOT NULL, kind INTEGER NOT NULL,
    size INTEGER NOT NULL, blocks INTEGER NOT NULL, mtime_ns INTEGER NOT NULL,
    ctime_ns INTEGER NOT NULL, links INTEGER NOT NULL, PRIMARY KEY (folder, name)) WITHOUT ROWID;
CREATE INDEX file_inode ON file (inode);
PRAGMA user_version = {_VERSION}
"""
_TABLES: Final = ("about", "folder", "file")
_KEPT: Final = 10_000  # folders that are kept in memory
_BELOW: Final = """WITH RECURSIVE below(id) AS (
    SELECT ? UNION ALL SELECT folder.id FROM folder, below WHERE folder.parent = below.id)
SELECT id FROM below"""
_AT: Final = "SELECT inode, id FROM folder WHERE inode IN (VALUES :asked)"
_EXPECTED: Final = """WITH asked(at, name) AS (VALUES :asked)
SELECT parent, folder.name FROM asked CROSS JOIN folder ON parent = at AND folder.name = asked.name
"""


class Folder(NamedTuple):
    """A row of a folder; `error` says why what is in it is not known."""

    id: int
    parent: int | None
    name: bytes
    inode: int
    mtime_ns: int
    ctime_ns: int
    error: str


class Rows(Names):
    """One index."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        super().__init__(connection)
        self._known: dict[int, Folder] = {}
        # Names that are known to be no folder's.
        self._no_folders: set[tuple[int, bytes]] = set()
        if self._one("PRAGMA user_version") != _VERSION:
            with state.transaction(connection):
                for table in _TABLES:
                    connection.execute(f"DROP TABLE IF EXISTS {table}")
                for statement in _SCHEMA.split(";\n"):
                    connection.execute(statement)

    @classmethod
    def open(cls, file: Path) -> Self:
        """Open an index, or begin it anew where it cannot be read."""
        try:
            return cls(_connect(file))
        except state.Broken as broken:
            if state.is_passing(broken):
                raise
        for end in ("", "-wal", "-shm"):
            Path(f"{file}{end}").unlink(missing_ok=True)
        return cls(_connect(file))

    @classmethod
    def read(cls, file: Path) -> Self:
        """Look into an index that another process keeps."""
        if not file.exists():
            raise state.Broken(f"{file} is not there")
        try:
            connection = sqlite3.connect(f"file:{file}?mode=ro", uri=True, isolation_level=None)
            (version,) = connection.execute("PRAGMA user_version").fetchone()
        except sqlite3.Error as error:
            raise state.Broken(str(error)) from error
        if version != _VERSION:
            connection.close()
            raise state.Broken(f"{file} is of another version")
        return cls(connection)

    def close(self) -> None:
        """Close the connection."""
        self._db.close()

    def begin(self) -> None:
        """All that follows belongs together."""
        self._run("BEGIN IMMEDIATE")

    def commit(self) -> None:
        """Keep it."""
        self._run("COMMIT")

    def undo(self) -> None:
        """Forget it."""
        self._known.clear()
        self._no_folders.clear()
        self._at_hand.clear()
        if self._db.in_transaction:
            self._run("ROLLBACK")

    def about(self, name: str) -> str:
        """Something that is known of the whole; nothing where it was never told."""
        return str(self._one("SELECT value FROM about WHERE name=?", name) or "")

    def note(self, name: str, value: str) -> None:
        """Keep something of the whole."""
        self._run("INSERT OR REPLACE INTO about VALUES (?, ?)", name, value)

    def folder(self, number: int) -> Folder | None:
        """A folder by its number."""
        found = self._known.get(number)
        if found is None:
            row = self._row("SELECT * FROM folder WHERE id=?", number)
            found = self._keep(Folder(*row[:7])) if row else None
        return found

    def folders_of(self, inode: int) -> list[Folder]:
        """The folders that had this inode."""
        found = self._all("SELECT * FROM folder WHERE inode=?", inode)
        return [self._keep(Folder(*row[:7])) for row in found]

    def folders_at(self, inodes: Iterable[int]) -> dict[int, list[int]]:
        """The numbers of the folders that had these inodes."""
        found: dict[int, list[int]] = {}
        for inode, number in self._all_of(_AT, [(inode,) for inode in inodes]):
            found.setdefault(inode, []).append(number)
        return found

    def expect(self, names: Sequence[tuple[int, bytes]]) -> None:
        """Have the rows of these names at hand: files, and where they are no folder's."""
        super().expect(names)
        self._no_folders = set(names)
        self._no_folders.difference_update(self._all_of(_EXPECTED, names))

    def child(self, parent: int, name: bytes) -> Folder | None:
        """A folder in a folder."""
        if (parent, name) in self._no_folders:
            return None
        row = self._row("SELECT * FROM folder WHERE parent=? AND name=?", parent, name)
        return Folder(*row[:7]) if row else None

    def children(self, parent: int) -> dict[bytes, Folder]:
        """The folders in a folder."""
        found = self._all("SELECT * FROM folder WHERE parent=?", parent)
        return {row[2]: Folder(*row[:7]) for row in found}

    def below(self, folder: int) -> list[int]:
        """A folder and all that are in it, at any depth."""
        return [row[0] for row in self._all(_BELOW, folder)]

    def all_folders(self) -> Iterator[Folder]:
        """Every folder."""
        found = state.rows(self._db, "SELECT * FROM folder ORDER BY id")
        return (Folder(*row[:7]) for row in found)

    def adrift(self) -> list[int]:
        """Folders that have lost their place: what was interrupted leaves them."""
        query = "SELECT id FROM folder WHERE parent IS NULL AND id<>?"
        return [row[0] for row in self._all(query, ROOT)]

    def longest_unread(self, count: int) -> list[int]:
        """The folders that were read the longest ago."""
        return [r[0] for r in self._all("SELECT id FROM folder ORDER BY turn LIMIT ?", count)]

    def turns(self) -> tuple[int, int]:
        """The turn of the folder that was read the longest ago, and of the one read last."""
        row = self._row("SELECT min(turn) FROM folder")
        return int(row[0] or 0), int(self._one("SELECT max(turn) FROM folder") or 0)

    def count_folders(self) -> int:
        """How many folders there are."""
        return int(self._one("SELECT count(*) FROM folder"))

    def add_folder(self, parent: int | None, name: bytes, inode: int, error: str) -> int:
        """Note a folder of which nothing is known yet."""
        self._drop_no_folder(parent, name)
        number = ROOT if parent is None else None
        done = self._run(
            "INSERT INTO folder VALUES (?, ?, ?, ?, 0, 0, ?, 0, 0, 0, 0)",
            number, parent, name, inode, error,
        )  # fmt: skip
        added = int(done.lastrowid or 0)
        self._keep(Folder(added, parent, name, inode, 0, 0, error))
        return added

    def place(self, folder: int, parent: int | None, name: bytes, inode: int) -> None:
        """A folder is elsewhere now."""
        self._known.pop(folder, None)
        self._drop_no_folder(parent, name)
        query = "UPDATE folder SET parent=?, name=?, inode=? WHERE id=?"
        self._run(query, parent, name, inode, folder)

    def was_read(self, folder: int, times: tuple[int, int], turn: int, error: str) -> None:
        """A folder was read in a turn, or could not be."""
        known = self._known.get(folder)
        if known is not None:
            self._known[folder] = Folder(*known[:4], *times, error)
        query = "UPDATE folder SET mtime_ns=?, ctime_ns=?, turn=?, error=? WHERE id=?"
        self._run(query, *times, turn, error, folder)

    def drop_folders(self, folders: Iterable[int]) -> None:
        """Forget folders with the names in them."""
        self._known.clear()
        self._at_hand.clear()
        numbers = [(number,) for number in folders]
        self._many("DELETE FROM file WHERE folder=?", numbers)
        self._many("DELETE FROM folder WHERE id=?", numbers)

    def sums(self, folder: int) -> tuple[int, int, int]:
        """Files, blocks and folders that could not be read, below a folder and in it."""
        row = self._row("SELECT files, blocks, unread FROM folder WHERE id=?", folder)
        return (0, 0, 1) if row is None else (int(row[0]), int(row[1]), int(row[2]))

    def ages(self, folder: int, before_ns: int) -> tuple[int, int, int]:
        """Files below a folder that nobody touched since, their blocks, and the first of it."""
        touched = "max(mtime_ns, ctime_ns)"
        row = self._row(
            f"SELECT count(*), coalesce(sum(blocks), 0), coalesce(min({touched}), 0) FROM file"  # noqa: S608
            f" WHERE folder IN ({_BELOW}) AND {touched} <= ?",
            folder, before_ns,
        )  # fmt: skip
        return (0, 0, 0) if row is None else (int(row[0]), int(row[1]), int(row[2]))

    def add_sums(self, owed: Iterable[Sequence[int]]) -> None:
        """Add to folders: files, blocks and unread folders, then which folder."""
        self._many(
            "UPDATE folder SET files=files+?, blocks=blocks+?, unread=unread+? WHERE id=?", owed
        )

    def _drop_no_folder(self, parent: int | None, name: bytes) -> None:
        if parent is not None:
            self._no_folders.discard((parent, name))

    def _keep(self, folder: Folder) -> Folder:
        if len(self._known) >= _KEPT:
            self._known.clear()
        self._known[folder.id] = folder
        return folder


def _connect(file: Path) -> sqlite3.Connection:
    """WAL with synchronous=NORMAL may lose the last commits, and never what holds together."""
    connection = state.connect(file)
    try:
        connection.execute("PRAGMA synchronous=NORMAL")
        connection.execute(f"PRAGMA cache_size=-{_CACHE}")
        connection.execute(f"PRAGMA wal_autocheckpoint={_CHECKPOINT}")
    except sqlite3.Error as error:
        raise state.Broken(str(error)) from error
    return connection
