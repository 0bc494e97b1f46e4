"""The folders of a move, with the times that they had before their files left."""

import sqlite3
from collections.abc import Iterable

from labkeeper.store import state
from labkeeper.store.units import Folder, Pair


class Folders:
    """The journal's table of folders."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._db = connection

    def note(self, folders: Iterable[Folder]) -> None:
        """Write folders down; one that is known keeps the times of its first look."""
        with state.transaction(self._db):
            self._db.executemany(
                "INSERT OR IGNORE INTO folder VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (
                    (
                        f.pair, f.path, f.made, f.finished, f.mode, f.owner, f.group,
                        f.atime_ns, f.mtime_ns,
                    )
                    for f in folders
                ),
            )  # fmt: skip

    def finish(self, folders: Iterable[Folder]) -> None:
        """Note that these have their metadata, though their source could not be removed."""
        self._for_each("UPDATE folder SET finished=1 WHERE pair=? AND path=?", folders)

    def forget(self, folders: Iterable[Folder]) -> None:
        """Drop folders with which nothing more will be done."""
        self._for_each("DELETE FROM folder WHERE pair=? AND path=?", folders)

    def of(self, pair: Pair) -> list[Folder]:
        """Return a pair's folders, the deepest first."""
        rows = state.rows(self._db, "SELECT * FROM folder WHERE pair=?", (pair.id,))
        found = [Folder(row[0], row[1], bool(row[2]), bool(row[3]), *row[4:]) for row in rows]
        return sorted(found, key=lambda f: (f.path.count(b"/"), f.path), reverse=True)

    def _for_each(self, statement: str, folders: Iterable[Folder]) -> None:
        with state.transaction(self._db):
            self._db.executemany(statement, ((f.pair, f.path) for f in folders))
