"""COPYING: the bytes and everything else of an inode, read once, to a copy without its name."""

import errno
import os
import stat
from contextlib import suppress
from dataclasses import replace

from blake3 import blake3

from labkeeper.host import files, statx
from labkeeper.storage import body, fidelity, small
from labkeeper.storage.ahead import Soon
from labkeeper.storage.batch import Batch, Run, Work
from labkeeper.storage.reasons import Blocked
from labkeeper.storage.source import (
    check_removable,
    check_unchanged,
    facts_of,
    open_quietly,
    open_source,
)
from labkeeper.storage.stage import SMALL, Stage, copy_of, identify, open_new, part_name
from labkeeper.store.units import After, Kind, Name, Unit, Way


def copy_all(batch: Batch) -> None:
    """Copy every unit and wait once until all of it is on the medium."""
    soon = Soon(batch.run, batch.works)

    def copy_next(run: Run, work: Work) -> None:
        soon.next()
        copy(run, work)

    batch.each("copying it", copy_next, discard)
    settle(batch)


def settle(batch: Batch) -> None:
    """Wait for the medium. On an error each copy is asked alone, to find the one that failed."""
    if not batch.works:
        return
    # The root was opened before the first write: write-back errors reach only such a descriptor.
    root = batch.run.target(batch.works[0].unit.names[0]).root
    try:
        files.sync_filesystem(root)
    except OSError:
        batch.each("waiting for the disk", _sync_one, discard)


def copy(run: Run, work: Work) -> None:
    """Copy one unit, or recognise that its content is there already."""
    if work.unit.kind is Kind.SYMLINK:
        _copy_symlink(run, work)
        return
    _check_removable(run, work.unit)
    source = open_source(run, work.unit)
    try:
        if (there := _already_there(run, work.unit)) is not None:
            work.stage = there
            look = check_unchanged(source, work.unit.facts)
            digest = body.hash_body(source, look, run.ring, run.watch)
            check_unchanged(source, work.unit.facts)
            way = Way.KEEP
        else:
            fill = _fill_small if work.unit.facts.size < SMALL else _fill
            digest, look = fill(run, work, source)
            way = Way.COPY
    finally:
        os.close(source)
    assert work.stage is not None  # noqa: S101  both ways set it
    found = statx.look(work.stage.file)
    work.is_buffered = found.is_buffered
    as_source = (look.st_uid, look.st_gid, look.st_mode)
    if way is Way.COPY and (found.owner, found.group, found.mode) != as_source:
        raise Blocked("metadata", "the destination drops its owner or mode without a word")
    work.unit = replace(work.unit, digest=digest, way=way, copy=copy_of(found))


def _check_removable(run: Run, unit: Unit) -> None:
    if run.keep_source or unit.after is After.KEEP:
        return
    for name in unit.names:
        check_removable(run.source(name), name.source, is_large=unit.facts.size >= SMALL)


def discard(run: Run, work: Work, _: Blocked) -> None:
    """Remove the unfinished copy. The source was never touched."""
    stage = work.stage
    if stage is not None and stage.is_ours and stage.name is not None:
        with suppress(FileNotFoundError):
            os.unlink(stage.name, dir_fd=run.target(work.unit.names[0]).folder(stage.folder))


def _fill_small(run: Run, work: Work, source: int) -> tuple[bytes, os.stat_result]:
    """Read first: one look afterwards tells of any change before and meanwhile."""
    unit = work.unit
    data = small.read(source, unit.facts.size)
    look = check_unchanged(source, unit.facts)
    if look.st_blocks * 512 < look.st_size:  # it may have holes
        return _fill(run, work, source)
    if len(data) != look.st_size:
        raise Blocked("changed", "it changed its size while it was read")
    stage = _open_stage(run, work, look)
    small.write(stage.file, data)
    run.watch.passed(len(data))
    _dress(run, work, look, source)
    return blake3(data).digest(), look


def _fill(run: Run, work: Work, source: int) -> tuple[bytes, os.stat_result]:
    look = check_unchanged(source, work.unit.facts)
    stage = _open_stage(run, work, look)
    digest = body.copy_body(source, look, stage.file, run.ring, run.watch)
    _dress(run, work, look, source)
    return digest, check_unchanged(source, work.unit.facts)


def _open_stage(run: Run, work: Work, look: os.stat_result) -> Stage:
    target = run.target(work.unit.names[0])
    work.stage = open_new(target, run.journal.tag, work.unit, stat.S_IMODE(look.st_mode))
    return work.stage


def _dress(run: Run, work: Work, look: os.stat_result, source: int) -> None:
    stage = work.stage
    assert stage is not None  # noqa: S101  opened just before
    inherits = run.target(work.unit.names[0]).gives_acls(stage.folder)
    fidelity.set_all(stage.file, look, fidelity.attributes(source), inherits=inherits)


def _already_there(run: Run, unit: Unit) -> Stage | None:
    """Open what has the unit's names at the destination, where that may be the same content."""
    found: tuple[int, int] | None = None
    at: Name | None = None
    for name in unit.names:
        look = _look_for(run, name)
        if look is None:
            continue
        _check_spelling(run, unit, name.target)
        if not stat.S_ISREG(look.st_mode):
            raise Blocked("destination-taken", "something else has its name at the destination")
        if look.st_size != unit.facts.size or found not in (None, (look.st_dev, look.st_ino)):
            raise Blocked("different-exists", "another file has its name at the destination")
        if found is None:
            found = (look.st_dev, look.st_ino)
            at = name
    if at is None:
        return None
    folder, base = run.target(at).parent(at.target)
    head = at.target.rpartition(b"/")[0]
    return Stage(open_quietly(folder, base), head, None, is_ours=False)


def _look_for(run: Run, name: Name) -> os.stat_result | None:
    try:
        return run.target(name).look(name.target)
    except OSError as error:
        # vfat and NTFS: bytes that are no UTF-8, or one of `<>:"|?*`.
        if error.errno not in (errno.EINVAL, errno.EILSEQ):
            raise
        raise Blocked("unnameable", "the destination cannot hold its name") from error


def _check_spelling(run: Run, unit: Unit, path: bytes) -> None:
    head, _, base = path.rpartition(b"/")
    if not run.target(unit.names[0]).spells(head, base):
        raise Blocked("folds-case", "the destination has it under another spelling")


def _copy_symlink(run: Run, work: Work) -> None:
    unit = work.unit
    name = unit.names[0]
    folder, base = run.source(name).parent(name.source)
    look = os.stat(base, dir_fd=folder, follow_symlinks=False)
    if not stat.S_ISLNK(look.st_mode) or facts_of(look) != unit.facts:
        raise Blocked("changed", "it changed while it was looked at")
    text = os.readlink(base, dir_fd=folder)
    head, _, target_base = name.target.rpartition(b"/")
    target = run.target(name)
    there = target.look(name.target)
    temporary = part_name(run.journal.tag, unit)
    if there is not None:
        _check_spelling(run, unit, name.target)
        if (
            not stat.S_ISLNK(there.st_mode)
            or os.readlink(target_base, dir_fd=target.folder(head)) != text
        ):
            raise Blocked("different-exists", "something else has its name at the destination")
        work.stage = Stage(-1, head, None, is_ours=False)
        copy_ = identify(target.folder(head), target_base)
        way = Way.KEEP
    else:
        made = target.make(head)
        work.stage = Stage(-1, head, temporary, is_ours=True)
        os.symlink(text, temporary, dir_fd=made)
        os.chown(temporary, look.st_uid, look.st_gid, dir_fd=made, follow_symlinks=False)
        times = (look.st_atime_ns, look.st_mtime_ns)
        os.utime(temporary, ns=times, dir_fd=made, follow_symlinks=False)
        copy_ = identify(made, temporary)
        way = Way.COPY
    work.unit = replace(unit, digest=blake3(text).digest(), way=way, copy=copy_)


def _sync_one(_: Run, work: Work) -> None:
    if work.stage is None or work.stage.file < 0:
        raise OSError(errno.EIO, os.strerror(errno.EIO))  # a link cannot be asked alone
    os.fsync(work.stage.file)
