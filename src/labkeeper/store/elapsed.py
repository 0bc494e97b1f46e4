"""How long things have surely been held: counted on, and written down now and then."""

import sqlite3
from typing import Final

from labkeeper.host import steady
from labkeeper.host.steady import Moment
from labkeeper.store import state

# One row. What was put aside earlier is held as long again: nobody counted since.
SCHEMA: Final = """
ALTER TABLE item ADD COLUMN since REAL NOT NULL DEFAULT 0;
CREATE TABLE elapsed (
    passed REAL NOT NULL, boot TEXT NOT NULL, since_boot REAL NOT NULL, wall REAL NOT NULL,
    is_kept INTEGER NOT NULL);
PRAGMA user_version = 4;
"""
_EVERY: Final = 60.0  # seconds; what was not written down is not counted after a boot


class Elapsed:
    """The record's own clock. It never jumps, and never goes back."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._db = connection

    def now(self) -> float:
        """Seconds that have surely passed since it was first asked."""
        before = self._written()
        now = steady.after(before)
        is_new = before is None or before.boot != now.boot or before.is_kept != now.is_kept
        if is_new or (before is not None and now.passed - before.passed >= _EVERY):
            with state.transaction(self._db):
                self._db.execute("DELETE FROM elapsed")
                self._db.execute(
                    "INSERT INTO elapsed VALUES (?, ?, ?, ?, ?)",
                    (now.passed, now.boot, now.since_boot, now.wall, now.is_kept),
                )
        return now.passed

    def _written(self) -> Moment | None:
        query = "SELECT passed, boot, since_boot, wall, is_kept FROM elapsed"
        row = next(state.rows(self._db, query), None)
        if row is None:
            return None
        passed, boot, since_boot, wall, is_kept = row
        return Moment(passed, boot, since_boot, wall, bool(is_kept))
