"""Which folders changed, by their times alone: one look at each instead of one at every file."""

import os
from collections.abc import Callable, Iterator
from enum import Enum

from labkeeper.storage.tree import Tree, inode_of
from labkeeper.store.index import ROOT, Folder, Rows

# Whoever is told of folders before they are looked at.
Cover = Callable[[bytes, int], None]


class Times(Enum):
    """What a look at a folder says of its row."""

    SAME = "same"
    OTHER = "other"
    # Another folder has its name, or none.
    GONE = "gone"


def times_of(tree: Tree, device: int, folder: Folder, path: bytes) -> Times:
    """Compare a folder's row with the folder."""
    try:
        look = os.stat(path, dir_fd=tree.root, follow_symlinks=False)
    except OSError:
        return Times.GONE
    if inode_of(look.st_ino) != folder.inode or look.st_dev != device:
        return Times.GONE
    if (look.st_mtime_ns, look.st_ctime_ns) != folder[4:6] or folder.error:
        return Times.OTHER
    return Times.SAME


def sweep(rows: Rows, tree: Tree, cover: Cover) -> Iterator[tuple[Folder, Times]]:
    """Compare every folder that has a place; whoever listens is told of it before."""
    paths = {ROOT: b"."}
    device = os.fstat(tree.root).st_dev
    known = {folder.id: folder for folder in rows.all_folders()}
    for folder in known.values():
        path = _path(folder, known, paths)
        if path is not None:
            cover(tree.path + b"/" + path, folder.inode)
            yield folder, times_of(tree, device, folder, path)


def _path(folder: Folder, known: dict[int, Folder], paths: dict[int, bytes]) -> bytes | None:
    waiting = []
    at: Folder | None = folder
    while at is not None and at.id not in paths:
        waiting.append(at)
        at = None if at.parent is None else known.get(at.parent)
    if at is None:
        return None
    path = paths[at.id]
    for each in reversed(waiting):
        path = paths[each.id] = path + b"/" + each.name
    return path
