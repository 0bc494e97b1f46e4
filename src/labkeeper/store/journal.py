"""The journal of moves: what is under way, and what was done."""

import sqlite3
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import Any, Final, Self

from labkeeper.store import schema, state
from labkeeper.store.clients import Clients
from labkeeper.store.folders import Folders
from labkeeper.store.units import (
    After,
    Copy,
    Evidence,
    Facts,
    Kind,
    Name,
    Pair,
    State,
    Unit,
    Way,
)

_FILE: Final = "moves.db"
_UNIT: Final = (
    "id, kind, device, inode, size, mtime_ns, ctime_ns, links, state, way, digest,"
    " copy_inode, copy_born_ns, copy_mtime_ns, evidence, at, after, torrent"
)
_WIDTH: Final = _UNIT.count(",") + 1


class Journal:
    """One process's door to the journal; each worker opens its own."""

    def __init__(self, connection: sqlite3.Connection, file: Path | None = None) -> None:
        self._file = file
        self._use(connection)
        schema.bring_up_to_date(connection)
        self.tag = str(self._one("SELECT tag FROM journal"))

    def _use(self, connection: sqlite3.Connection) -> None:
        self._db = connection
        self.folders = Folders(connection)
        self.clients = Clients(connection)

    @classmethod
    def open(cls, folder: Path) -> Self:
        """Open the journal in the state folder."""
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        return cls(state.connect(folder / _FILE), folder / _FILE)

    @classmethod
    def in_memory(cls) -> Self:
        """Return a journal for a look that must not write anything."""
        return cls(sqlite3.connect(":memory:", isolation_level=None))

    def close(self) -> None:
        """Close the connection."""
        self._db.close()

    @contextmanager
    def apart(self) -> Iterator[None]:
        """Hold no connection meanwhile, because a process is forked.

        SQLite takes the connection that a child inherits for one of its own, and so takes no lock
        for those that it opens: when the parent is killed, whoever looks next removes the log that
        the child still writes to (sqlite.org/howtocorrupt.html, 2.6; so it was here).
        """
        if self._file is None:
            yield
            return
        self._db.close()
        try:
            yield
        finally:
            self._use(state.connect(self._file))

    def pair(self, source: bytes, target: bytes, prefix: bytes, filesystem: str) -> Pair:
        """Return the pair of these folders, new or known."""
        key = (source, target, prefix)
        with state.transaction(self._db):
            self._db.execute(
                "INSERT OR IGNORE INTO pair (source, target, prefix, filesystem)"
                " VALUES (?, ?, ?, ?)",
                (*key, filesystem),
            )
        return next(p for p in self.pairs() if (p.source, p.target, p.prefix) == key)

    def now_on(self, target: bytes, filesystem: str) -> None:
        """Note that a destination is meant to be on another file system than before."""
        with state.transaction(self._db):
            self._db.execute("UPDATE pair SET filesystem=? WHERE target=?", (filesystem, target))

    def pairs(self) -> list[Pair]:
        """Return every pair that was ever moved between."""
        query = "SELECT id, source, target, prefix, filesystem FROM pair"
        return [Pair(*row) for row in state.rows(self._db, query)]

    def plan(self, units: Sequence[Unit]) -> list[Unit]:
        """Write units down as PLANNED and return them with their numbers, in one row of ids."""
        with state.transaction(self._db):
            # Never given twice: the number is part of the temporary's name.
            first = int(self._one("SELECT next FROM journal"))
            self._db.execute("UPDATE journal SET next=?", (first + len(units),))
            numbered = [unit.numbered(first + i) for i, unit in enumerate(units)]
            self._db.executemany(
                "INSERT INTO unit (id, pair, state, kind, way, device, inode, size, mtime_ns,"
                " ctime_ns, links, after, torrent)"
                " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (
                    (
                        u.id,
                        u.names[0].pair,
                        u.state,
                        u.kind,
                        u.way,
                        u.facts.device,
                        u.facts.inode,
                        u.facts.size,
                        u.facts.mtime_ns,
                        u.facts.ctime_ns,
                        u.facts.links,
                        u.after,
                        u.torrent,
                    )
                    for u in numbered
                ),
            )
            self._db.executemany(
                "INSERT INTO name VALUES (?, ?, ?, ?, ?)",
                (
                    (u.id, i, n.pair, n.source, None if n.source == n.target else n.target)
                    for u in numbered
                    for i, n in enumerate(u.names)
                ),
            )
        return numbered

    def enter(self, new: State, units: Iterable[int]) -> None:
        """Commit that the work named by `new` begins for these units."""
        at = time.time()
        with state.transaction(self._db):
            self._db.executemany(
                "UPDATE unit SET state=?, at=? WHERE id BETWEEN ? AND ?",
                ((new, at, first, last) for first, last in _rows_of(units)),
            )

    def record(self, new: State, units: Iterable[Unit]) -> None:
        """Commit what was learnt of each unit's copy together with its new state."""
        with state.transaction(self._db):
            self._db.executemany(
                "UPDATE unit SET state=?, way=?, digest=?, copy_inode=?, copy_born_ns=?,"
                " copy_mtime_ns=?, evidence=? WHERE id=?",
                (
                    (
                        new,
                        u.way,
                        u.digest,
                        u.copy.inode if u.copy else None,
                        u.copy.born_ns if u.copy else None,
                        u.copy.mtime_ns if u.copy else None,
                        u.evidence.value,
                        u.id,
                    )
                    for u in units
                ),
            )

    def block(self, reasons: Iterable[tuple[int, str]]) -> None:
        """Commit that these units stay where they are, and why."""
        at = time.time()
        with state.transaction(self._db):
            self._db.executemany(
                "UPDATE unit SET state=7, reason=?, at=? WHERE id=?",
                ((reason, at, unit) for unit, reason in reasons),
            )

    def forget(self, units: Iterable[int]) -> None:
        """Drop rows of which nothing is left on any disk."""
        gone = [(unit,) for unit in units]
        with state.transaction(self._db):
            self._db.executemany("DELETE FROM name WHERE unit=?", gone)
            self._db.executemany("DELETE FROM unit WHERE id=?", gone)

    def forget_planned(self, pairs: Sequence[Pair]) -> None:
        """Drop the plans of an earlier run, and what it left: nothing of them is on any disk."""
        gone = "SELECT id FROM unit WHERE pair=? AND state IN (0, 7)"
        with state.transaction(self._db):
            for pair in pairs:
                self._db.execute(f"DELETE FROM name WHERE unit IN ({gone})", (pair.id,))  # noqa: S608
                self._db.execute(f"DELETE FROM unit WHERE id IN ({gone})", (pair.id,))  # noqa: S608

    def unfinished(self, pair: Pair) -> list[Unit]:
        """Return what a crash left under way."""
        return list(self._units("unit.pair=? AND state < 6 AND state > 0", (pair.id,)))

    def units(self, first: int, last: int) -> list[Unit]:
        """Return the units numbered `first` to `last`."""
        return list(self._units("id BETWEEN ? AND ?", (first, last)))

    def all_done(self) -> Iterator[Unit]:
        """Return everything that was moved, in the order in which it was planned."""
        yield from self._units("state=6", ())

    def _units(self, where: str, values: tuple[object, ...]) -> Iterator[Unit]:
        # `where` is one of the literals above. Units come with their names, in one row each.
        rows = state.rows(
            self._db,
            f"SELECT {_UNIT}, name.pair, source, coalesce(target, source) FROM unit"  # noqa: S608
            f" JOIN name ON name.unit = unit.id WHERE {where} ORDER BY id, number",
            values,
        )
        for _, group in groupby(rows, key=itemgetter(0)):
            yield _unit_of(list(group))

    def _one(self, query: str, *values: object) -> int | str:
        answer: int | str = next(state.rows(self._db, query, values))[0]
        return answer


def _unit_of(rows: Sequence[tuple[Any, ...]]) -> Unit:
    row = rows[0]
    return Unit(
        id=row[0],
        kind=Kind(row[1]),
        facts=Facts(*row[2:8]),
        names=tuple(Name(*each[_WIDTH:]) for each in rows),
        state=State(row[8]),
        way=Way(row[9]),
        digest=row[10] or b"",
        copy=Copy(*row[11:14]) if row[11] is not None else None,
        evidence=Evidence(row[14]),
        moved_at=row[15],
        after=After(row[16]),
        torrent=row[17],
    )


def _rows_of(numbers: Iterable[int]) -> Iterator[tuple[int, int]]:
    """Yield the first and last of each row of numbers without a gap: a batch is one, as a rule."""
    ordered = sorted(numbers)
    first = 0
    for i, number in enumerate(ordered):
        if i + 1 == len(ordered) or ordered[i + 1] != number + 1:
            yield ordered[first], number
            first = i + 1
