"""Making backups: each service's files at rest, kept, sampled, and put on record."""

import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

from labkeeper.backup import quiescing, sampling
from labkeeper.backup.jobs import Job, Jobs
from labkeeper.backup.program import Program, Saved, Subject
from labkeeper.backup.quiescing import Runner
from labkeeper.backup.standing import AHEAD
from labkeeper.host.long_run import DAY
from labkeeper.plan import Plan
from labkeeper.storage.places import check_mounted, look_at
from labkeeper.storage.reasons import Refusal
from labkeeper.store.backups import Backup, Backups, Outcome
from labkeeper.store.log import Back, By, Ending, Log, What
from labkeeper.values import dataclass

_AT_REST: Final = 3600.0  # the longest that a service stands still for its backup
_GONE: Final = Back(
    why_not="a backup that was let go is gone; `labkeeper backup status` says what is kept"
)
_FEW: Final = 10  # files; half of less says nothing


@dataclass(frozen=True, slots=True)
class Desk:
    """What a run works with."""

    plan: Plan
    program: Program
    record: Backups
    # Where services write copies of what they hold.
    dumps: Path
    log: Log
    # Whether somebody said that a service has rightly less than before.
    trusts_less: bool = False


def make(jobs: Jobs, desk: Desk, tell: Callable[[Backup], None]) -> tuple[Backup, ...]:
    """Back up one service after the other. What fails is on record; the others go on."""
    done = []
    for job in jobs.jobs:
        began, clock = time.time(), time.monotonic()
        try:
            saved, samples = _save(job, desk)
            outcome, why = _judged(saved, jobs, job, desk)
        except Refusal as refusal:
            saved, samples = Saved("", 0, 0), {}
            outcome, why = "failed", f"{refusal.message} (help: {refusal.help})"
        except OSError as error:
            saved, samples = Saved("", 0, 0), {}
            where = f"{error.filename}: " if error.filename else ""
            outcome, why = "failed", f"{where}{(error.strerror or str(error)).lower()}"
        backup = Backup(
            jobs.repository.name, job.name, began, time.monotonic() - clock, outcome,
            saved.snapshot, saved.files, saved.bytes, why,
        )  # fmt: skip
        desk.record.add(backup, samples)
        tell(backup)
        done.append(backup)
    return tuple(done)


def retain(jobs: Jobs, desk: Desk, done: Sequence[Backup]) -> str | None:
    """Let go of old snapshots by the rules; or say why none goes.

    Where anything is in doubt the old ones may be all that there is.
    """
    looks = desk.record.verifications(jobs.repository.name)
    if looks and looks[-1].damage:
        return "the repository was found damaged: nothing is let go until it verifies"
    good = {backup.service for backup in done if backup.outcome == "good"}
    if good and any(each.at.timestamp() > time.time() + AHEAD for each in desk.program.snapshots()):
        return (
            "a snapshot in it is of a time to come: nothing is let go by age until the clock is"
            " right, or that one is removed"
        )
    if good:
        _let_go(jobs, desk, [job for job in jobs.jobs if job.name in good])
    doubtful = [backup.service for backup in done if backup.service not in good]
    return f"all that is kept of {', '.join(doubtful)} stays" if doubtful else None


def _let_go(jobs: Jobs, desk: Desk, of: Sequence[Job]) -> None:
    rules = ", ".join(f"{number} {age}" for age, number in jobs.repository.keep)
    by = By(jobs.repository.name, f"the lab keeps {rules}")
    with desk.log.deed(What.FORGET, by, jobs.repository.to.encode()) as deed:
        before = {each.id for each in desk.program.snapshots()}
        deed.begin(len(before), 0)
        for job in of:
            desk.program.forget(Subject(job.host.name, job.name), jobs.repository.keep)
        gone = before - {each.id for each in desk.program.snapshots()}
        desk.program.tidy()
        deed.end(Ending.DONE, (len(gone), 0), _GONE, f"let go: {', '.join(sorted(gone)) or 'none'}")


def _save(job: Job, desk: Desk) -> tuple[Saved, dict[str, bytes]]:
    _check_there(job)
    if job.set.quiesce == "dump":
        file = desk.dumps / job.name / "dump"
        quiescing.dump(job, file, DAY)
        try:
            return _kept(job, desk, (str(file),), ())
        finally:
            file.unlink(missing_ok=True)
    if job.set.quiesce == "stop":
        return _at_rest(job, desk)
    return _kept(job, desk, job.set.paths, job.leave_out)


def _at_rest(job: Job, desk: Desk) -> tuple[Saved, dict[str, bytes]]:
    """Twice: what was written before the stop need not be read again while it stands still."""
    draft = Subject(job.host.name, job.name, is_draft=True)
    runner = quiescing.runner_of(job)
    if runner.is_running():
        desk.program.save(draft, job.set.paths, job.leave_out, DAY)
    with quiescing.at_rest(job, _peers(job, desk.plan), desk.record):
        kept = _kept(job, desk, job.set.paths, job.leave_out, _AT_REST)
    failed = desk.record.halted()
    if failed:
        names = ", ".join(f"`{each.name}`" for each in failed)
        raise Refusal(
            "not-started-again", f"{names} did not start again after the backup",
            f"see `systemctl status {failed[0].name}`; the backup itself is kept",
        )  # fmt: skip
    for snapshot in desk.program.snapshots():
        if snapshot.subject == draft:
            desk.program.drop(snapshot.id)
    return kept


def _kept(
    job: Job, desk: Desk, paths: Sequence[str], leave_out: Sequence[str], patience: float = DAY
) -> tuple[Saved, dict[str, bytes]]:
    chosen = sampling.choose(paths, leave_out)
    sample = sampling.read(chosen)
    subject = Subject(job.host.name, job.name)
    saved = desk.program.save(subject, paths, leave_out, patience)
    return saved, dict(sampling.unchanged(sample))


def _peers(job: Job, plan: Plan) -> tuple[Runner, ...]:
    """Services of the host that may go down with this one, in the order in which they start."""
    services = (each for each in plan.services if each.host == job.host.name)
    by_order = sorted(services, key=lambda service: service.order)
    own = quiescing.runner_of(job)
    if own.program != "systemctl":
        return ()  # an engine stops what it is told to, and no more
    return tuple(Runner("systemctl", each.unit) for each in by_order)


def _check_there(job: Job) -> None:
    """An empty folder where a disk should be mounted is no backup of it."""
    for path in job.service.requires_mounts if job.service else ():
        check_mounted(path)
    for path in job.set.paths if job.set.quiesce != "dump" else ():
        check_mounted(path)
        if not look_at(path, "folder").exists:
            raise Refusal(
                "nothing-there", f"`{job.name}` has no {path}",
                "start it once, or name under `backup: {paths: ...}` what it keeps",
            )  # fmt: skip


def _judged(saved: Saved, jobs: Jobs, job: Job, desk: Desk) -> tuple[Outcome, str]:
    if saved.unread:
        first = saved.unread[0]
        return "incomplete", f"{len(saved.unread)} of its files could not be read, as {first}"
    before = desk.record.backups(jobs.repository.name, job.name)
    last = next((each for each in reversed(before) if each.outcome == "good"), None)
    if last and last.files >= _FEW and saved.files * 2 < last.files and not desk.trusts_less:
        return "shrunk", f"{saved.files} files, where the last one had {last.files}"
    return "good", ""
