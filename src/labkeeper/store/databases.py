"""Databases of others that came back from a backup: whether they are whole, and what is in them."""

import sqlite3
from dataclasses import field
from pathlib import Path

from labkeeper.values import dataclass

_PATIENCE = 5.0
# What a program registers for itself, and nobody else has.
_OWN = ("no such module", "no such collation", "no such function", "unknown tokenizer")


@dataclass
class Inspected:
    """What a look at a database found; `undone` says why it was not looked at."""

    tables: int = 0
    rows: int = 0
    undone: str = ""
    wrong: list[str] = field(default_factory=list)


def inspect(path: Path) -> Inspected:
    """Read all of a database of SQLite that nobody else has open."""
    found = Inspected()
    connection = sqlite3.connect(path, timeout=_PATIENCE, isolation_level=None)
    # A name or a text that is no UTF-8 is no damage.
    connection.text_factory = lambda text: text.decode("utf-8", "replace")
    try:
        told = [str(row[0]) for row in connection.execute("PRAGMA integrity_check(5)")]
        if told != ["ok"]:
            _judge(found, "; ".join(" ".join(line.split()) for line in told))
            return found
        query = "SELECT name FROM sqlite_master WHERE type='table' AND name NOT LIKE 'sqlite_%'"
        for (name,) in connection.execute(query).fetchall():
            _count(connection, str(name), found)
    except sqlite3.DatabaseError as error:
        _judge(found, str(error))
    finally:
        connection.close()
    return found


def _count(connection: sqlite3.Connection, name: str, found: Inspected) -> None:
    quoted = name.replace('"', '""')
    try:
        found.rows += int(connection.execute(f'SELECT count(*) FROM "{quoted}"').fetchone()[0])  # noqa: S608
    except sqlite3.OperationalError as error:
        _judge(found, str(error))
        return
    found.tables += 1


def _judge(found: Inspected, why: str) -> None:
    if any(words in why for words in _OWN):
        found.undone = why
    else:
        found.wrong.append(why)
