"""What each client said when it was last believed: how many torrents, and whose files."""

import sqlite3
from collections.abc import Iterable
from dataclasses import replace

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

    def believe(
        self, address: str, torrents: int, memories: Iterable[Memory],
        since: Iterable[Memory] | None = None,
    ) -> None:  # fmt: skip
        """Note what a client has; only what is another than before is written.

        `since` is what was remembered when it was asked: of what another process has noted
        meanwhile, the more careful of both is kept.
        """
        with state.transaction(self._db):
            before = set(self.memories_of(address))
            now = set(memories)
            if since is not None and (others := before - set(since)):
                now = _careful(now, others)
            gone = {memory.path for memory in before} - {memory.path for memory in now}
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


def _careful(mine: Iterable[Memory], others: Iterable[Memory]) -> set[Memory]:
    """Of two answers that came at one time: in use if either says so, and quiet since the later."""
    found = {memory.path: memory for memory in mine}
    for other in others:
        own = found.get(other.path)
        if own is None:
            found[other.path] = other
            continue
        is_quiet = own.quiet_since is not None and other.quiet_since is not None
        quiet = max(own.quiet_since or 0.0, other.quiet_since or 0.0) if is_quiet else None
        is_missing = own.missing_since is not None and other.missing_since is not None
        missing = max(own.missing_since or 0.0, other.missing_since or 0.0) if is_missing else None
        found[other.path] = replace(own, quiet_since=quiet, missing_since=missing)
    return set(found.values())
