"""A backup lies on the disk that it is a backup of."""

from collections.abc import Iterator

from labkeeper.checks.check import Check, Fault
from labkeeper.checks.spoken import listed
from labkeeper.checks.storage.places import tier_of
from labkeeper.checks.view import View
from labkeeper.plan import Repository
from labkeeper.source import Related


def check(view: View) -> Iterator[Fault]:
    """Compares the tier of each repository with the tiers of what goes there."""
    for repository in view.plan.repositories:
        if repository.host is None:
            continue
        disk = _disk(repository.to, repository.host, view)
        if disk is None:
            continue
        same = [
            kept
            for kept in view.plan.backup_sets
            if kept.repository == repository.name
            and kept.host == repository.host
            and any(_disk(path, kept.host, view) == disk for path in kept.paths)
        ]
        if same:
            related = tuple(Related(f"`{kept.service}` is here", kept.at) for kept in same)
            yield _fault(repository, disk, [kept.service for kept in same], related)


def _disk(path: str, host: str, view: View) -> str | None:
    """The tier that is a disk; a counted folder lies on the disk of the tier around it."""
    tier = tier_of(path, (tier for tier in view.tiers_of(host) if tier.size is None))
    return tier.name if tier else None


def _fault(
    repository: Repository, disk: str, services: list[str], related: tuple[Related, ...]
) -> Fault:
    return Fault(
        f"the repository `{repository.name}` is on the tier `{disk}`, as is what it keeps of"
        f" {listed(services)}: one broken disk takes both",
        repository.at,
        "keep it on another disk, better on another machine: `to: sftp://...`",
        related,
        subject=repository.name,
    )


CHECK = Check("backup-on-same-disk", "error", plan=check)
