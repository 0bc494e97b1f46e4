"""A move that will have its power cut: the product's, or one with a step made wrong.

python -m tests.storage.victim VARIANT HOT COLD STATE
"""

import os
import sqlite3
import sys
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from pathlib import Path

from labkeeper.host import files
from labkeeper.storage import quarantining
from labkeeper.storage.moving import Request, move
from labkeeper.store import state as states
from labkeeper.store.journal import Journal
from tests.storage.broken import put_aside_unrecorded
from tests.storage.cleaner import clean_here, undo_here
from tests.storage.solo import SILENT


def _not_for(cold: str) -> Callable[[int], None]:
    """Broken: never wait for the destination's medium."""
    real, device = files.sync_filesystem, os.stat(cold).st_dev

    def sync(file: int) -> None:
        if os.fstat(file).st_dev != device:
            real(file)

    return sync


def _normal(file: Path) -> sqlite3.Connection:
    """Broken: commits that are not on the medium when they return."""
    connection = sqlite3.connect(file, timeout=60, isolation_level=None)
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=NORMAL")
    return connection


def _clean_and_undo(hot: str, state: str) -> None:
    """Put everything in HOT aside, and bring it back."""
    clean_here(Path(state), Path(hot), hold=timedelta(hours=1))
    undo_here(Path(state))


def main(variant: str, hot: str, cold: str, state: str) -> None:
    """Move everything in HOT to COLD."""
    match variant:
        case "clean":
            _clean_and_undo(hot, state)
            os._exit(0)
        case "clean-late":
            vars(quarantining)["put_aside"] = partial(put_aside_unrecorded, pause=1.0)
            _clean_and_undo(hot, state)
            os._exit(0)
        case "undo":
            undo_here(Path(state))
            os._exit(0)
        case "no-sync":
            vars(files)["sync_filesystem"] = _not_for(cold)
        case "normal-journal":
            vars(states)["connect"] = _normal
        case "labkeeper":
            pass
        case _:
            sys.exit(f"no variant {variant}")
    journal = Journal.open(Path(state))
    request = Request((f"{hot}/",), cold, Path(state), reserve=0)
    _, report = move(request, journal, SILENT)
    if report.left:
        print(report.left[:3], file=sys.stderr)  # noqa: T201
    os._exit(1 if report.left else 0)


if __name__ == "__main__":
    main(*sys.argv[1:])
