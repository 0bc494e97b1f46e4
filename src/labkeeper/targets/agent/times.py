"""What is done at times of the lab: backups, their verification, drills, and scrubs."""

import posixpath
from collections.abc import Iterator
from typing import Final

from labkeeper.lab.cron import Schedule
from labkeeper.lab.zone import zones
from labkeeper.plan import BackupSet, Repository, Tier
from labkeeper.targets.agent import hardening
from labkeeper.targets.agent.processes import USER, command, on_this
from labkeeper.targets.agent.subject import Kept, Subject
from labkeeper.targets.agent.unit_file import Setting, UnitFile, settings
from labkeeper.targets.calendar import on_calendar
from labkeeper.targets.systemd import path_words, specified
from labkeeper.values import dataclass

# What restic and borg need to read everything, and to write their own repository.
_READS: Final = ("CAP_DAC_READ_SEARCH", "CAP_DAC_OVERRIDE")
# What gives files back to those whose they were.
_RESTORES: Final = (*_READS, "CAP_CHOWN", "CAP_FOWNER", "CAP_FSETID", "CAP_MKNOD", "CAP_SETFCAP")
# A dump is loaded by a server that runs as nobody, and is ended afterwards.
_LOADS: Final = ("CAP_SETUID", "CAP_SETGID", "CAP_KILL")
_SCRUBS_FOR: Final = "6h"
# A hard disk gives about twice of that.
_SCRUBS_BY: Final = "80MiB"


@dataclass(frozen=True, slots=True)
class _Task:
    """Something that is done at a time."""

    name: str
    title: str
    when: str
    words: tuple[str, ...]
    # What has to be mounted before it, and be a disk's own, rather than the folder below.
    needs: tuple[str, ...]
    disks: tuple[str, ...]
    own: str
    # What it goes on without: all else is kept where one disk of several is not there.
    wants: tuple[str, ...] = ()
    # The secrets that it is given.
    secrets: tuple[str, ...] = ()


def timed(subject: Subject) -> Iterator[UnitFile]:
    """A service and a timer of each."""
    for task in _tasks(subject):
        yield _service(task, subject)
        yield _timer(task, subject)


def _tasks(subject: Subject) -> Iterator[_Task]:
    for kept in subject.kept:
        yield from _of_repository(kept, subject)
    for tier in subject.tiers:
        yield _scrub(tier, subject)


def _of_repository(kept: Kept, subject: Subject) -> Iterator[_Task]:
    repository = kept.repository
    name = repository.name
    of = (*on_this(subject), "--repository", name)
    disks = _disks(subject, repository.tier)
    there = (repository.to,) if repository.host else ()
    read = tuple(path for each in kept.sets for path in each.paths)

    def task(verb: str, title: str, when: str, own: str, wants: tuple[str, ...] = ()) -> _Task:
        stem = "backup" if verb == "run" else verb
        return _Task(
            f"labkeeper-{stem}-{name}", title, when, ("backup", verb, *of), there, disks,
            own + _writing(repository, subject), wants, (repository.password,),
        )  # fmt: skip

    yield task("run", f"Backup to {name}", repository.every, _making(kept.sets), read)
    yield task("verify", f"Verification of {name}", repository.verify, _confined(_READS))
    if repository.drill is not None:
        own = _drilling(kept.sets)
        yield task("drill", f"Restore drill of {name}", repository.drill, own, read)


def _scrub(tier: Tier, subject: Subject) -> _Task:
    path = posixpath.normpath(tier.path)
    words = ("tier", "scrub", *on_this(subject), "--tier", tier.name, "--for", _SCRUBS_FOR,
             "--limit", _SCRUBS_BY)  # fmt: skip
    return _Task(
        f"labkeeper-scrub-{tier.name}", f"Scrub of the tier {tier.name}",
        str(subject.agent.scrub), words, (path,), _disks(subject, tier.name),
        hardening.COMMON + hardening.SCRUB,
    )  # fmt: skip


def _disks(subject: Subject, tier: str | None) -> tuple[str, ...]:
    """The mount point of a tier; a folder that is counted is none."""
    return tuple(
        posixpath.normpath(each.path)
        for each in subject.tiers
        if each.name == tier and each.size is None
    )


def _making(sets: tuple[BackupSet, ...]) -> str:
    if not any(each.quiesce == "dump" for each in sets):
        return _confined(_READS)
    return "# A service writes a copy of its data, in its container or as its own user.\n" + (
        hardening.IN_CONTAINERS
    )


def _drilling(sets: tuple[BackupSet, ...]) -> str:
    if not any(each.quiesce == "dump" for each in sets):
        return _confined(_RESTORES)
    return _confined((*_RESTORES, *_LOADS)) + "SystemCallFilter=@setuid\n"


def _confined(capabilities: tuple[str, ...]) -> str:
    return hardening.COMMON + hardening.BACKUP.format(capabilities=" ".join(capabilities))


def _writing(repository: Repository, subject: Subject) -> str:
    """Where it may write beside its state: where it keeps things, and what borg knows of them."""
    place = posixpath.normpath(repository.to)
    # The folder itself is made by the first backup.
    tier = (each.path for each in subject.tiers if each.name == repository.tier)
    above = posixpath.normpath(next(tier, posixpath.dirname(place)))
    path = place if above == "/" else above
    paths = f"ReadWritePaths={path_words((f'-{path}',))}\n" if repository.host else ""
    borg = "Environment=BORG_BASE_DIR=%S/labkeeper/borg\n" if repository.program == "borg" else ""
    return paths + borg


def _service(task: _Task, subject: Subject) -> UnitFile:
    network = "network-online.target" if task.secrets else ""
    unit = [
        Setting("After", network),
        Setting("Wants", network),
        Setting("RequiresMountsFor", path_words(task.needs)),
        # systemd.unit(5): since version 256.
        Setting("WantsMountsFor", path_words(tuple(dict.fromkeys(task.wants)))),
        *(Setting("AssertPathIsMountPoint", specified(path)) for path in task.disks),
    ]
    own = f"""\
Type=oneshot
ExecStart={command(subject, *task.words)}
User=root
Group={USER}
StateDirectory=labkeeper
StateDirectoryMode=0750
CacheDirectory=labkeeper
CacheDirectoryMode=0700
Environment=XDG_CACHE_HOME=%C/labkeeper
EnvironmentFile=-/etc/labkeeper/agent.env
TimeoutStartSec=infinity
# 1 says what it found, and 2 that it could not begin: another of labkeeper's is at work.
Restart=on-failure
RestartPreventExitStatus=1
RestartSec=10min
{hardening.LAST}{task.own}"""
    limits = (Setting("StartLimitIntervalSec", "6h"), Setting("StartLimitBurst", "8"))
    return UnitFile(
        f"{task.name}.service", task.title,
        (*(each for each in unit if each.value), *limits), tuple(settings(own)),
        secrets=task.secrets,
    )  # fmt: skip


def _timer(task: _Task, subject: Subject) -> UnitFile:
    times = on_calendar(Schedule.parse(task.when))
    own = """\
# What was missed while the host was off is done once it is on again.
Persistent=yes
RandomizedDelaySec=5min
FixedRandomDelay=yes
AccuracySec=1min"""
    return UnitFile(
        f"{task.name}.timer", f"{task.title}: when", (),
        (*(Setting("OnCalendar", _in_zone(each, subject.host.timezone)) for each in times),
         *settings(own)),
        "timers.target",
    )  # fmt: skip


def _in_zone(when: str, zone: str) -> str:
    """A time of the lab, whatever zone the host is in."""
    last = when.rpartition(" ")[2]
    return when if last.upper() == "UTC" or last in zones() else f"{when} {zone}"
