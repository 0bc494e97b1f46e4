"""Bringing an index up to date: what is said to have changed is looked at, and nothing else.

What was said is only where to look: the rows come from the disk. So a name may be said twice, too
late, or in any order.
"""

import errno
import os
import stat
from collections import defaultdict
from collections.abc import Callable, Iterable
from typing import Final, assert_never

from labkeeper.host import files
from labkeeper.storage.ledger import NOT_YET, Ledger
from labkeeper.storage.listing import Listing, facts_of, list_folder
from labkeeper.storage.sweeping import Times, sweep, times_of
from labkeeper.storage.tree import Tree, inode_of
from labkeeper.store.index import ROOT, Folder, Rows
from labkeeper.store.names import Facts

_WHERE: Final = os.O_PATH | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_COMMIT: Final = 20_000  # rows
# Looks at one name in one refresh: whoever moves it to and fro is looked at again later.
_LOOKS: Final = 20
_GONE: Final = (errno.ENOENT, errno.ENOTDIR, errno.ELOOP, errno.EXDEV)


class Refresh:
    """One turn. It ends when nothing is left to look at."""

    def __init__(
        self, rows: Rows, tree: Tree, turn: int, cover: Callable[[bytes, int], None]
    ) -> None:  # fmt: skip
        self._rows = rows
        self._tree = tree
        self._device = os.fstat(tree.root).st_dev
        self._turn = turn
        self._cover = cover
        self.ledger = Ledger(rows)
        # By folder: names, and the file that each was of when it was told; zero is any.
        self._names: dict[int, dict[bytes, int]] = defaultdict(dict)
        self._unread: list[tuple[int, bool]] = []  # folders, and whether they are new
        self._looks: dict[tuple[int, bytes], int] = defaultdict(int)
        self._adrift: set[int] = set()
        self._written = 0
        # Names that would not hold still.
        self.unsettled: set[tuple[int, bytes]] = set()

    def name(self, folder: int, name: bytes, file: int = 0) -> None:
        """Look at a name in a folder; the folder itself where there is no name.

        Where it is another file's by now, all names of `file` are looked at.
        """
        if name in (b"", b"."):
            self.folder(folder)
            return
        names = self._names[folder]
        if names.get(name, file) != file:
            self.file(names[name])
        names[name] = file

    def file(self, inode: int) -> None:
        """Look at all the names that a file is known by."""
        for known in self._rows.names_of(inode) if inode else ():
            self._names[known.folder].setdefault(known.name, 0)

    def folder(self, folder: int) -> None:
        """Read a folder."""
        self._unread.append((folder, False))

    def begin(self) -> None:
        """Make the root's row, so that the sweep comes to it."""
        if self._rows.folder(ROOT) is None:
            self.ledger.add_folder(None, b"", inode_of(os.fstat(self._tree.root).st_ino))

    def sweep(self) -> None:
        """Look at all folders' times, and at what is in those where they differ."""
        for folder, times in sweep(self._rows, self._tree):
            self._by_times(folder, times)

    def _by_times(self, folder: Folder, times: Times) -> None:
        match times:
            case Times.GONE:
                self._above(folder)
            case Times.OTHER:
                self.folder(folder.id)
            case Times.SAME:
                return
            case never:
                assert_never(never)

    def run(self) -> None:
        """Look at all that was said, and at what follows from it."""
        while True:
            if self.ledger.doubted:
                for folder, name in self.ledger.doubted:
                    self._names[folder].setdefault(name, 0)
                self.ledger.doubted.clear()
            if self._names:
                folder, names = self._names.popitem()
                self._look(folder, names)
            elif self._unread:
                folder, is_new = self._unread.pop()
                self._read(folder, is_new=is_new)
            elif self._adrift:
                self.ledger.remove(self._adrift.pop())
            else:
                break
            if self.ledger.changed - self._written > _COMMIT:
                self._written = self.ledger.changed
                self.ledger.settle()
                self._rows.commit()
                self._rows.begin()
        self.ledger.settle()

    def forget(self, folders: Iterable[int]) -> None:
        """Remove folders that have no place."""
        self._adrift.update(folders)

    def _above(self, folder: Folder) -> None:
        """A folder is not where it was: its name is looked at."""
        if folder.parent is not None:
            self._names[folder.parent].setdefault(folder.name, 0)

    def _look(self, number: int, names: dict[bytes, int]) -> None:
        folder = self._rows.folder(number)
        path = self.ledger.path_of(number)
        if folder is None or path is None:
            return
        try:
            opened = self._open(folder, path)
        except OSError as error:
            self._cannot(folder, error)
            return
        try:
            for name, file in names.items():
                self._looks[number, name] += 1
                if self._looks[number, name] > _LOOKS:
                    self.unsettled.add((number, name))
                else:
                    self._look_at(folder, name, file, opened)
        except OSError as error:
            self._cannot(folder, error)
        finally:
            os.close(opened)

    def _open(self, folder: Folder, path: bytes) -> int:
        # The way there does not matter where it leads to the same folder.
        opened = os.open(path or b".", _WHERE, dir_fd=self._tree.root)
        look = os.fstat(opened)
        if inode_of(look.st_ino) != folder.inode or look.st_dev != self._device:
            os.close(opened)
            raise FileNotFoundError(errno.ENOENT, "another folder has its name")
        return opened

    def _look_at(self, folder: Folder, name: bytes, file: int, opened: int) -> None:
        old = self._rows.file(folder.id, name)
        try:
            look = os.stat(name, dir_fd=opened, follow_symlinks=False)
        except FileNotFoundError:
            look = None
        if look is not None and look.st_dev != self._device:
            look = None
        if file and (look is None or inode_of(look.st_ino) != file):
            is_last = old is not None and old.inode == file and old.links == 1
            if not is_last:
                self.file(file)
        if look is not None and stat.S_ISDIR(look.st_mode):
            self._forget(folder.id, name, old)
            self._found(folder.id, name, inode_of(look.st_ino))
            return
        child = self._rows.child(folder.id, name) if old is None else None
        if child is not None:
            self._lose(child)
        if look is None:
            self._forget(folder.id, name, old)
        elif (facts := facts_of(look)) != old:
            self.ledger.put(folder.id, name, facts, old)

    def _forget(self, folder: int, name: bytes, old: Facts | None) -> None:
        if old is not None:
            self.ledger.drop(folder, name, old)

    def _found(self, parent: int, name: bytes, inode: int) -> None:
        """A folder is in another: as before, from elsewhere, or new."""
        child = self._rows.child(parent, name)
        if child is not None:
            if child.inode == inode:
                return
            self._lose(child)
        # One that was moved keeps its rows. Where the number is another folder's by now, the
        # reading of it and the sweep of all below see that.
        for known in self._rows.folders_of(inode):
            if self._can_be(known, parent, name):
                self._adrift.discard(known.id)
                self.ledger.attach(known.id, parent, name)
                self.folder(known.id)
                self._sweep_below(known.id)
                return
        self._unread.append((self.ledger.add_folder(parent, name, inode), True))

    def _can_be(self, known: Folder, parent: int, name: bytes) -> bool:
        """A folder seen a second time by a mount of it (`mount --bind`) has not moved."""
        above = self._rows.folder(parent)
        while above is not None and above.id != known.id:
            above = None if above.parent is None else self._rows.folder(above.parent)
        if above is not None or known.id == ROOT:
            return False
        path = os.path.join(self.ledger.path_of(parent) or b"", name)
        try:
            os.close(files.open_beneath(self._tree.root, path, os.O_PATH | os.O_DIRECTORY))
        except OSError:
            return False
        return True

    def _sweep_below(self, folder: int) -> None:
        for number in self._rows.below(folder):
            found, path = self._rows.folder(number), self.ledger.path_of(number)
            if number != folder and found is not None and path is not None:
                self._by_times(found, times_of(self._tree, self._device, found, path))

    def _lose(self, folder: Folder) -> None:
        self.ledger.detach(folder.id)
        self._adrift.add(folder.id)

    def _read(self, number: int, *, is_new: bool) -> None:
        folder = self._rows.folder(number)
        path = self.ledger.path_of(number)
        if folder is None or path is None:
            return
        self._cover(os.path.join(self._tree.path, path), folder.inode)
        try:
            listing = list_folder(self._tree.root, path)
        except OSError as error:
            self._cannot(folder, error)
            return
        if listing.inode != folder.inode:
            self._above(folder)
            return
        # It may have been read since it was found.
        is_new = is_new and folder.error == NOT_YET
        if is_new:
            self.ledger.add_new(number, listing.files)
        else:
            self._compare(number, listing)
        for name, inode in listing.folders.items():
            if is_new:
                self._found(number, name, inode)
            elif self._differs(number, name, inode):
                self._names[number].setdefault(name, 0)
        self.ledger.was_read(folder, listing.times, self._turn)

    def _differs(self, parent: int, name: bytes, inode: int) -> bool:
        child = self._rows.child(parent, name)
        return child is None or child.inode != inode

    def _compare(self, number: int, listing: Listing) -> None:
        old = self._rows.files(number)
        for name, facts in listing.files.items():
            if old.get(name) != facts:
                self.ledger.put(number, name, facts, old.get(name))
        for name in old.keys() - listing.files.keys():
            # A file of which another name was just written down may have other facts by now.
            self._names[number].setdefault(name, 0)
        for name, child in self._rows.children(number).items():
            if listing.folders.get(name) != child.inode:
                self._names[number].setdefault(name, 0)

    def _cannot(self, folder: Folder, error: OSError) -> None:
        """What is in a folder is unknown from now on, unless it is not there at all."""
        if error.errno == errno.EXDEV and folder.parent is not None:
            self._lose(folder)
        elif error.errno in _GONE and folder.parent is not None:
            self._above(folder)
        else:
            times = (folder.mtime_ns, folder.ctime_ns)
            why = (error.strerror or str(error)).lower()
            self.ledger.was_read(folder, times, self._turn, why)
