"""The audit log: who removed or renamed what, when, why, and how it is undone.

Each act is a row before its first step, and a second row when it has ended: a process that is
killed leaves the first. No row is ever changed or removed.
"""

import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import Any, Final, Self

from labkeeper.host import process
from labkeeper.host.process import Process
from labkeeper.store import reserve, state
from labkeeper.values import dataclass

_FILE: Final = "log.db"
_PATIENCE: Final = 60.0
_SCHEMA: Final = """
CREATE TABLE act (
    id INTEGER PRIMARY KEY AUTOINCREMENT, at REAL NOT NULL, user TEXT NOT NULL,
    process INTEGER NOT NULL, started INTEGER NOT NULL, boot TEXT NOT NULL, command TEXT NOT NULL,
    what TEXT NOT NULL, rule TEXT NOT NULL, place TEXT NOT NULL, why TEXT NOT NULL,
    files INTEGER NOT NULL, bytes INTEGER NOT NULL);
CREATE INDEX act_at ON act (at);
CREATE TABLE ended (
    act INTEGER PRIMARY KEY, at REAL NOT NULL, outcome TEXT NOT NULL, files INTEGER NOT NULL,
    bytes INTEGER NOT NULL, note TEXT NOT NULL, undo TEXT NOT NULL, until REAL,
    why_not TEXT NOT NULL);
CREATE TRIGGER act_stays BEFORE DELETE ON act BEGIN SELECT raise(ABORT, 'a log is kept'); END;
CREATE TRIGGER act_holds BEFORE UPDATE ON act BEGIN SELECT raise(ABORT, 'a log is kept'); END;
CREATE TRIGGER end_stays BEFORE DELETE ON ended BEGIN SELECT raise(ABORT, 'a log is kept'); END;
CREATE TRIGGER end_holds BEFORE UPDATE ON ended BEGIN SELECT raise(ABORT, 'a log is kept'); END"""
_VERSION: Final = 1
_ROWS: Final = (
    "SELECT id, act.at, user, process, started, boot, command, what, rule, place, why, act.files,"
    " act.bytes, ended.at, outcome, ended.files, ended.bytes, note, undo, until, why_not"
    " FROM act LEFT JOIN ended ON ended.act = act.id"
)
# Of a bare column beside one `max`, SQLite gives the row that has it (lang_select.html, 2.5).
_TOTALS: Final = """
SELECT what, rule, place, sum(ended.files), sum(ended.bytes),
    max(CASE WHEN outcome IN ('done', 'part') THEN ended.at END), ended.at - act.at
FROM act JOIN ended ON ended.act = act.id GROUP BY what, rule, place"""


class What(StrEnum):
    """What is done to files."""

    MOVE = "move"
    RECOVER = "recover"  # what an act that was cut short left half done
    CLEAN = "clean"  # put aside, in quarantine
    PURGE = "purge"  # removed for good
    UNDO = "undo"
    REPAIR = "repair"
    FORGET = "forget"  # backups that the lab's rules do not keep


class Ending(StrEnum):
    """How an act ended."""

    DONE = "done"
    PART = "part"  # some of it was left, for a reason each
    STOPPED = "stopped"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class By:
    """Whose wish an act is, beside the command's: a rule of the lab, and why it acts now."""

    rule: str = ""
    why: str = ""


@dataclass(frozen=True, slots=True)
class Back:
    """The command that undoes an act, and until when it can; or why none does."""

    command: str = ""
    until: float | None = None
    why_not: str = ""


@dataclass(frozen=True, slots=True)
class End:
    """What an act came to."""

    at: float
    outcome: Ending
    files: int
    bytes: int
    note: str
    back: Back


@dataclass(frozen=True, slots=True)
class Act:
    """One act. What it was about to do, and its end if it had one."""

    id: int
    at: float
    user: str
    process: Process
    command: str
    what: What
    by: By
    place: str
    files: int
    bytes: int
    end: End | None


@dataclass(frozen=True, slots=True)
class Total:
    """What acts of a kind came to, of a rule and at a place."""

    what: What
    rule: str
    place: str
    files: int
    bytes: int
    # When the last of them went well, and how long it took; 0 where none did.
    good_at: float
    seconds: float


class Deed:
    """An act that is under way: nothing of it may happen before `begin`."""

    def __init__(self, log: "Log", what: What, by: By, place: bytes) -> None:
        self._log = log
        self._about = (what, by, place)
        self._number: int | None = None
        self._is_ended = False

    def begin(self, files: int, bytes_: int) -> None:
        """It is on disk when this returns; raises Broken where it cannot be, and nothing is done.

        Once is enough.
        """
        if self._number is None:
            self._number = self._log.begin(*self._about, (files, bytes_))

    def end(
        self, outcome: Ending, done: tuple[int, int], back: Back, note: str = ""
    ) -> None:  # fmt: skip
        """Note how it ended. What is done is done: no fault of the log is one of the act."""
        if self._number is None or self._is_ended:
            return
        self._is_ended = True
        self._log.end(self._number, End(time.time(), outcome, *done, note, back))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, _: object, error: BaseException | None, __: object) -> None:
        if error is not None:
            is_asked = isinstance(error, KeyboardInterrupt)
            why = Back(why_not="it did not come to its end; the next start sees to what it left")
            note = "" if is_asked else str(error) or type(error).__name__
            self.end(Ending.STOPPED if is_asked else Ending.FAILED, (0, 0), why, note)


class Log:
    """The log of a state folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def deed(self, what: What, by: By, place: bytes) -> Deed:
        """An act that may begin."""
        return Deed(self, what, by, place)

    def begin(self, what: What, by: By, place: bytes, size: tuple[int, int]) -> int:
        """Note what is about to be done; its number."""
        me = process.this()
        reserve.see(self.folder)
        with self._open() as db, state.transaction(db):
            done = db.execute(
                "INSERT INTO act (at, user, process, started, boot, command, what, rule, place,"
                " why, files, bytes) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (time.time(), process.user(), me.number, me.started, me.boot, process.command(),
                 what, by.rule, _text(place), by.why, *size),
            )  # fmt: skip
        return int(done.lastrowid or 0)

    def end(self, number: int, end: End) -> None:
        """Note how it ended, where that can be noted."""
        try:
            with self._open() as db, state.transaction(db):
                db.execute(
                    "INSERT INTO ended VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                    (number, end.at, end.outcome, end.files, end.bytes, end.note,
                     end.back.command, end.back.until, end.back.why_not),
                )  # fmt: skip
        except state.Broken:
            return  # the first row stands, and says that nobody knows its end

    def acts(self, since: float = 0.0, rule: str | None = None) -> list[Act]:
        """All acts from a time on, the oldest first; those of one rule, if one is named."""
        if not (self.folder / _FILE).exists():
            return []
        query = f"{_ROWS} WHERE act.at >= ? AND (? IS NULL OR rule = ?) ORDER BY id"
        with self._look() as db:
            return [_act(row) for row in state.rows(db, query, (since, rule, rule))]

    def last(self, number: int = 1) -> list[Act]:
        """The last of them, the newest first."""
        if not (self.folder / _FILE).exists():
            return []
        with self._look() as db:
            return [_act(row) for row in state.rows(db, f"{_ROWS} ORDER BY id DESC LIMIT ?",
                                                    (number,))]  # fmt: skip

    def totals(self) -> list[Total]:
        """All that was ever done, summed."""
        if not (self.folder / _FILE).exists():
            return []
        with self._look() as db:
            return [
                Total(What(what), rule, place, files, size, good_at or 0.0, seconds or 0.0)
                for what, rule, place, files, size, good_at, seconds in state.rows(db, _TOTALS)
            ]

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        """For one row: nothing is open when a process is forked."""
        db = _connect(self.folder / _FILE)
        try:
            if state.version(db, _VERSION) < _VERSION:
                with state.transaction(db):
                    if state.version(db, _VERSION) < _VERSION:  # another may have been first
                        for statement in _SCHEMA.split(";\n"):
                            db.execute(statement)
                        db.execute(f"PRAGMA user_version = {_VERSION}")
            yield db
        finally:
            db.close()

    @contextmanager
    def _look(self) -> Iterator[sqlite3.Connection]:
        db = state.reading(self.folder / _FILE)
        try:
            state.version(db, _VERSION)
            yield db
        finally:
            db.close()


def _connect(file: Path) -> sqlite3.Connection:
    """No write-ahead log: whoever may only read the folder can read this file.

    EXTRA: with less the journal's removal may be lost in a power cut, and the row with it
    (sqlite.org/pragma.html, synchronous).
    """
    try:
        db = sqlite3.connect(file, timeout=_PATIENCE, isolation_level=None)
        db.execute("PRAGMA synchronous=EXTRA")
    except sqlite3.Error as error:
        raise state.Broken(f"{file}: {error}") from error
    return db


def _text(path: bytes) -> str:
    return path.decode("utf-8", "backslashreplace")


def _act(row: tuple[Any, ...]) -> Act:
    number, at, user, *who, command, what, rule, place, why, files, size = row[:13]
    end = None
    if row[13] is not None:
        ended, outcome, *done, note, undo, until, why_not = row[13:]
        end = End(
            ended, Ending(outcome), done[0], done[1], note, Back(undo, until, why_not)
        )  # fmt: skip
    return Act(
        number, at, user, Process(*who), command, What(what), By(rule, why), place, files, size, end
    )  # fmt: skip
