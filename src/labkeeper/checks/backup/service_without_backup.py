"""A service keeps something that nothing else has a copy of."""

from collections.abc import Iterator

from labkeeper.checks.check import Check, Fault
from labkeeper.checks.spoken import listed
from labkeeper.checks.storage.places import is_below
from labkeeper.checks.view import View
from labkeeper.plan import BackupSet, Plan
from labkeeper.source import Related


def check(view: View) -> Iterator[Fault]:
    """Looks at what each service that labkeeper runs has to keep."""
    yield from _nowhere(view.plan)
    yield from _left_out(view.plan)


def _nowhere(plan: Plan) -> Iterator[Fault]:
    """Services with something to keep, and no place to keep it: one cause, the missing place."""
    bare = [kept for kept in plan.backup_sets if kept.none is None and kept.repository is None]
    if not bare:
        return
    first, *others = bare
    verb = "keep" if others else "keeps"
    yield Fault(
        f"{listed([kept.service for kept in bare])} {verb} what nothing else has a copy of, and"
        " the lab has no place for backups",
        first.at,
        "name one under `backup: repositories`; for a service that loses nothing, say why:"
        " `backup: none -- REASON`",
        tuple(Related(f"`{kept.service}` is here", kept.at) for kept in others),
        subject="repositories",
        # Many labs are backed up by something that no lab knows of.
        severity="info",
    )


def _left_out(plan: Plan) -> Iterator[Fault]:
    """State of a service of the user's own, beside the paths that they name for its backup."""
    sets = {(kept.host, kept.service): kept for kept in plan.backup_sets}
    for service in plan.services:
        kept = sets.get((service.host, service.key))
        if kept is None or kept.none is not None or not kept.stated or service.software:
            continue
        for folder in service.folders:
            if folder.kind == "state" and not _covers(kept, folder.source.text):
                yield Fault(
                    f"the backup of `{service.key}` leaves out what it keeps at `{folder.target}`",
                    folder.at,
                    "add the path to `backup: {paths: ...}`; if nothing is lost with it, call it"
                    " what it is: `kind: cache`",
                    (Related("the backup is here", kept.at),),
                    subject=f"{service.host} {service.key} {folder.target}",
                )


def _covers(kept: BackupSet, path: str) -> bool:
    return any(is_below(path, each) or is_below(each, path) for each in kept.paths)


CHECK = Check("service-without-backup", "warning", plan=check)
