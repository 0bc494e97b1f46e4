"""What each client said when it was last believed: how many torrents, and whose files."""

import sqlite3
from collections.abc import Iterable

from labkeeper.store import state
from labkeeper.values import dataclass


@dataclass(frozen=True, slots=True)
class Memory:
    """A file that a trusted answer named: none since when it is not in use, or not named at all."""

    path: bytes
    device: int
    inode: int
    torrent: str
    quiet_since: float | None
    missing_since: float | None


class Clients:
    """The journal's tables of torrent clients."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._db = connection

    def torrents_of(self, address: str) -> int:
        """Return how many a client had; 0 where it was never asked."""
        query = "SELECT torrents FROM client WHERE address=?"
        return int(next(state.rows(self._db, query, (address,)), (0,))[0])

    def memories_of(self, address: str) -> list[Memory]:
        """Return which files were a client's."""
        query = (
            "SELECT path, device, inode, torrent, quiet_since, missing_since FROM claim"
            " WHERE address=?"
        )
        return [Memory(*row) for row in state.rows(self._db, query, (address,))]

    def believe(self, address: str, torrents: int, memories: Iterable[Memory]) -> None:
        """Note what a client has; only what is another than before is written."""
        before, now = set(self.memories_of(address)), set(memories)
        gone = {memory.path for memory in before} - {memory.path for memory in now}
        with state.transaction(self._db):
            self._db.execute("INSERT OR REPLACE INTO client VALUES (?, ?)", (address, torrents))
            self._db.executemany(
                "DELETE FROM claim WHERE address=? AND path=?", ((address, path) for path in gone)
            )
            self._db.executemany(
                "INSERT OR REPLACE INTO claim VALUES (?, ?, ?, ?, ?, ?, ?)",
                (
                    (address, m.path, m.device, m.inode, m.torrent, m.quiet_since, m.missing_since)
                    for m in now - before
                ),
            )
