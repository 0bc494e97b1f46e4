"""How the backups of a host stand, and how long the next ones have been due."""

from collections import Counter
from datetime import datetime
from pathlib import Path
from typing import Final

from labkeeper.backup.jobs import Jobs, jobs_of
from labkeeper.backup.standing import standing
from labkeeper.keep.schedule import longest_gap
from labkeeper.keep.seen import Kept
from labkeeper.plan import Plan
from labkeeper.store.backups import Backups

# Depths of a look at a repository, as the contract calls them.
_KINDS: Final = {"structure": "structure", "sample": "sample", "all": "data"}


def of_every(plan: Plan, host: str, state: Path, now: datetime, began: float) -> tuple[Kept, ...]:
    """All repositories; raises where their record cannot be read."""
    every = jobs_of(plan, host) if plan.repositories else ()
    if not every:
        return ()
    folder = state / "backup"
    record = Backups.read(folder) if _is_there(folder) else Backups.in_memory()
    try:
        return tuple(of_repository(jobs, record, now, began) for jobs in every)
    finally:
        record.close()


def _is_there(folder: Path) -> bool:
    """Raises where nobody may say so."""
    try:
        (folder / "backups.db").stat()
    except FileNotFoundError:
        return False
    return True


def of_repository(jobs: Jobs, record: Backups, now: datetime, began: float) -> Kept:
    """How one repository stands; what was never kept is due since somebody looks, at least."""
    name = jobs.repository.name
    period = longest_gap(jobs.repository.every, now)
    found = standing(jobs, record, now, period)
    ages = [service.age for service in found.services]
    oldest = max((now.timestamp() - began if age is None else age for age in ages), default=0.0)
    looks = record.verifications(name)
    verify = longest_gap(jobs.repository.verify, now)
    last = max((look.at for look in looks), default=None)
    failures: Counter[tuple[str, str]] = Counter()
    for job in jobs.jobs:
        for backup in record.backups(name, job.name):
            if backup.outcome != "good":
                failures["backup", backup.outcome] += 1
    failures["verify", "damage"] += sum(bool(look.damage) for look in looks)
    failures["drill", "different"] += sum(bool(drill.wrong) for drill in record.drills(name))
    return Kept(
        found,
        None if period is None else max(0.0, oldest - period),
        None if verify is None or last is None else max(0.0, now.timestamp() - last - verify),
        {_KINDS[look.depth]: look.at for look in looks if not look.damage and look.depth in _KINDS},
        failures,
    )
