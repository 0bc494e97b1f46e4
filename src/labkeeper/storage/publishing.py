"""VERIFIED: the copy gets its names, and never replaces anything."""

import errno
import os
import stat
from contextlib import suppress
from typing import Final

from labkeeper.host import files
from labkeeper.storage.batch import Batch, Run, Work, leave_as_is
from labkeeper.storage.copying import discard
from labkeeper.storage.reasons import Blocked, blocked_by
from labkeeper.storage.stage import Stage, identify, part_name
from labkeeper.storage.tree import inode_of
from labkeeper.store.units import Name, Unit, Way

_MOVED: Final = (stat.S_IFREG, stat.S_IFLNK)
_CANNOT: Final = (errno.EINVAL, errno.ENOSYS, errno.EOPNOTSUPP)


def publish_all(batch: Batch) -> None:
    """Name every copy and wait once until the names are on the medium."""
    batch.each("giving it its name", publish, withdraw)
    if not batch.works:
        return
    try:
        files.sync_filesystem(batch.run.target(batch.works[0].unit.names[0]).root)
    except OSError as error:
        for work in list(batch.works):
            batch.leave(work, blocked_by(error, "waiting for the disk"), leave_as_is)


def publish(run: Run, work: Work) -> None:
    """Give one copy all its names."""
    unit = work.unit
    placed: Name | None = None
    if work.is_recovered or unit.way is Way.KEEP:
        placed = next((name for name in unit.names if is_copy(run, unit, name)), None)
    for name in unit.names:
        try:
            _place(run, work, name, placed)
        except FileExistsError:
            if not is_copy(run, unit, name):
                raise _taken(run, name) from None
        placed = placed or name
    if work.is_recovered:
        _remove_temporary(run, unit)
    work.close()


def _taken(run: Run, name: Name) -> Blocked:
    head, _, base = name.target.rpartition(b"/")
    if not run.target(name).spells(head, base):
        return Blocked("folds-case", "the destination takes its name for that of another file")
    return Blocked("destination-taken", "something took its name at the destination meanwhile")


def is_copy(run: Run, unit: Unit, name: Name) -> bool:
    """The name leads to our copy and nothing else."""
    look = run.target(name).look(name.target)
    if look is None or unit.copy is None or inode_of(look.st_ino) != unit.copy.inode:
        return False
    folder, base = run.target(name).parent(name.target)
    return identify(folder, base).born_ns == unit.copy.born_ns


def withdraw(run: Run, work: Work, blocked: Blocked) -> None:
    """Take our own copy away again: its source is there and is the better one.

    Each name is first renamed to one that only we know and then looked at, so that a file that
    somebody put there meanwhile is never removed.
    """
    discard(run, work, blocked)
    unit = work.unit
    if unit.way is not Way.COPY or not _has_source(run, unit):
        return
    for name in unit.names:
        if not is_copy(run, unit, name):
            continue
        folder, base = run.target(name).parent(name.target)
        aside = part_name(run.journal.tag, unit)
        files.rename_new(folder, base, folder, aside)
        if unit.copy is not None and identify(folder, aside).inode == unit.copy.inode:
            os.unlink(aside, dir_fd=folder)
        else:
            files.rename_new(folder, aside, folder, base)


def _has_source(run: Run, unit: Unit) -> bool:
    looks = (run.source(name).look(name.source) for name in unit.names)
    return any(look is not None and stat.S_IFMT(look.st_mode) in _MOVED for look in looks)


def _place(run: Run, work: Work, name: Name, placed: Name | None) -> None:
    head, _, base = name.target.rpartition(b"/")
    folder = run.target(name).make(head)
    if placed is not None:
        _link(run, placed, folder, base)
        return
    match work.stage:
        case Stage(name=bytes(temporary)) as stage:
            at = run.target(work.unit.names[0]).folder(stage.folder)
            _rename(at, temporary, folder, base)
        case Stage(is_ours=True) as stage:
            files.name_open_file(stage.file, folder, base)
        case _:
            raise Blocked("vanished", "what had its name at the destination went away")


def _link(run: Run, placed: Name, folder: int, base: bytes) -> None:
    at, old = run.target(placed).parent(placed.target)
    os.link(old, base, src_dir_fd=at, dst_dir_fd=folder, follow_symlinks=False)


def _rename(at: int, temporary: bytes, folder: int, base: bytes) -> None:
    try:
        files.rename_new(at, temporary, folder, base)
    except OSError as error:
        if error.errno not in _CANNOT:
            raise
        why = "the destination can give no name without replacing"
        raise Blocked("unpublishable", why) from error


def _remove_temporary(run: Run, unit: Unit) -> None:
    """A crash between link and unlink leaves the temporary as a second name of the copy."""
    head = unit.names[0].target.rpartition(b"/")[0]
    with suppress(FileNotFoundError):
        folder = run.target(unit.names[0]).folder(head)
        os.unlink(part_name(run.journal.tag, unit), dir_fd=folder)
