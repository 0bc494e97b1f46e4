"""The folder that an index is of: a disk that is held open could not be unmounted."""

import os
from collections.abc import Iterator
from contextlib import contextmanager

from labkeeper.host import filesystems, statx
from labkeeper.storage.tree import Tree, inode_of


class Gone(Exception):
    """The root is not the folder that was indexed, or not there at all."""


class Root:
    """Opened for each look, where the kernel has a number for its mount that no other gets."""

    def __init__(self, path: str) -> None:
        self.path = os.fsencode(os.path.realpath(path))
        tree = Tree(self.path)
        self.filesystem = os.fstatvfs(tree.root).f_fsid
        self.inode = inode_of(os.fstat(tree.root).st_ino)
        self.identity = f"{filesystems.of(tree.root).identity} {self.inode}"
        self._place = _place_of(tree)
        # Before Linux 6.8 what is mounted anew looks as what was there, unless that is kept.
        self._held = tree if self._place[2] is None else None
        if self._held is None:
            tree.close()

    @contextmanager
    def opened(self) -> Iterator[Tree]:
        """Open it; Gone where another is at its place, or the same was mounted again."""
        try:
            tree = Tree(self.path)
        except OSError as error:
            raise Gone(str(error)) from error
        with tree:
            if _place_of(tree) != self._place:
                raise Gone(os.fsdecode(self.path))
            yield tree

    def close(self) -> None:
        """Let it be unmounted."""
        if self._held is not None:
            self._held.close()


def _place_of(tree: Tree) -> tuple[int, int, int | None]:
    look = os.fstat(tree.root)
    return look.st_dev, look.st_ino, statx.mount_of(tree.root)
