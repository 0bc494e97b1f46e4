"""How the backups of a host stand: what would be lost now, and how long it would take to return."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final, Literal

from labkeeper.backup.jobs import Job, Jobs
from labkeeper.store.backups import Backup, Backups, Drill, Verification
from labkeeper.values import dataclass

Word = Literal["ok", "late", "never", "failed"]
_TELLING: Final = 16 << 20  # bytes; less says how fast the program starts, not how fast it restores
AHEAD: Final = 3600.0  # seconds; what is later than that was made by a clock that was wrong
_GRACE: Final = 1.5  # a backup takes its time; half a period more is late


@dataclass(frozen=True, slots=True)
class OfService:
    """One service. `age` is what would be lost now (RPO), `back_in` how long a restore takes."""

    service: str
    word: Word
    age: float | None
    last: Backup | None
    why: str
    back_in: float | None


@dataclass(frozen=True, slots=True)
class OfRepository:
    """One repository, and all that a host keeps in it."""

    name: str
    to: str
    services: tuple[OfService, ...]
    verified: Verification | None
    # When all of its data were last read, part by part or at once; none where they never were.
    all_read: float | None
    drilled: Drill | None
    drills: tuple[Drill, ...]

    @property
    def is_well(self) -> bool:
        """Nobody has to look at it."""
        is_whole = self.verified is None or not self.verified.damage
        is_tried = not any(drill.wrong for drill in self.drills)
        return is_whole and is_tried and all(each.word == "ok" for each in self.services)


def standing(jobs: Jobs, record: Backups, now: datetime, period: float | None) -> OfRepository:
    """How one repository stands; `period` is what its schedule leaves between two backups."""
    name = jobs.repository.name
    looks = record.verifications(name)
    drills = record.drills(name)
    services = tuple(_service(job, jobs, record, (now, period, drills)) for job in jobs.jobs)
    whole = [drill for drill in drills if drill.is_whole]
    return OfRepository(
        name, jobs.repository.to, services, looks[-1] if looks else None, _all_read(looks),
        whole[-1] if whole else None, tuple(_latest(drills).values()),
    )  # fmt: skip


def _service(
    job: Job, jobs: Jobs, record: Backups, when: tuple[datetime, float | None, Sequence[Drill]]
) -> OfService:
    now, period, drills = when
    every = record.backups(jobs.repository.name, job.name)
    good = next((each for each in reversed(every) if each.outcome == "good"), None)
    latest = every[-1] if every else None
    if good is None:
        word: Word = "failed" if latest else "never"
        return OfService(job.name, word, None, None, latest.why if latest else "", None)
    age = max(0.0, now.timestamp() - good.at)
    back_in = _back_in(good, drills)
    if good.at > now.timestamp() + AHEAD:
        why = "its last backup is of a time to come: a clock was wrong then, or is now"
        return OfService(job.name, "late", None, good, why, back_in)
    if latest is not None and latest.outcome != "good":
        return OfService(job.name, "failed", age, good, latest.why, back_in)
    is_late = period is not None and age > period * _GRACE
    return OfService(job.name, "late" if is_late else "ok", age, good, "", back_in)


def _back_in(backup: Backup, drills: Sequence[Drill]) -> float | None:
    """How long a restore took: of itself, or at the pace of others; none where nothing tells."""
    whole = [drill for drill in drills if drill.is_whole and not drill.wrong]
    own = next((drill for drill in reversed(whole) if drill.service == backup.service), None)
    if own is not None and own.bytes < _TELLING:
        return own.seconds
    told = [own] if own else [drill for drill in whole if drill.bytes >= _TELLING][-5:]
    if not told:
        return None
    return backup.bytes * sum(drill.seconds for drill in told) / sum(drill.bytes for drill in told)


def _all_read(looks: Sequence[Verification]) -> float | None:
    """The oldest of the latest looks at each part: since then, each byte was read at least once."""
    parts: dict[int, float] = {}
    last_all: float | None = None
    for look in looks:
        if look.damage:
            continue
        if look.depth == "all":
            last_all, parts = look.at, {}
        elif look.depth == "sample":
            parts = parts | {look.number: look.at}
            if len(parts) == look.parts:
                last_all = max(last_all or 0.0, min(parts.values()))
    return last_all


def _latest(drills: Sequence[Drill]) -> dict[str, Drill]:
    return {drill.service: drill for drill in drills}
