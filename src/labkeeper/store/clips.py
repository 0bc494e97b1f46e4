"""Clips that were asked for: which events, what became of each, and until when all is known."""

import sqlite3
from collections.abc import Iterable
from enum import IntEnum
from pathlib import Path
from typing import Final, Self

from labkeeper.store import state
from labkeeper.values import dataclass

_FILE: Final = "clips.db"
_SCHEMA: Final = """
CREATE TABLE clip (
    rule TEXT NOT NULL, review TEXT NOT NULL, state INTEGER NOT NULL, camera TEXT NOT NULL,
    began REAL NOT NULL, ended REAL NOT NULL, labels TEXT NOT NULL, due REAL NOT NULL,
    path BLOB NOT NULL DEFAULT x'', size INTEGER NOT NULL DEFAULT 0, digest BLOB,
    why TEXT NOT NULL DEFAULT '', PRIMARY KEY (rule, review)) WITHOUT ROWID;
CREATE INDEX open_clip ON clip (rule, due) WHERE state < 2;
CREATE TABLE known (rule TEXT PRIMARY KEY, until REAL NOT NULL) WITHOUT ROWID;
PRAGMA user_version = 1;
"""
_VERSION: Final = 1
_ROW: Final = "review, state, camera, began, ended, labels, due, path, size, digest, why"


class Clipped(IntEnum):
    """How far a clip has come. Each is durable before the work that it names begins."""

    WANTED = 0
    VERIFIED = 1  # its bytes are on the medium, and get their name
    COPIED = 2
    MISSED = 3  # there is nothing to copy any more


@dataclass(frozen=True, slots=True)
class Clip:
    """The clip of one event."""

    review: str
    state: Clipped
    camera: str
    began: float
    ended: float
    labels: tuple[str, ...]
    # When it is looked at next.
    due: float
    path: bytes = b""
    size: int = 0
    digest: bytes | None = None
    why: str = ""


class Clips:
    """The record of them, in the state folder."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._db = connection
        if state.version(connection, _VERSION) < _VERSION:
            with state.transaction(connection):
                if state.version(connection, _VERSION) < _VERSION:
                    for statement in _SCHEMA.split(";\n"):
                        connection.execute(statement)

    @classmethod
    def open(cls, folder: Path) -> Self:
        """Open it."""
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as error:
            raise state.Broken(f"{folder}: {error.strerror}") from error
        return cls(state.connect(folder / _FILE))

    def close(self) -> None:
        """Close the connection."""
        self._db.close()

    def want(self, rule: str, clips: Iterable[Clip], until: float, forget: float) -> int:
        """Note what is to be copied, and up to when all is known; return how many are new.

        What has come to its end and ended before `forget` is no longer asked about.
        """
        with state.transaction(self._db):
            before = self._db.total_changes
            self._db.executemany(
                "INSERT OR IGNORE INTO clip (rule, review, state, camera, began, ended, labels,"
                " due) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                (
                    (rule, c.review, c.state, c.camera, c.began, c.ended, "\n".join(c.labels),
                     c.due)
                    for c in clips
                ),
            )  # fmt: skip
            new = self._db.total_changes - before
            self._db.execute("INSERT OR REPLACE INTO known VALUES (?, ?)", (rule, until))
            self._db.execute(
                "DELETE FROM clip WHERE rule=? AND state>=? AND ended<?",
                (rule, Clipped.COPIED, forget),
            )
        return new

    def until(self, rule: str) -> float | None:
        """Return up to when all is known."""
        query = "SELECT until FROM known WHERE rule=?"
        return next((float(row[0]) for row in state.rows(self._db, query, (rule,))), None)

    def of(self, rule: str, review: str) -> Clip | None:
        """Return one."""
        query = f"SELECT {_ROW} FROM clip WHERE rule=? AND review=?"  # noqa: S608  a constant
        return next(map(_clip, state.rows(self._db, query, (rule, review))), None)

    def open_ones(self, rule: str) -> list[Clip]:
        """Return what has not come to its end, the oldest first."""
        query = f"SELECT {_ROW} FROM clip WHERE rule=? AND state<2 ORDER BY began"  # noqa: S608
        return [_clip(row) for row in state.rows(self._db, query, (rule,))]

    def put(self, rule: str, clip: Clip) -> None:
        """Note how far one has come."""
        with state.transaction(self._db):
            self._db.execute(
                "UPDATE clip SET state=?, due=?, path=?, size=?, digest=?, why=?"
                " WHERE rule=? AND review=?",
                (clip.state, clip.due, clip.path, clip.size, clip.digest, clip.why,
                 rule, clip.review),
            )  # fmt: skip


def _clip(row: tuple[object, ...]) -> Clip:
    review, how, camera, began, ended, labels, due, path, size, digest, why = row
    return Clip(
        str(review), Clipped(int(str(how))), str(camera), float(str(began)), float(str(ended)),
        tuple(str(labels).split("\n")) if labels else (), float(str(due)), _bytes(path),
        int(str(size)), _bytes(digest) or None, str(why),
    )  # fmt: skip


def _bytes(value: object) -> bytes:
    return value if isinstance(value, bytes) else b""
