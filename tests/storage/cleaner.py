"""Cleaning and undoing within this process, with all that a test does not care about given."""

from datetime import timedelta
from pathlib import Path

from labkeeper.storage.candidates import Rule
from labkeeper.storage.cleaning import CleanReport, CleanRequest, clean, undo
from labkeeper.storage.quarantining import Done
from labkeeper.store.quarantine import Quarantine


def clean_here(state: Path, path: Path, **changes: object) -> CleanReport:
    """Clean a folder of everything, but for the changes."""
    wishes: dict[str, object] = {
        "rule": Rule(timedelta(0)),
        "keep_free": None,
        "hold": timedelta(hours=24),
        "most_files": 1000,
        "most_share": 1.0,
        "is_sure": True,
        "is_dry_run": False,
        "purges_all": False,
    }
    record = Quarantine.open(state)
    try:
        return clean(CleanRequest(str(path), **(wishes | changes)), record)  # type: ignore[arg-type]
    finally:
        record.close()


def undo_here(state: Path) -> Done:
    """Bring back everything."""
    record = Quarantine.open(state)
    try:
        return undo(record, lambda _: True)
    finally:
        record.close()
