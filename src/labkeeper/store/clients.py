"""How many torrents each client had when it was last believed."""

import sqlite3

from labkeeper.store import state


class Clients:
    """The journal's table of torrent clients."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._db = connection

    def torrents_of(self, address: str) -> int:
        """Return how many a client had; 0 where it was never asked."""
        query = "SELECT torrents FROM client WHERE address=?"
        return int(next(state.rows(self._db, query, (address,)), (0,))[0])

    def believe(self, address: str, torrents: int) -> None:
        """Note how many a client has."""
        with state.transaction(self._db):
            self._db.execute("INSERT OR REPLACE INTO client VALUES (?, ?)", (address, torrents))
