"""A move within one mount: the inode stays, only its names change."""

import os
from contextlib import suppress

from labkeeper.host import files
from labkeeper.storage.batch import Batch, Run, Work
from labkeeper.storage.reasons import Blocked, blocked_by
from labkeeper.storage.source import check_unchanged, open_source
from labkeeper.storage.tree import inode_of
from labkeeper.store.units import Kind, Unit


def rename_all(batch: Batch) -> None:
    """Rename every unit and wait once until the names are on the medium."""
    batch.each("renaming it", rename, put_back)
    if not batch.works:
        return
    try:
        files.sync_filesystem(batch.run.target(batch.works[0].unit.names[0]).root)
    except OSError as error:
        batch.put_off_all(blocked_by(error, "waiting for the disk"))


def is_clear(run: Run, unit: Unit) -> bool:
    """No name of the unit is taken at the destination."""
    return all(run.target(name).look(name.target) is None for name in unit.names)


def rename(run: Run, work: Work) -> None:
    """Rename all names of one inode."""
    unit = work.unit
    if unit.kind is Kind.FILE and not work.is_recovered:
        file = open_source(run, unit)
        try:
            check_unchanged(file, unit.facts)
        finally:
            os.close(file)
    for name in unit.names:
        folder, base = run.source(name).parent(name.source)
        head, _, new = name.target.rpartition(b"/")
        target = run.target(name).make(head)
        try:
            look = os.stat(base, dir_fd=folder, follow_symlinks=False)
        except FileNotFoundError:
            if _is_ours(run, unit, name.target, name.pair):
                continue
            raise
        if inode_of(look.st_ino) != unit.facts.inode:
            raise Blocked("changed", "another file took its name")
        try:
            files.rename_new(folder, base, target, new)
        except FileExistsError:
            why = "something took its name at the destination meanwhile"
            raise Blocked("destination-taken", why) from None


def put_back(run: Run, work: Work, _: Blocked) -> None:
    """Give back the names that were renamed already."""
    unit = work.unit
    for name in unit.names:
        if not _is_ours(run, unit, name.target, name.pair):
            continue
        folder, base = run.source(name).parent(name.source)
        target, new = run.target(name).parent(name.target)
        # A name that was taken again meanwhile stays theirs; ours stays at the destination.
        with suppress(FileExistsError):
            files.rename_new(target, new, folder, base)


def _is_ours(run: Run, unit: Unit, path: bytes, pair: int) -> bool:
    look = run.grounds[pair].target.look(path)
    return look is not None and inode_of(look.st_ino) == unit.facts.inode
