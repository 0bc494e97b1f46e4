"""Drills: a sample of every service, and one of them whole, restored to scratch and compared."""

import shutil
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from labkeeper.backup.comparing import Comparison, compare
from labkeeper.backup.jobs import Job, Jobs
from labkeeper.backup.loading import Image, Loaded, check_end, load_dump, look_at_files
from labkeeper.backup.program import Entry, Program
from labkeeper.storage.reasons import Refusal
from labkeeper.store.backups import Backup, Backups, Drill
from labkeeper.values import dataclass

_SAMPLED: Final = 5  # files a service; each is compared byte for byte
_SPARE: Final = 1 << 30  # bytes that a drill leaves free


@dataclass(frozen=True, slots=True)
class Ground:
    """Where a drill restores to, and what it restores from."""

    program: Program
    record: Backups
    scratch: Path


def drill(
    jobs: Jobs, ground: Ground, whole: str | None, tell: Callable[[Drill], None]
) -> tuple[Drill, ...]:
    """Restore a sample of each service, and all of `whole`; or of the one longest not tried."""
    kept = {job.name: backup for job in jobs.jobs if (backup := last_kept(jobs, job, ground))}
    whole = whole or _turn(jobs, kept, ground)
    done = []
    for job in jobs.jobs:
        if job.name in kept and job.name != whole:
            sample = ground.record.sample(kept[job.name])
            wanted = sorted(sample)[:_SAMPLED]
            if wanted:
                done.append(_restore(job, kept[job.name], ground, wanted))
                tell(done[-1])
    if whole is not None:
        backup = kept.get(whole)
        if backup is None:
            raise Refusal("never-kept", f"nothing was kept of `{whole}`", "labkeeper backup run")
        job = next(each for each in jobs.jobs if each.name == whole)
        done.append(_restore(job, backup, ground, ()))
        tell(done[-1])
    for each in done:
        ground.record.add_drill(each)
    return tuple(done)


def last_kept(jobs: Jobs, job: Job, ground: Ground) -> Backup | None:
    """The newest backup of a service that is whole."""
    every = ground.record.backups(jobs.repository.name, job.name)
    return next((each for each in reversed(every) if each.outcome == "good"), None)


def bring_back(ground: Ground, backup: Backup, into: Path) -> Comparison:
    """Restore all of a backup below a folder, and compare it."""
    entries = tuple(ground.program.entries(backup.snapshot))
    _check_room(entries, into)
    ground.program.restore(backup.snapshot, (), into)
    return compare(entries, into, ground.record.sample(backup), backup.at)


def _restore(job: Job, backup: Backup, ground: Ground, paths: Sequence[str]) -> Drill:
    """One restore; whatever fails in it is what the drill is for, and goes into its report."""
    began, clock = time.time(), time.monotonic()
    found, loaded, seconds = Comparison(), Loaded(), 0.0
    try:
        with _scratch(ground.scratch) as folder:
            entries = tuple(ground.program.entries(backup.snapshot))
            wanted = frozenset(paths)
            looked = [e for e in entries if e.path in wanted] if paths else entries
            _check_room(looked, folder)
            clock = time.monotonic()
            ground.program.restore(backup.snapshot, paths, folder)
            seconds = time.monotonic() - clock
            found = compare(looked, folder, ground.record.sample(backup), backup.at)
            lost = wanted - {entry.path for entry in looked}
            found.wrong += [f"{path} is not in the backup" for path in sorted(lost)]
            clock = time.monotonic()
            loaded = _loaded(job, folder, looked, is_whole=not paths)
            # Without what is in it, a database is not back.
            seconds += time.monotonic() - clock
            found.wrong += loaded.wrong
    except Refusal as refusal:
        if refusal.code in ("no-room", "unreachable"):
            raise
        found.wrong.append(refusal.message)
    return Drill(
        backup.repository, backup.service, began, seconds or time.monotonic() - clock,
        not paths, found.files, found.bytes, found.by_digest, found.by_source,
        "\n".join(found.wrong[:20]), loaded.tables, loaded.rows, loaded.undone,
    )  # fmt: skip


def _loaded(job: Job, folder: Path, entries: Sequence[Entry], *, is_whole: bool) -> Loaded:
    """What its databases hold; of a sample, whether a dump was written to its end."""
    if job.set.quiesce != "dump":
        return look_at_files(folder) if is_whole else Loaded()
    file = next((each.path for each in entries if each.kind == "file"), None)
    if file is None or not (dump := folder / file.lstrip("/")).is_file():
        return Loaded(undone="there is no dump in it")
    if not is_whole:
        return check_end(dump)
    image = Image(job.host.engine, job.image) if job.image else None
    return load_dump(dump, image)


def _turn(jobs: Jobs, kept: dict[str, Backup], ground: Ground) -> str | None:
    """The service whose last whole restore is the longest ago, of those that there is room for."""
    tried = {d.service: d.at for d in ground.record.drills(jobs.repository.name) if d.is_whole}
    room = _room(ground.scratch)
    able = [name for name, backup in kept.items() if backup.bytes <= room]
    return min(able, key=lambda name: (tried.get(name, 0.0), name), default=None)


def _check_room(entries: Sequence[Entry], folder: Path) -> None:
    needed = sum(entry.size or 0 for entry in entries if entry.kind == "file")
    if needed > _room(folder):
        raise Refusal(
            "no-room", f"{needed} bytes have no room in {folder}",
            "name a folder on a larger disk",
        )  # fmt: skip


def _room(folder: Path) -> int:
    return max(0, shutil.disk_usage(folder).free - _SPARE)


@contextmanager
def _scratch(above: Path) -> Iterator[Path]:
    """A folder of this drill alone. It goes afterwards, and nothing else does."""
    folder = Path(tempfile.mkdtemp(prefix=".labkeeper-drill-", dir=above))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
