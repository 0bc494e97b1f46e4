"""Opening a repository: the right one, where it should be, with its password."""

from pathlib import Path

from labkeeper.backup.borg import Borg
from labkeeper.backup.program import Program
from labkeeper.backup.restic import Restic
from labkeeper.plan import Repository
from labkeeper.storage.places import check_mounted, look_at
from labkeeper.storage.reasons import Refusal
from labkeeper.store.backups import Backups


def program_of(repository: Repository, password: bytes) -> Program:
    """The program that keeps it."""
    if repository.program == "borg":
        return Borg(repository.to, password)
    return Restic(repository.to, password)


def opened(repository: Repository, program: Program, record: Backups, *, makes: bool) -> Program:
    """The repository that the record knows; made where it never was, if `makes`.

    One that is gone is never made anew: its disk may only not be mounted.
    """
    _check_place(repository)
    known, found = record.identity_of(repository.name), program.identity()
    if found is None and known is not None:
        raise Refusal(
            "repository-gone", f"the repository `{repository.name}` is not at {repository.to}",
            "mount its disk; if it is lost for good, name a new one in the lab",
        )  # fmt: skip
    if found is None:
        if not makes:
            raise Refusal(
                "never-made", f"nothing was ever kept in `{repository.name}`",
                "labkeeper backup run",
            )  # fmt: skip
        program.create()
        found = program.identity()
    if known is not None and known != found:
        raise Refusal(
            "another-repository", f"what is at {repository.to} is not `{repository.name}`",
            "see which disk is mounted there; a new repository needs a name of its own in the lab",
        )  # fmt: skip
    if known is None and found is not None:
        record.know(repository.name, found)
    return program


def _check_place(repository: Repository) -> None:
    """A folder on a disk that is not mounted would be made on the one below it."""
    if not Path(repository.to).is_absolute():
        return
    check_mounted(repository.to)
    above = Path(repository.to)
    if (
        not look_at(str(above), "repository").exists
        and not look_at(str(above.parent), "folder above the repository").exists
    ):
        raise Refusal(
            "no-folder", f"there is no folder {above.parent} to make the repository in",
            f"mount its disk, or: mkdir -p {above.parent}",
        )  # fmt: skip
