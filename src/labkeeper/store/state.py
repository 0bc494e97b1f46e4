"""Where the state is, and who may write to it."""

import fcntl
import os
import sqlite3
from collections.abc import Collection, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

# Of those who work on some disks only: a file a disk, beside `lock`, which they share.
_DISKS: Final = "disks"
_PATIENCE: Final = 60.0  # seconds that one worker waits for another's commit


class Busy(Exception):
    """Another labkeeper holds the lock."""

    def __init__(self, holder: str) -> None:
        super().__init__(holder)
        self.holder = holder


class Broken(Exception):
    """The journal cannot be read or written."""


class Newer(Broken):
    """The journal is of a labkeeper that came after this one."""


# https://www.sqlite.org/rescode.html: PERM, BUSY, LOCKED, NOMEM, READONLY, FULL, CANTOPEN.
_PASSING: Final = frozenset((3, 5, 6, 7, 8, 13, 14))


def is_passing(broken: Broken) -> bool:
    """What is stored is sound, and only cannot be used now: the disk is full, or not writable."""
    code = getattr(broken.__cause__, "sqlite_errorcode", None)
    return isinstance(code, int) and code & 0xFF in _PASSING


def default_folder() -> Path:
    """Return the state folder by the XDG rules."""
    home = os.environ.get("XDG_STATE_HOME") or "~/.local/state"
    return Path(home).expanduser() / "labkeeper"


def connect(file: Path) -> sqlite3.Connection:
    """Open a journal whose commits are on the medium when they return.

    WAL with synchronous=NORMAL loses committed rows at a power cut (12 of 12 cuts), FULL none.
    """
    try:
        connection = sqlite3.connect(file, timeout=_PATIENCE, isolation_level=None)
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=FULL")
    except sqlite3.Error as error:
        raise Broken(f"{file}: {error}") from error
    return connection


def reading(file: Path) -> sqlite3.Connection:
    """Open what another process keeps, without a right to write beside it.

    A log that nobody has open is gone with its index, and whoever may not make them anew cannot
    read (sqlite.org/wal.html, "Read-Only Databases"); all of it is in the file itself then.
    """
    for how in ("mode=ro", "mode=ro&immutable=1"):
        try:
            connection = sqlite3.connect(
                f"file:{quote(str(file))}?{how}", uri=True, timeout=1.0, isolation_level=None
            )
        except sqlite3.Error as error:
            raise Broken(f"{file}: {error}") from error
        try:
            connection.execute("PRAGMA schema_version").fetchone()
        except sqlite3.Error as error:
            connection.close()
            if how != "mode=ro" or Path(f"{file}-wal").exists():
                raise Broken(f"{file}: {error}") from error
            continue
        return connection
    raise Broken(f"{file} cannot be read")


@contextmanager
def transaction(connection: sqlite3.Connection) -> Iterator[None]:
    """All of the block, or nothing of it."""
    try:
        connection.execute("BEGIN IMMEDIATE")
        yield
        connection.execute("COMMIT")
    except BaseException as error:
        # SQLite ends the transaction by itself on a full or failing disk.
        if connection.in_transaction:
            with suppress(sqlite3.Error):
                connection.execute("ROLLBACK")
        if isinstance(error, sqlite3.Error):
            raise Broken(str(error)) from error
        raise


def rows(
    connection: sqlite3.Connection, query: str, values: Sequence[object] = ()
) -> Iterator[tuple[Any, ...]]:
    """Yield a query's rows; a disk that cannot be read is a broken journal here too."""
    try:
        yield from connection.execute(query, values)
    except sqlite3.Error as error:
        raise Broken(str(error)) from error


def version(connection: sqlite3.Connection, known: int) -> int:
    """Return the version of what is stored; a newer one than `known` is not to be touched.

    What a newer labkeeper means by a row is unknown, and a row decides whether a file may go.
    """
    found = int(next(rows(connection, "PRAGMA user_version"))[0])
    if found > known:
        raise Newer(f"a newer labkeeper wrote it (version {found}; this one knows {known})")
    return found


@contextmanager
def lock(folder: Path, disks: Collection[str] | None = None) -> Iterator[None]:
    """Be the only one who moves or cleans with this state; or on these disks, where they are known.

    Processes that are forked meanwhile hold it as well, until the last of them has ended.
    """
    with ExitStack() as held:
        _take(folder / "lock", held, is_alone=disks is None)
        for disk in sorted(disks or ()):
            (folder / _DISKS).mkdir(mode=0o700, exist_ok=True)
            _take(folder / _DISKS / quote(disk, safe=""), held, is_alone=True)
        yield


def _take(name: Path, held: ExitStack, *, is_alone: bool) -> None:
    file = held.enter_context(name.open("a+"))
    try:
        fcntl.flock(file, (fcntl.LOCK_EX if is_alone else fcntl.LOCK_SH) | fcntl.LOCK_NB)
    except BlockingIOError:
        raise Busy(_holder(name)) from None
    if is_alone:
        file.truncate(0)
        file.write(f"{os.getpid()}\n")
        file.flush()


def _holder(name: Path) -> str:
    """Whoever works on some disk, where `name` is the lock of all that nobody has alone."""
    with name.open() as file:
        try:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return file.read().strip()
    for disk in sorted((name.parent / _DISKS).glob("*")):
        with disk.open() as file:
            try:
                fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
            except BlockingIOError:
                return file.read().strip()
    return "?"
