"""RETIRING: the source goes, after a last look at its copy.

A lease held over the last look and the unlink does not close the race: a writer that waits in
open() for the lease gets its descriptor after the unlink and writes into nothing. So the source
is renamed first, the lease is given back, the writer comes in, and the second lease finds it.
"""

import errno
import os
from typing import Final

from labkeeper.host import files, leases, statx
from labkeeper.storage.batch import Batch, Run, Work
from labkeeper.storage.publishing import withdraw
from labkeeper.storage.reasons import Blocked, blocked_by
from labkeeper.storage.source import check_removable, facts_of, open_quietly
from labkeeper.storage.stage import copy_of, identify, retired_name
from labkeeper.storage.tree import inode_of
from labkeeper.store.units import After, Kind, Name, Unit, Way

GRACE: Final = 0.02  # seconds for an open() that found the old name to come through
_OUR_COPY_IS_STALE: Final = frozenset({"changed", "open-for-writing"})


def retire_all(batch: Batch) -> None:
    """Set every source aside, wait, look at every copy again, and only then unlink."""
    if batch.run.keep_source:
        return
    # These are done with their copy: a torrent client goes on sharing the source.
    kept = [work for work in batch.works if work.unit.after is After.KEEP]
    batch.works = [work for work in batch.works if work.unit.after is not After.KEEP]
    _retire(batch)
    batch.works += kept


def _retire(batch: Batch) -> None:
    run = batch.run
    batch.each("setting the source aside", set_aside, restore)
    try:
        _sync_sources(batch)
    except OSError as error:
        _leave_all(batch, blocked_by(error, "waiting for the source's disk"))
    if not all(ground.target.is_still_there() for ground in run.grounds.values()):
        _leave_all(batch, Blocked("copy-gone", "the destination is not mounted any more"))
    if batch.works:
        run.sleep(GRACE)
    batch.each("removing the source", look_again_and_unlink, restore)
    try:
        _sync_sources(batch)
    except OSError as error:
        batch.put_off_all(blocked_by(error, "waiting for the source's disk"))


def set_aside(run: Run, work: Work) -> None:
    """Rename each name of the source to one that only the journal knows."""
    is_touched = work.is_recovered  # our own rename changes an inode's ctime
    for number, name in enumerate(work.unit.names):
        folder, base = run.source(name).parent(name.source)
        try:
            look = os.stat(base, dir_fd=folder, follow_symlinks=False)
        except FileNotFoundError:
            # Set aside before a crash, or removed by somebody.
            if work.is_recovered and _is_aside(run, work.unit, number):
                work.aside.append(number)
            continue
        if work.is_recovered and facts_of(look).inode != work.unit.facts.inode:
            continue  # a new file came after ours was unlinked: the next scan sees to it
        if work.is_recovered and _drop_second_name(run, work.unit, number, look):
            look = os.stat(base, dir_fd=folder, follow_symlinks=False)
        _check_same(look, work.unit, is_touched=is_touched)
        retired = retired_name(run.journal.tag, work.unit, number)
        try:
            files.rename_new(folder, base, folder, retired)
        except PermissionError:
            check_removable(run.source(name), name.source)  # it knows more of the reason
            raise
        work.aside.append(number)
        is_touched = True


def look_again_and_unlink(run: Run, work: Work) -> None:
    """Unlink the set-aside names, if nobody is inside and the copy is there."""
    if not work.aside:
        return
    folder, first = _retired(run, work.unit, work.aside[0])
    file = -1
    if work.unit.kind is Kind.FILE:
        file = open_quietly(folder, first)
    try:
        if file >= 0:
            _check_alone(file)
            look = os.fstat(file)
        else:
            look = os.stat(first, dir_fd=folder, follow_symlinks=False)
        _check_same(look, work.unit, is_touched=True)
        for name in work.unit.names:
            _check_copy(run, work.unit, name, look)
        for number in work.aside:
            folder, retired = _retired(run, work.unit, number)
            os.unlink(retired, dir_fd=folder)
    finally:
        if file >= 0:
            os.close(file)


def restore(run: Run, work: Work, blocked: Blocked) -> None:
    """Give the source its names back; a copy that is older than its source is taken away.

    After a crash it is not: the source may have been unlinked before, and what has its name now
    may be another file.
    """
    tag = run.journal.tag
    for number, name in enumerate(work.unit.names):
        folder, base = run.source(name).parent(name.source)
        retired = retired_name(tag, work.unit, number)
        try:
            files.rename_new(folder, retired, folder, base)
        except FileNotFoundError:
            continue
        except FileExistsError:
            look = run.source(name).look(name.source)
            if look is not None and _drop_second_name(run, work.unit, number, look):
                continue
            shown = os.fsdecode(retired)
            raise Blocked("kept-aside", f"{blocked.why}; it is kept as {shown}") from None
    if blocked.code in _OUR_COPY_IS_STALE and not work.is_recovered:
        withdraw(run, work, blocked)


def _leave_all(batch: Batch, blocked: Blocked) -> None:
    for work in list(batch.works):
        batch.leave(work, blocked, restore)


def _retired(run: Run, unit: Unit, number: int) -> tuple[int, bytes]:
    folder, _ = run.source(unit.names[number]).parent(unit.names[number].source)
    return folder, retired_name(run.journal.tag, unit, number)


def _drop_second_name(run: Run, unit: Unit, number: int, look: os.stat_result) -> bool:
    """A crash between link and unlink left both names; the one that the user knows stays."""
    folder, retired = _retired(run, unit, number)
    try:
        aside = os.stat(retired, dir_fd=folder, follow_symlinks=False)
    except FileNotFoundError:
        return False
    if not os.path.samestat(aside, look) or look.st_nlink < 2:
        return False
    os.unlink(retired, dir_fd=folder)
    return True


def _is_aside(run: Run, unit: Unit, number: int) -> bool:
    folder, retired = _retired(run, unit, number)
    try:
        os.stat(retired, dir_fd=folder, follow_symlinks=False)
    except FileNotFoundError:
        return False
    return True


def _check_alone(file: int) -> None:
    """Nobody else has it open: its old name is gone, so nobody new can."""
    match leases.hold_against_all(file):
        case leases.Use.FREE:
            return
        case leases.Use.UNKNOWN:
            raise Blocked("open-unknown", "the kernel does not tell whether it is open")
        case leases.Use.IN_USE:
            pass
    if leases.hold_against_writers(file) is leases.Use.FREE:
        raise Blocked("in-use", "another program has it open; source and copy are both kept")
    raise Blocked("open-for-writing", "another program opened it for writing meanwhile")


def _check_same(look: os.stat_result, unit: Unit, *, is_touched: bool) -> None:
    now, then = facts_of(look), unit.facts
    if is_touched:
        # A device's number may change with a reboot; the open root holds us on its file system.
        same = (now.inode, now.size, now.mtime_ns) == (then.inode, then.size, then.mtime_ns)
        same = same and now.links <= then.links
    else:
        same = now == then
    if not same:
        raise Blocked("changed", "it changed after it was copied")


def _check_copy(run: Run, unit: Unit, name: Name, source: os.stat_result) -> None:
    """The copy is at its name, is ours, and has what the source has.

    It is opened, not only looked at: a pool may answer a look from memory. Where source and
    destination are one storage under two paths, the copy has vanished with the rename.
    """
    gone = Blocked("copy-gone", "its copy is not at the destination any more")
    if unit.copy is None:
        raise gone
    folder, base = run.target(name).parent(name.target)
    if unit.kind is Kind.SYMLINK or _is_same_inode(run, unit, name, source):
        # Not opened: a link cannot be, and an inode under two names is leased by us right now.
        if run.target(name).look(name.target) is None or identify(folder, base) != unit.copy:
            raise gone
        return
    try:
        file = open_quietly(folder, base)
    except OSError as error:
        if error.errno in (errno.ENOENT, errno.ELOOP, errno.ESTALE):
            raise gone from error
        raise
    try:
        look = statx.look(file)
    finally:
        os.close(file)
    if copy_of(look) != unit.copy or look.size != unit.facts.size:
        raise gone
    as_source = (source.st_uid, source.st_gid, source.st_mode)
    if unit.way is Way.COPY and (look.owner, look.group, look.mode) != as_source:
        raise Blocked("changed", "its owner or mode changed after it was copied")


def _is_same_inode(run: Run, unit: Unit, name: Name, source: os.stat_result) -> bool:
    if unit.copy is None or unit.copy.inode != inode_of(source.st_ino):
        return False
    look = run.target(name).look(name.target)
    return look is not None and os.path.samestat(look, source)


def _sync_sources(batch: Batch) -> None:
    """Wait until the renames or unlinks are on the medium."""
    roots = {
        os.fstat(tree.root).st_dev: tree.root
        for tree in {batch.run.source(work.unit.names[0]) for work in batch.works}
    }
    for root in roots.values():
        files.sync_filesystem(root)
