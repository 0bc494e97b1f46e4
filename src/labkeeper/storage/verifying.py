"""COPIED: what the destination gives back is what was read."""

import os
import time
from dataclasses import replace
from typing import Final

from blake3 import blake3

from labkeeper.storage.ahead import Early
from labkeeper.storage.batch import Batch, Run, Work
from labkeeper.storage.copying import discard
from labkeeper.storage.reasons import Blocked
from labkeeper.storage.reread import reread
from labkeeper.storage.source import lease
from labkeeper.storage.stage import identify
from labkeeper.store.units import Evidence, Kind, Way

_TICKS_NS: Final = 50_000_000  # as in source.py: times of a fresh write prove nothing


def verify_all(batch: Batch) -> None:
    """Re-read every copy."""
    early = Early(batch.run, batch.works)

    def verify_next(run: Run, work: Work) -> None:
        verify(run, work, early.digest(work))

    batch.each("reading it back", verify_next, discard)


def verify(run: Run, work: Work, early: bytes | None = None) -> None:
    """Re-read one copy and compare; `early` was read from the medium with others."""
    unit = work.unit
    if unit.kind is Kind.SYMLINK:
        digest, evidence = blake3(_text(run, work)).digest(), Evidence.MEMORY
    elif early is not None:
        digest, evidence = early, Evidence.MEDIUM
        run.watch.passed(unit.facts.size)
    else:
        assert work.stage is not None  # noqa: S101  set by copying, or by recovery
        if unit.way is Way.KEEP:
            _hold_still(run, work.stage.file)
            work.unit = unit = replace(unit, copy=identify(work.stage.file))
        digest, evidence = reread(work.stage.file, run.filesystem, run.ring, run.watch)
    if digest != unit.digest:
        if unit.way is Way.KEEP:
            raise Blocked("different-exists", "another file has its name at the destination")
        raise Blocked("not-what-was-written", "the destination gave back other bytes")
    work.unit = replace(unit, evidence=evidence)


def _hold_still(run: Run, file: int) -> None:
    """What was there already must not be written to while it is compared."""
    try:
        lease(file)
    except Blocked as blocked:
        raise Blocked(blocked.code, f"at the destination: {blocked.why}") from None
    age = time.time_ns() - os.fstat(file).st_ctime_ns
    if 0 <= age < _TICKS_NS:
        run.sleep((_TICKS_NS - age) / 1e9)


def _text(run: Run, work: Work) -> bytes:
    assert work.stage is not None  # noqa: S101
    name = work.unit.names[0]
    target = run.target(name)
    base = work.stage.name or name.target.rpartition(b"/")[2]
    return os.readlink(base, dir_fd=target.folder(work.stage.folder))
