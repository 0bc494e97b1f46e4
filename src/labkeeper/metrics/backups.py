"""Backups, how they were read again, and what came of restoring them."""

from collections import Counter
from collections.abc import Iterator, Sequence

from labkeeper.keep.seen import Kept
from labkeeper.metrics.exposition import Sample
from labkeeper.metrics.sample import sample


def of_backups(kept: Kept, now: float) -> Iterator[Sample]:
    """One repository. `now` is when its services were looked at."""
    standing = kept.standing
    repository = {"repository": standing.name}
    at = _kept_at(kept, now)
    if at is not None:
        size = sum(each.last.bytes for each in standing.services if each.last)
        yield sample("backup_success_timestamp_seconds", at, **repository)
        yield sample("backup_bytes", size, **repository)
    if kept.overdue is not None:
        yield sample("backup_overdue_seconds", kept.overdue, **repository)
    for kind, looked in kept.looks.items():
        yield sample("backup_verified_timestamp_seconds", looked, **repository, kind=kind)
    if kept.verify_overdue is not None:
        yield sample("backup_verify_overdue_seconds", kept.verify_overdue, **repository)
    if standing.verified is not None:
        yield sample("backup_damaged", bool(standing.verified.damage), **repository)
    for drill in standing.drills:
        name = f"{standing.name}/{drill.service}"
        yield sample("drill_passed", not drill.wrong, drill=name)
        yield sample("drill_timestamp_seconds", drill.at, drill=name)
        yield sample("drill_duration_seconds", drill.seconds, drill=name)


def of_work(every: Sequence[Kept], now: float) -> Iterator[Sample]:
    """All repositories together: a duty is done when it was done for each."""
    kept = [_kept_at(each, now) for each in every]
    looks = [each.standing.verified for each in every]
    whole = [look.at if look and not look.damage else None for look in looks]
    tried = [
        max((drill.at for drill in each.standing.drills if not drill.wrong), default=None)
        for each in every
    ]
    for work, times in (("backup", kept), ("verify", whole), ("drill", tried)):
        known = [at for at in times if at is not None]
        if known and len(known) == len(times):
            yield sample("last_success_timestamp_seconds", min(known), work=work)
    failures: Counter[tuple[str, str]] = Counter()
    for each in every:
        failures.update(each.failures)
    for (work, reason), count in failures.items():
        yield sample("failures_total", count, work=work, reason=reason)


def _kept_at(kept: Kept, now: float) -> float | None:
    """When the oldest of the last good backups was made; none where a service has none."""
    ages = [service.age for service in kept.standing.services]
    known = [age for age in ages if age is not None]
    return now - max(known) if known and len(known) == len(ages) else None
