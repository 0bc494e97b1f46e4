"""Empty folders, each with the empty ones in it: the topmost goes as a whole."""

import os
from collections.abc import Iterator, Sequence
from datetime import timedelta

from labkeeper.host import mounts
from labkeeper.storage.candidates import Candidate
from labkeeper.storage.reasons import Left
from labkeeper.storage.scan import Found
from labkeeper.storage.tree import Tree
from labkeeper.store.quarantine import Kind


def hollow(
    tree: Tree, folders: Sequence[Found], full: set[bytes], older_than: timedelta, now: float
) -> Iterator[Candidate | Left]:
    """Yield the topmost folders that hold nothing, and have held nothing for long enough."""
    points = {os.fsencode(promise.point) for promise in mounts.promised()}
    points |= {os.fsencode(mount.point) for mount in mounts.mounted()}
    for folder in folders:
        if folder.path in full or folder.path.rpartition(b"/")[0] not in full:
            continue
        below = [f for f in folders if (f.path + b"/").startswith(folder.path + b"/")]
        shown = os.path.join(tree.path, folder.path)
        if points & {os.path.join(tree.path, f.path) for f in below}:
            yield Left(shown, "mount-point", "something is mounted there, or is to be")
            continue
        idle = now - max(max(f.look.st_mtime, f.look.st_ctime) for f in below)
        if idle < older_than.total_seconds():
            continue
        because = "an empty folder"
        yield Candidate((folder.path,), folder.look, idle, 0, Kind.FOLDER, because)


def is_hollow(tree: Tree, path: bytes) -> bool:
    """It holds nothing but folders that hold nothing."""
    with os.scandir(tree.folder(path)) as entries:
        inside = [(os.fsencode(e.name), e.is_dir(follow_symlinks=False)) for e in entries]
    return all(is_dir and is_hollow(tree, path + b"/" + name) for name, is_dir in inside)


def remove(tree: Tree, path: bytes) -> None:
    """Remove it with the empty ones in it; rmdir itself refuses where something came."""
    with os.scandir(tree.folder(path)) as entries:
        inside = [os.fsencode(entry.name) for entry in entries]
    for name in inside:
        remove(tree, path + b"/" + name)
    folder, base = tree.parent(path)
    os.rmdir(base, dir_fd=folder)
