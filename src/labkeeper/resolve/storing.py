"""Tiers, moves, cleanups and backups of a lab, each on the host that it is meant for."""

import posixpath
from collections.abc import Iterable, Iterator

from labkeeper.lab import Lab
from labkeeper.lab.backup import NoBackup, ServiceBackup
from labkeeper.lab.backup import Repository as Declared
from labkeeper.lab.name import HostName
from labkeeper.lab.path import HostPath, Source, TierPath
from labkeeper.lab.place import NOWHERE
from labkeeper.lab.share import Amount as Share
from labkeeper.lab.share import Percentage
from labkeeper.lab.window import Window as Hours
from labkeeper.plan import (
    Amount,
    BackupSet,
    Cleanup,
    Clips,
    Folder,
    Move,
    Place,
    Quiesce,
    Repository,
    SecretUse,
    Tier,
    Window,
)
from labkeeper.resolve.folders import placed, tier_of
from labkeeper.resolve.instances import AGENT, Instance
from labkeeper.source import Span


def tiers(lab: Lab) -> Iterator[Tier]:
    """Every tier of every host."""
    for host_name, host in lab.hosts.items():
        for name, tier in host.tiers.items():
            yield Tier(
                host_name.text, name.text, tier.path.text, tier.medium, _amount(tier.keep_free),
                tier.size.bytes if tier.size else None, name.at, _at(tier.path.at, name.at),
            )  # fmt: skip


def moves(lab: Lab) -> Iterator[Move]:
    """What goes from one tier to another."""
    for name, library in lab.storage.libraries.items():
        host = _host(lab, library.on, (library.from_, library.to))
        source = _place(lab, host, library.from_)
        target = _place(lab, host, library.to)
        if host and source and target:
            when = library.when
            yield Move(
                name.text, host.text, source, target,
                when.older_than.seconds if when.older_than else None, _ratio(when.used_over),
                str(library.every), library.client.text if library.client else None, name.at,
                tuple(each.text for each in when.finished_by), when.category,
                when.full_within.seconds if when.full_within else None, _window(library.between),
                _ratio(library.unless_over), library.limit.bytes if library.limit else None,
                when.idle.seconds if when.idle else None,
            )  # fmt: skip


def cleanups(lab: Lab) -> Iterator[Cleanup]:
    """What goes, and caches that are kept small."""
    for name, clean in lab.storage.clean.items():
        host = _host(lab, clean.on, (clean.path,))
        place = _place(lab, host, clean.path)
        if host and place:
            yield Cleanup(
                name.text, host.text, place, clean.what,
                clean.older_than.seconds if clean.older_than else None,
                _ratio(clean.when_used_over), _ratio(clean.until_used_under), None,
                clean.quarantine.seconds, str(clean.every), name.at, clean.snapshot,
                _window(clean.between), _ratio(clean.unless_over),
            )  # fmt: skip
    for name, cache in lab.storage.caches.items():
        host = _host(lab, cache.on, (cache.path,))
        place = _place(lab, host, cache.path)
        if host and place:
            yield Cleanup(
                name.text, host.text, place, "gpu-cache" if cache.kind == "gpu" else "cache",
                cache.older_than.seconds if cache.older_than else None, None, None,
                cache.over.bytes if cache.over else None, None, str(cache.every), name.at,
            )  # fmt: skip


def clips(lab: Lab, every: Iterable[Instance]) -> Iterator[Clips]:
    """Clips that are copied, from the host that records them."""
    hosts = {each.name: each.host for each in every}
    for name, wanted in lab.storage.surveillance.items():
        on = hosts.get(wanted.service.text)
        host = HostName(on) if on else None
        place = _place(lab, host, wanted.to)
        if host and place:
            yield Clips(
                name.text, host.text, wanted.service.text, place, wanted.events,
                wanted.rest.seconds, name.at,
                tuple((label, long.seconds) for label, long in wanted.by_label),
            )  # fmt: skip


def repositories(lab: Lab) -> Iterator[Repository]:
    """Where backups are kept."""
    for name, kept in lab.backup.repositories.items():
        to, host, tier = _kept_at(lab, kept)
        yield Repository(
            name.text, kept.with_, to, host, tier, kept.password.name, str(kept.every),
            str(kept.verify), str(kept.drill) if kept.drill else None,
            (("daily", kept.keep.daily.number), ("weekly", kept.keep.weekly.number),
             ("monthly", kept.keep.monthly.number)),
            name.at,
        )  # fmt: skip


def passwords(
    every: tuple[Instance, ...], sets: tuple[BackupSet, ...], lab: Lab
) -> Iterator[SecretUse]:
    """What labkeeper's own units on a host open repositories with."""
    for each in every:
        if each.kind != AGENT or not each.native:
            continue
        wanted = {found.repository for found in sets if found.host == each.host}
        for repository in repositories(lab):
            if repository.name in wanted and repository.host in (None, each.host):
                yield SecretUse(repository.password, each.name, each.host, None, repository.at)


def backup_set(instance: Instance, kept: tuple[Folder, ...], lab: Lab) -> BackupSet | None:
    """What is kept of a service; none where it has nothing to keep."""
    stated, known = instance.declared.backup, instance.run.backup
    if isinstance(stated, NoBackup):
        return _nothing(instance, stated.reason, stated.at)
    if stated is None and known and known.none:
        return _nothing(instance, known.none, instance.at)
    state = [folder for folder in kept if folder.kind == "state"]
    if not state and not isinstance(stated, ServiceBackup):
        return None
    own = stated if isinstance(stated, ServiceBackup) else ServiceBackup()
    wanted = [path.text for path in own.paths] or list(known.paths if known else ())
    first = next(iter(lab.backup.repositories), None)
    repository = own.to or first
    return BackupSet(
        service=instance.name,
        host=instance.host,
        repository=repository.text if repository else None,
        paths=tuple(_on_host(path, kept) for path in wanted if _inside(path, kept))
        or tuple(folder.source.text for folder in state),
        leave_out=known.leave_out if known else (),
        quiesce=_quiesced(own.stop, known.quiesce if known else "stop"),
        command=known.command if known else (),
        none=None,
        stated=isinstance(stated, ServiceBackup),
        at=_at(own.at, instance.at),
    )


def _quiesced(stops: bool | None, known: Quiesce) -> Quiesce:
    """What the lab says, else what is known. What writes a copy itself need not stand still."""
    if stops:
        return "stop"
    return "live" if stops is False and known == "stop" else known


def _nothing(instance: Instance, why: str, at: Span) -> BackupSet:
    return BackupSet(
        instance.name, instance.host, None, (), (), "live", (), why, at != instance.at, at
    )


def _inside(path: str, kept: tuple[Folder, ...]) -> Folder | None:
    """The folder that a path of the container lies in."""
    over = [f for f in kept if path == f.target or path.startswith(f.target.rstrip("/") + "/")]
    return max(over, key=lambda folder: len(folder.target), default=None)


def _on_host(path: str, kept: tuple[Folder, ...]) -> str:
    folder = _inside(path, kept)
    if folder is None:
        return path
    rest = path[len(folder.target) :].strip("/")
    return posixpath.join(folder.source.text, rest) if rest else folder.source.text


def _kept_at(lab: Lab, kept: Declared) -> tuple[str, str | None, str | None]:
    if not isinstance(kept.to, Source):
        return str(kept.to), None, None
    path = kept.to.path
    host = _host(lab, kept.on, (path,) if isinstance(path, TierPath) else ())
    if host is None:
        return str(path), None, None
    on_host = placed(path, lab.hosts[host]) or str(path)
    return on_host, host.text, tier_of(on_host, lab.hosts[host])


def _host(lab: Lab, on: HostName | None, paths: tuple[TierPath | HostPath, ...]) -> HostName | None:
    """The host that is meant: the one named, the only one, or the only one with these tiers."""
    if on is not None:
        return on if on in lab.hosts else None
    if len(lab.hosts) == 1:
        return next(iter(lab.hosts))
    wanted = {path.tier for path in paths if isinstance(path, TierPath)}
    able = [name for name, host in lab.hosts.items() if wanted and wanted.issubset(host.tiers)]
    return able[0] if len(able) == 1 else None


def _place(lab: Lab, host: HostName | None, path: TierPath) -> Place | None:
    on_host = placed(path, lab.hosts[host]) if host else None
    return Place(path.tier.text, on_host, path.at) if on_host else None


def _amount(share: Share | None) -> Amount | None:
    if share is None:
        return None
    if isinstance(share.value, Percentage):
        return Amount(ratio=share.value.hundredths / 10_000)
    return Amount(bytes=share.value.bytes)


def _window(window: Hours | None) -> Window | None:
    return Window(window.days, window.begin, window.end) if window else None


def _ratio(share: Percentage | None) -> float | None:
    return share.hundredths / 10_000 if share else None


def _at(first: Span, otherwise: Span) -> Span:
    return otherwise if first == NOWHERE else first
