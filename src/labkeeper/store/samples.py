"""How tiers grew: what a forecast is made from after a restart. To lose it costs a forecast."""

import sqlite3
from collections.abc import Iterable
from pathlib import Path
from typing import Final, Self

from labkeeper.store import state

_FILE: Final = "samples.db"
_SCHEMA: Final = """CREATE TABLE IF NOT EXISTS sample (
    tier TEXT NOT NULL, since REAL NOT NULL, until REAL NOT NULL, bytes INTEGER NOT NULL,
    PRIMARY KEY (tier, since)) WITHOUT ROWID"""


class Samples:
    """The table of growth: a tier, from when until when, and the bytes that came."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._db = connection

    @classmethod
    def open(cls, folder: Path) -> Self:
        """Open the samples in the state folder."""
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as error:
            raise state.Broken(f"{folder}: {error.strerror}") from error
        connection = state.connect(folder / _FILE)
        try:
            connection.execute(_SCHEMA)
        except sqlite3.Error as error:
            raise state.Broken(str(error)) from error
        return cls(connection)

    @classmethod
    def read(cls, folder: Path) -> Self:
        """Look into what another process keeps."""
        return cls(state.reading(folder / _FILE))

    def close(self) -> None:
        """Close the connection."""
        self._db.close()

    def add(self, tier: str, rows: Iterable[tuple[float, float, int]], oldest: float) -> None:
        """Write growth down, and forget what is older than anybody asks for."""
        with state.transaction(self._db):
            self._db.execute("DELETE FROM sample WHERE tier=? AND until<?", (tier, oldest))
            self._db.executemany(
                "INSERT OR REPLACE INTO sample VALUES (?, ?, ?, ?)", ((tier, *row) for row in rows)
            )

    def of(self, tier: str) -> list[tuple[float, float, int]]:
        """What is known of a tier, the oldest first."""
        query = "SELECT since, until, bytes FROM sample WHERE tier=? ORDER BY since"
        return [(float(r[0]), float(r[1]), int(r[2])) for r in state.rows(self._db, query, (tier,))]
