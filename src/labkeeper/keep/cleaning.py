"""One look of a rule that cleans: the engine of `labkeeper clean`, and what became of it."""

import time
from datetime import timedelta
from pathlib import Path
from typing import Final

from labkeeper.keep.deciding import Go, is_cache
from labkeeper.keep.events import Cleaned, Refused
from labkeeper.plan import Cleanup
from labkeeper.storage.candidates import Rule
from labkeeper.storage.cleaning import CleanRequest, clean
from labkeeper.storage.reasons import Refusal
from labkeeper.store.quarantine import Held, Item, Quarantine
from labkeeper.store.state import Broken

# As of `labkeeper clean`: a rule that takes nearly everything is a mistake until somebody says so.
_MOST_FILES: Final = 1000
_MOST_SHARE: Final = 0.25
_HOLD: Final = 86400.0


def run_clean(rule: Cleanup, place: str, go: Go, state: Path) -> Cleaned:
    """Put aside what the rule asks for. The caller holds the lock of the state."""
    record = Quarantine.open(state)
    told = Cleaned(rule.name, place, go.why)
    try:
        report = clean(_request(rule, go, _spared(record, time.time())), record)
    except Refusal as refusal:
        return _refused(told, refusal.code, refusal.message, refusal.help)
    except Broken as broken:
        why = f"the record of the quarantine cannot be used: {broken}"
        return _refused(told, "journal", why, "see that its disk has room")
    except OSError as error:
        why = f"{error.filename or rule.place.path}: {(error.strerror or str(error)).lower()}"
        return _refused(told, "io-error", why, "look at its disk, see `dmesg`")
    finally:
        record.close()
    return Cleaned(
        rule.name,
        place,
        go.why,
        report.aside[0].run if report.aside else None,
        tuple(report.aside),
        tuple(report.purged),
        report.still_short,
        tuple(report.left),
    )


def held(state: Path) -> tuple[tuple[Item, ...], tuple[Item, ...]]:
    """What is put aside now, and what was brought back."""
    record = Quarantine.open(state)
    try:
        return tuple(record.items(Held.HELD)), tuple(record.items(Held.RESTORED))
    finally:
        record.close()


def _request(rule: Cleanup, go: Go, spared: frozenset[int]) -> CleanRequest:
    hold = 0.0 if is_cache(rule) else _HOLD if rule.quarantine is None else rule.quarantine
    return CleanRequest(
        path=rule.place.path,
        rule=Rule(timedelta(seconds=go.older_than or 0.0)),
        keep_free=None,
        hold=timedelta(seconds=hold),
        most_files=_MOST_FILES,
        most_share=_MOST_SHARE,
        is_sure=False,
        is_dry_run=False,
        purges_all=is_cache(rule),
        missing=go.missing,
        needed=go.needed,
        spared=spared,
    )


def _spared(record: Quarantine, now: float) -> frozenset[int]:
    """What somebody brought back stays for as long as it would have been held."""
    return frozenset(item.inode for item in record.items(Held.RESTORED) if item.held_until > now)


def _refused(told: Cleaned, code: str, message: str, help_: str) -> Cleaned:
    return Cleaned(told.rule, told.path, told.why, refused=Refused(code, message, help_))
