"""A backup copies the files of a database while it writes them."""

from collections.abc import Iterator

from labkeeper.checks.check import Check, Fault
from labkeeper.checks.storage.places import is_below
from labkeeper.checks.view import View
from labkeeper.plan import BackupSet, Folder, Service
from labkeeper.source import Related


def check(view: View) -> Iterator[Fault]:
    """Looks for databases whose only backup is that of something else, or a copy of live files."""
    sets = {(kept.host, kept.service): kept for kept in view.plan.backup_sets}
    for service in view.plan.services:
        software = view.services.by_name.get(service.software or "")
        if software is None or software.database is None:
            continue
        own = sets.get((service.host, service.key))
        if own and own.none is None and own.repository and own.quiesce != "live":
            continue
        for folder in service.folders:
            if folder.kind == "state" and (kept := _live_copy(folder, service, view)):
                yield _fault(service, folder, kept)


def _live_copy(folder: Folder, service: Service, view: View) -> BackupSet | None:
    """The backup that reads the database's files without stopping it."""
    path = folder.source.text
    for kept in view.plan.backup_sets:
        if kept.host != service.host or kept.repository is None or kept.none is not None:
            continue
        still = kept.service == service.key and kept.quiesce != "live"
        if not still and any(is_below(path, each) for each in kept.paths):
            return kept
    return None


def _fault(service: Service, folder: Folder, kept: BackupSet) -> Fault:
    return Fault(
        f"the backup of `{kept.service}` copies the files of the database `{service.key}` while it"
        " writes them",
        kept.at,
        f"give `{service.key}` a backup of its own, which has it write a dump or stops it; such a"
        " copy often cannot be opened again",
        (Related(f"`{service.key}` keeps its files here", folder.at),),
        subject=f"{service.host} {service.key}",
    )


CHECK = Check("backup-of-live-database", "error", plan=check)
