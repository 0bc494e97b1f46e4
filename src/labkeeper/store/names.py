"""The names of files in an index: one row each."""

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain
from typing import Any, Final, NamedTuple

from labkeeper.store import state

_ADD: Final = "INSERT INTO file VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)"
_PUT: Final = _ADD.replace("INSERT", "INSERT OR REPLACE")


# Names asked for in one query: each part's text is compiled once.
_PART: Final = 100
_EXPECTED: Final = """WITH asked(at, name) AS (VALUES :asked)
SELECT file.* FROM asked CROSS JOIN file ON folder = at AND file.name = asked.name"""


class Facts(NamedTuple):
    """What is known of a file; `kind` is the upper part of its mode, `blocks` are of 512 bytes."""

    inode: int
    kind: int
    size: int
    blocks: int
    mtime_ns: int
    ctime_ns: int
    links: int


class Name(NamedTuple):
    """One of the names of an inode."""

    folder: int
    name: bytes
    blocks: int
    links: int


class Names:
    """The table of files."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._db = connection
        # Rows that were read ahead, until something is written that may make them others.
        self._at_hand: dict[tuple[int, bytes], Facts | None] = {}

    def expect(self, names: Sequence[tuple[int, bytes]]) -> None:
        """Have the rows of these names at hand: to ask for each by itself costs five times it."""
        self._at_hand = dict.fromkeys(names)
        for row in self._all_of(_EXPECTED, names):
            self._at_hand[row[0], row[1]] = Facts(*row[2:])

    def file(self, folder: int, name: bytes) -> Facts | None:
        """What is known of a name."""
        if (folder, name) in self._at_hand:
            return self._at_hand[folder, name]
        row = self._row("SELECT * FROM file WHERE folder=? AND name=?", folder, name)
        return Facts(*row[2:]) if row else None

    def files(self, folder: int) -> dict[bytes, Facts]:
        """What is known of a folder's names."""
        found = self._all("SELECT * FROM file WHERE folder=?", folder)
        return {row[1]: Facts(*row[2:]) for row in found}

    def files_after(
        self, folder: int, name: bytes, count: int
    ) -> list[tuple[int, bytes, Facts]]:  # fmt: skip
        """Files in the order of their folders, after one of them."""
        query = "SELECT * FROM file WHERE (folder, name) > (?, ?) ORDER BY folder, name LIMIT ?"
        found = self._all(query, folder, name, count)
        return [(row[0], row[1], Facts(*row[2:])) for row in found]

    def names_of(self, inode: int) -> list[Name]:
        """Every name that an inode is known by."""
        query = "SELECT folder, name, blocks, links FROM file WHERE inode=?"
        return [Name(*row) for row in self._all(query, inode)]

    def linked_in(self, folders: Sequence[int]) -> list[int]:
        """The inodes with several names of which one is in these folders."""
        query = "SELECT DISTINCT inode FROM file WHERE folder=? AND links>1"
        return list({row[0] for folder in folders for row in self._all(query, folder)})

    def put_one(self, folder: int, name: bytes, facts: Facts) -> None:
        """Write a file down."""
        self._at_hand.pop((folder, name), None)
        self._run(_PUT, folder, name, *facts)

    def add(self, rows: Iterable[Sequence[object]]) -> None:
        """Write new files down: folder, name, and the facts."""
        self._at_hand.clear()
        self._many(_ADD, rows)

    def put_inode(self, facts: Facts) -> None:
        """All names of an inode have these facts."""
        self._at_hand.clear()
        query = (
            "UPDATE file SET kind=?, size=?, blocks=?, mtime_ns=?, ctime_ns=?, links=?"
            " WHERE inode=?"
        )
        self._run(query, *facts[1:], facts.inode)

    def drop(self, folder: int, name: bytes) -> None:
        """Forget a name."""
        self._at_hand.pop((folder, name), None)
        self._run("DELETE FROM file WHERE folder=? AND name=?", folder, name)

    def every_name(self) -> Iterator[tuple[int, bytes, Facts]]:
        """Every file."""
        found = state.rows(self._db, "SELECT * FROM file")
        return ((row[0], row[1], Facts(*row[2:])) for row in found)

    def _run(self, query: str, *values: object) -> sqlite3.Cursor:
        try:
            return self._db.execute(query, values)
        except sqlite3.Error as error:
            raise state.Broken(str(error)) from error

    def _many(self, query: str, values: Iterable[Sequence[object]]) -> None:
        try:
            self._db.executemany(query, values)
        except sqlite3.Error as error:
            raise state.Broken(str(error)) from error

    def _all(self, query: str, *values: object) -> list[Any]:
        return self._run(query, *values).fetchall()

    def _all_of(self, query: str, asked: Sequence[tuple[object, ...]]) -> Iterator[Any]:
        """The rows of a query that says `:asked` for the values it is asked for."""
        for at in range(0, len(asked), _PART):
            some = asked[at : at + _PART]
            each = ", ".join("?" * len(some[0]))
            values = ", ".join([f"({each})"] * len(some))
            yield from self._all(query.replace(":asked", values), *chain(*some))

    def _row(self, query: str, *values: object) -> Any:
        return self._run(query, *values).fetchone()

    def _one(self, query: str, *values: object) -> Any:
        row = self._row(query, *values)
        return row[0] if row else None
