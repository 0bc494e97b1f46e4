"""Folders below a root, opened beneath it and kept open for a batch."""

import errno
import os
from collections import OrderedDict
from contextlib import suppress
from functools import cached_property
from typing import Final, Self

from labkeeper.host import files, filesystems, statx
from labkeeper.storage.reasons import Blocked

KEPT: Final = 64  # folders that stay open
_ACL: Final = "system.posix_acl_default"
INODE: Final = 2**63 - 1  # SQLite's integers are signed; mergerfs hashes inodes to 64 bits


def inode_of(number: int) -> int:
    """Return an inode number as the journal holds it."""
    return number & INODE


class Tree:
    """A root folder; every step below it is beneath it, without links, on its own mount."""

    def __init__(self, path: bytes) -> None:
        self.path = path
        self.root = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        self._open: OrderedDict[bytes, int] = OrderedDict()
        self._gives_acls: dict[bytes, bool] = {}
        self._made: set[bytes] = set()
        self._gives_names: set[bytes] = set()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the root and every folder."""
        self.release()
        os.close(self.root)

    def release(self) -> None:
        """Close the folders that were kept open."""
        while self._open:
            os.close(self._open.popitem()[1])
        self._gives_acls.clear()
        self._made.clear()
        self._gives_names.clear()

    @cached_property
    def is_direct(self) -> bool:
        """Its file system is known to take O_DIRECT for what it is."""
        return filesystems.of(self.root).direct

    def is_still_there(self) -> bool:
        """Its path still leads to the folder that was opened: nothing was unmounted or swapped."""
        try:
            now, then = os.stat(self.path), os.fstat(self.root)
        except OSError:
            return False
        return (now.st_dev, now.st_ino) == (then.st_dev, then.st_ino)

    def folder(self, path: bytes) -> int:
        """Open a folder below the root."""
        if not path:
            return self.root
        known = self._open.get(path)
        if known is not None:
            self._open.move_to_end(path)
            return known
        while len(self._open) >= KEPT:
            os.close(self._open.popitem(last=False)[1])
        opened = files.open_beneath(self.root, path, os.O_RDONLY | os.O_DIRECTORY)
        self._open[path] = opened
        return opened

    def gives_acls(self, path: bytes) -> bool:
        """What is made in the folder gets ACLs from it; asked once for a batch."""
        known = self._gives_acls.get(path)
        if known is None:
            known = self._gives_acls[path] = _ACL in _attributes(self.folder(path))
        return known

    def check_gives_names(self, path: bytes) -> None:
        """What is in the folder may be removed from it; asked once for a batch."""
        if path in self._gives_names:
            return
        folder = self.folder(path)
        if statx.look(folder).is_fixed:
            raise Blocked("immutable", "its folder is marked as immutable or append-only (chattr)")
        if not os.access(b".", os.W_OK | os.X_OK, dir_fd=folder, effective_ids=True):
            why = "its folder may not be written to: it could be copied, but not removed"
            raise Blocked("not-permitted", why)
        self._gives_names.add(path)

    def parent(self, path: bytes) -> tuple[int, bytes]:
        """Open the folder that holds `path`, and return it with the last name."""
        head, _, name = path.rpartition(b"/")
        return self.folder(head), name

    def make(self, path: bytes) -> int:
        """Open a folder below the root, making what is missing on the way."""
        if path in self._made or not path:
            return self.folder(path)
        above, _, name = path.rpartition(b"/")
        folder = self.make(above)
        with suppress(FileExistsError):
            os.mkdir(name, 0o700, dir_fd=folder)
        if self._folds(folder, name) and not self.spells(above, name):
            raise Blocked("folds-case", "the destination has this folder under another spelling")
        self._made.add(path)
        return self.folder(path)

    def _folds(self, folder: int, name: bytes) -> bool:
        """The folder has this name in another spelling too: one look instead of a listing."""
        other = os.fsencode(os.fsdecode(name).swapcase())
        try:
            return other != name and os.path.samestat(
                os.stat(name, dir_fd=folder, follow_symlinks=False),
                os.stat(other, dir_fd=folder, follow_symlinks=False),
            )
        except FileNotFoundError:
            return False

    def spells(self, path: bytes, name: bytes) -> bool:
        """The folder has exactly this name, and not one that it takes for the same.

        Opened anew: btrfs lists only what a folder held when it was opened.
        """
        folder = files.open_beneath(self.root, path, os.O_RDONLY | os.O_DIRECTORY)
        try:
            return name in map(os.fsencode, os.listdir(folder))
        finally:
            os.close(folder)

    def look(self, path: bytes) -> os.stat_result | None:
        """Look at a name without following it; None where there is none."""
        try:
            folder, name = self.parent(path)
            return os.stat(name, dir_fd=folder, follow_symlinks=False)
        except OSError as error:
            if error.errno in (errno.ENOENT, errno.ENOTDIR):
                return None
            raise


def _attributes(folder: int) -> list[str]:
    try:
        return os.listxattr(folder)
    except OSError as error:
        if error.errno == errno.EOPNOTSUPP:
            return []
        raise
