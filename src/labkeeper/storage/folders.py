"""Folders: made on the way, given their metadata last, removed at the source when empty."""

import errno
import os
from collections.abc import Callable
from typing import Final

from labkeeper.host import files
from labkeeper.storage import fidelity
from labkeeper.storage.planning import Origin
from labkeeper.storage.reasons import Blocked, Left, blocked_by
from labkeeper.storage.stage import join
from labkeeper.store.journal import Journal
from labkeeper.store.units import Folder

# Not empty, a mount point, or gone already.
_STAYS: Final = (errno.ENOTEMPTY, errno.EEXIST, errno.EBUSY, errno.ENOENT)


def finish(
    journal: Journal, origins: list[Origin], *, keep_source: bool, is_end: bool = True
) -> list[Left]:
    """Finish every folder, the deepest first; the medium has the new before the old goes.

    After a stop, or with a unit still under way, they get their modes, so that who reads there
    can, and stay noted for the rest.
    """
    left: list[Left] = []
    for origin in origins:
        folders = journal.folders.of(origin.pair)
        ready = _each(origin, folders, _give_metadata, left)
        if ready:
            files.sync_filesystem(origin.ground.target.root)
        if not is_end or journal.unfinished(origin.pair):
            continue
        if not keep_source:
            _each(origin, ready, _remove, left)
        stay = [] if keep_source else [f for f in ready if _is_there(origin, f)]
        # What was left may come in a later run, and its folder shall have its old times then.
        journal.folders.finish(stay)
        journal.folders.forget(f for f in ready if f not in stay)
    return left


def _is_there(origin: Origin, folder: Folder) -> bool:
    return bool(folder.path) and origin.ground.source.look(folder.path) is not None


def _each(
    origin: Origin,
    folders: list[Folder],
    act: Callable[[Origin, Folder], None],
    left: list[Left],
) -> list[Folder]:
    """Return the folders with which it went well."""
    ready = []
    for folder in folders:
        shown = os.path.join(origin.ground.source.path, folder.path)
        try:
            act(origin, folder)
        except Blocked as blocked:
            left.append(Left(shown, blocked.code, blocked.why))
        except OSError as error:
            refused = blocked_by(error, "finishing the folder")
            left.append(Left(shown, refused.code, refused.why))
        else:
            ready.append(folder)
    return ready


def _give_metadata(origin: Origin, folder: Folder) -> None:
    if not folder.made:
        return
    try:
        source = origin.ground.source.folder(folder.path)
    except FileNotFoundError:
        return  # removed just before a crash: then this was done before
    target = origin.ground.target.make(join(origin.prefix, folder.path).rstrip(b"/"))
    fidelity.set_all(target, os.fstat(source), fidelity.attributes(source))
    # The source's own times changed when it was emptied; the journal has them from before.
    os.utime(target, ns=(folder.atime_ns, folder.mtime_ns))


def _remove(origin: Origin, folder: Folder) -> None:
    """Remove an empty source folder; one that still holds something stays."""
    if not folder.path and origin.is_contents:
        return
    try:
        if folder.path:
            above, name = origin.ground.source.parent(folder.path)
            os.rmdir(name, dir_fd=above)
        else:
            os.rmdir(origin.ground.source.path)
    except OSError as error:
        if error.errno not in _STAYS:
            raise
