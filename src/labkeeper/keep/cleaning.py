"""One look of a rule that cleans: the engine of `labkeeper clean`, and what became of it."""

import os
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Final

from labkeeper.keep.deciding import Go, is_cache
from labkeeper.keep.events import Cleaned, Refused
from labkeeper.keep.rules import Kept
from labkeeper.plan import Cleanup
from labkeeper.storage.candidates import Rule, Take
from labkeeper.storage.claims import Claims
from labkeeper.storage.cleaning import CleanReport, CleanRequest, clean
from labkeeper.storage.clips import Keeping
from labkeeper.storage.reasons import Refusal
from labkeeper.storage.withheld import Withheld
from labkeeper.store.log import By
from labkeeper.store.quarantine import Held, Quarantine
from labkeeper.store.state import Broken
from labkeeper.values import dataclass

# As of `labkeeper clean`: a rule that takes nearly everything is a mistake until somebody says so.
_MOST_FILES: Final = 1000
_MOST_SHARE: Final = 0.25
_HOLD: Final = 86400.0


# Whoever left these for a shorter time may be about to come back to them.
_LEAST: Final = {"empty-folders": 86400.0, "orphans": 7 * 86400.0}


@dataclass(frozen=True, slots=True)
class Care:
    """What keeps a cleaning from going too far, and how far somebody said that it may go."""

    libraries: tuple[bytes, ...] = ()  # folders that are left alone, unless the rule names them
    claims: Claims | None = None
    withheld: Withheld = Withheld()
    watched: frozenset[bytes] = frozenset()
    is_sure: bool = False
    is_dry_run: bool = False


def run_clean(rule: Cleanup, place: str, go: Go, state: Path, care: Callable[[], Care]) -> Cleaned:
    """Put aside what the rule asks for. The caller holds the lock of the state."""
    record = Quarantine.open(state)
    told, report = Cleaned(rule.name, place, go.why), CleanReport()
    if not os.path.isdir(rule.place.path):
        record.close()
        return told  # nobody has put anything there yet; whether its tier is there was looked at
    try:
        clean(request_of(rule, go, spared(record), care()), record, report)
    except Refusal as refusal:
        return _refused(told, report, Refused(refusal.code, refusal.message, refusal.help))
    except Broken as broken:
        why = f"the record of the quarantine cannot be used: {broken}"
        return _refused(told, report, Refused("journal", why, "see that its disk has room"))
    except OSError as error:
        why = f"{error.filename or rule.place.path}: {(error.strerror or str(error)).lower()}"
        return _refused(told, report, Refused("io-error", why, "look at its disk, see `dmesg`"))
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


def libraries_of(kept: Kept) -> tuple[bytes, ...]:
    """The folders that the lab's moves end in."""
    return tuple(os.fsencode(move.target.path) for move in kept.moves)


def keeping_of(rule: Cleanup) -> Keeping:
    """How long a rule keeps clips."""
    return Keeping(rule.older_than or 0.0, rule.by_label)


def request_of(rule: Cleanup, go: Go, back: frozenset[int], care: Care) -> CleanRequest:
    """What the rule comes to."""
    hold = 0.0 if is_cache(rule) else _HOLD if rule.quarantine is None else rule.quarantine
    is_clips = rule.what == "clips"
    take = Take.FILES if is_cache(rule) or is_clips else Take(rule.what)
    clips = keeping_of(rule) if is_clips else None
    age = _LEAST.get(rule.what, 0.0) if go.older_than is None else go.older_than
    return CleanRequest(
        path=rule.place.path,
        rule=Rule(timedelta(seconds=age), takes=frozenset({take}), clips=clips),
        keep_free=None,
        hold=timedelta(seconds=hold),
        most_files=_MOST_FILES,
        most_share=_MOST_SHARE,
        # After a quiet month, the clips of its last busy day are most of what there is.
        is_sure=care.is_sure or is_clips,
        is_dry_run=care.is_dry_run,
        # Who says for how long pictures of people are kept means it.
        purges_all=is_cache(rule) or is_clips,
        missing=go.missing,
        needed=go.needed,
        spared=back,
        claims=care.claims,
        libraries=care.libraries,
        withheld=care.withheld,
        watched=care.watched,
        by=By(rule.name, go.why),
        snapshot=rule.snapshot,
        counts_folder=go.is_of_folder,
    )


def spared(record: Quarantine) -> frozenset[int]:
    """What somebody brought back stays for as long as it would have been held."""
    now = time.time()
    return frozenset(item.inode for item in record.items(Held.RESTORED) if item.held_until > now)


def _refused(told: Cleaned, report: CleanReport, why: Refused) -> Cleaned:
    """What was held long enough goes before it is known how much else would."""
    return replace(told, purged=tuple(report.purged), refused=why)
