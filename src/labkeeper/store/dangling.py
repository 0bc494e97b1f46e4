"""Symbolic links that led nowhere, and since when they were seen so."""

import sqlite3
from collections.abc import Mapping

from labkeeper.store import state


class Dangling:
    """The record's table of links; what is seen once may be a server that was just restarting."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._db = connection

    def since(self, root: bytes) -> dict[tuple[bytes, bytes], float]:
        """Return when each link, by its path and its text, was first seen so."""
        query = "SELECT path, text, since FROM dangling WHERE root=?"
        return {(path, text): at for path, text, at in state.rows(self._db, query, (root,))}

    def see(self, root: bytes, now: Mapping[tuple[bytes, bytes], float]) -> None:
        """Note those that lead nowhere now; whatever leads somewhere again is forgotten."""
        with state.transaction(self._db):
            self._db.execute("DELETE FROM dangling WHERE root=?", (root,))
            self._db.executemany(
                "INSERT INTO dangling VALUES (?, ?, ?, ?)",
                ((root, path, text, at) for (path, text), at in now.items()),
            )
