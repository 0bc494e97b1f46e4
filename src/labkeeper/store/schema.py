"""The tables of the journal of moves, and how an earlier labkeeper's become today's."""

import os
import sqlite3
from typing import Final

from labkeeper.store import state

_SCHEMA: Final = """
CREATE TABLE journal (tag TEXT NOT NULL, next INTEGER NOT NULL);
CREATE TABLE pair (
    id INTEGER PRIMARY KEY, source BLOB NOT NULL, target BLOB NOT NULL, prefix BLOB NOT NULL,
    filesystem TEXT NOT NULL, UNIQUE (source, target, prefix));
CREATE TABLE unit (
    id INTEGER PRIMARY KEY, pair INTEGER NOT NULL, state INTEGER NOT NULL, kind INTEGER NOT NULL,
    way INTEGER NOT NULL, device INTEGER NOT NULL, inode INTEGER NOT NULL, size INTEGER NOT NULL,
    mtime_ns INTEGER NOT NULL, ctime_ns INTEGER NOT NULL, links INTEGER NOT NULL,
    digest BLOB, copy_inode INTEGER, copy_born_ns INTEGER, copy_mtime_ns INTEGER,
    evidence TEXT NOT NULL DEFAULT '', reason TEXT NOT NULL DEFAULT '', at REAL NOT NULL DEFAULT 0);
CREATE INDEX unfinished ON unit (pair) WHERE state < 6;
CREATE TABLE name (
    unit INTEGER NOT NULL, number INTEGER NOT NULL, pair INTEGER NOT NULL,
    source BLOB NOT NULL, target BLOB, PRIMARY KEY (unit, number)) WITHOUT ROWID;
CREATE TABLE folder (
    pair INTEGER NOT NULL, path BLOB NOT NULL, made INTEGER NOT NULL,
    finished INTEGER NOT NULL, mode INTEGER NOT NULL,
    owner INTEGER NOT NULL, grp INTEGER NOT NULL, atime_ns INTEGER NOT NULL,
    mtime_ns INTEGER NOT NULL, PRIMARY KEY (pair, path)) WITHOUT ROWID;
PRAGMA user_version = 1;
"""
# One for each version after the first; a journal of an earlier version is brought up to date.
_CHANGES: Final = (
    """
ALTER TABLE unit ADD COLUMN after INTEGER NOT NULL DEFAULT 0;
ALTER TABLE unit ADD COLUMN torrent TEXT NOT NULL DEFAULT '';
CREATE TABLE client (address TEXT PRIMARY KEY, torrents INTEGER NOT NULL) WITHOUT ROWID;
PRAGMA user_version = 2;
""",
    """
CREATE TABLE claim (
    address TEXT NOT NULL, path BLOB NOT NULL, device INTEGER NOT NULL, inode INTEGER NOT NULL,
    torrent TEXT NOT NULL, quiet_since REAL, missing_since REAL,
    PRIMARY KEY (address, path)) WITHOUT ROWID;
PRAGMA user_version = 3;
""",
)


def bring_up_to_date(connection: sqlite3.Connection) -> None:
    """Make what is missing, all or nothing."""
    known = 1 + len(_CHANGES)
    if state.version(connection, known) == known:
        return
    with state.transaction(connection):
        version = state.version(connection, known)  # another process may have been here first
        for number, change in enumerate((_SCHEMA, *_CHANGES)):
            if number < version:
                continue
            for statement in change.split(";\n"):
                connection.execute(statement)
            if number == 0:
                connection.execute("INSERT INTO journal VALUES (?, 1)", (os.urandom(4).hex(),))
