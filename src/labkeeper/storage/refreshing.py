"""Bringing an index up to date: what is said to have changed is looked at, and nothing else.

The rows come from the disk alone.
"""

import errno
import os
import stat
from collections.abc import Iterable
from typing import Final

from labkeeper.storage.agenda import Agenda
from labkeeper.storage.ledger import NOT_YET, Ledger
from labkeeper.storage.listing import Listing, facts_of, list_folder
from labkeeper.storage.sweeping import Cover
from labkeeper.storage.tree import Tree, inode_of
from labkeeper.storage.whereabouts import Whereabouts
from labkeeper.store.index import ROOT, Folder, Rows
from labkeeper.store.names import Facts

_WHERE: Final = os.O_PATH | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_COMMIT: Final = 20_000  # rows
_GONE: Final = (errno.ENOENT, errno.ENOTDIR, errno.ELOOP, errno.EXDEV)


class Refresh:
    """One turn. It ends when nothing is left to look at."""

    def __init__(
        self, rows: Rows, tree: Tree, turn: int, cover: Cover
    ) -> None:  # fmt: skip
        self._rows = rows
        self._tree = tree
        self._turn = turn
        self._cover = cover
        self.ledger = Ledger(rows)
        self.agenda = Agenda(rows)
        self._whereabouts = Whereabouts(rows, tree, self.ledger, self.agenda, cover)
        self._written = 0

    def begin(self) -> None:
        """Make the root's row, so that the sweep comes to it."""
        if self._rows.folder(ROOT) is None:
            self.ledger.add_folder(None, b"", inode_of(os.fstat(self._tree.root).st_ino))

    def sweep(self) -> None:
        """Look at all folders' times, and remove what an interrupted turn left without a place."""
        self.agenda.adrift.update(self._rows.adrift())
        self._whereabouts.sweep()

    def run(self) -> None:
        """Look at all that was said, and at what follows from it."""
        while self._step():
            for folder, name in self.ledger.doubted:
                self.agenda.name(folder, name)
            self.ledger.doubted.clear()
            if self.ledger.changed - self._written > _COMMIT:
                self._written = self.ledger.changed
                self.ledger.settle()
                self._rows.commit()
                self._rows.begin()
        self.ledger.settle()

    def _step(self) -> bool:
        """Look at some of it: names first, then folders, and what is nowhere at last."""
        if some := self.agenda.names():
            for number, names in some.items():
                self._look(number, names)
            return True
        if (found := self.agenda.next_folder()) is not None:
            folder, is_new = found
            self._read(folder, is_new=is_new)
            return True
        if self.agenda.adrift:
            self.ledger.remove(self.agenda.adrift.pop())
            return True
        return False

    def _look(self, number: int, names: dict[bytes, int]) -> None:
        folder = self._rows.folder(number)
        path = self.ledger.path_of(number)
        if folder is None or path is None:
            return
        if folder.error == NOT_YET:
            # It is read as a whole.
            for file in names.values():
                self.agenda.file(file)
            return
        try:
            opened = self._open(folder, path)
        except OSError as error:
            self._cannot(folder, error)
            return
        try:
            for name, file in names.items():
                self._look_at(folder, name, file, opened)
        except OSError as error:
            self._cannot(folder, error)
        finally:
            os.close(opened)

    def _open(self, folder: Folder, path: bytes) -> int:
        # The way there does not matter where it leads to the same folder.
        opened = os.open(path or b".", _WHERE, dir_fd=self._tree.root)
        look = os.fstat(opened)
        if inode_of(look.st_ino) != folder.inode or look.st_dev != self._whereabouts.device:
            os.close(opened)
            raise FileNotFoundError(errno.ENOENT, "another folder has its name")
        return opened

    def _look_at(self, folder: Folder, name: bytes, file: int, opened: int) -> None:
        old = self._rows.file(folder.id, name)
        look = self._seen(name, opened)
        if file and (look is None or inode_of(look.st_ino) != file):
            is_last = old is not None and old.inode == file and old.links == 1
            if not is_last:
                self.agenda.file(file)
        if look is not None and stat.S_ISDIR(look.st_mode):
            self._forget(folder.id, name, old)
            self._whereabouts.found(folder.id, name, inode_of(look.st_ino))
            return
        child = self._rows.child(folder.id, name) if old is None else None
        if child is not None:
            self._whereabouts.lose(child)
        if look is None:
            self._forget(folder.id, name, old)
        elif (facts := facts_of(look)) != old:
            self.ledger.put(folder.id, name, facts, old)

    def _seen(self, name: bytes, opened: int) -> os.stat_result | None:
        """What has this name on the root's own file system."""
        try:
            look = os.stat(name, dir_fd=opened, follow_symlinks=False)
        except FileNotFoundError:
            return None
        return look if look.st_dev == self._whereabouts.device else None

    def _forget(self, folder: int, name: bytes, old: Facts | None) -> None:
        if old is not None:
            self.ledger.drop(folder, name, old)

    def _read(self, folder: Folder, *, is_new: bool) -> None:
        number, path = folder.id, self.ledger.path_of(folder.id)
        if path is None:
            return
        self._cover(os.path.join(self._tree.path, path), folder.inode)
        try:
            listing = list_folder(self._tree.root, path)
        except OSError as error:
            self._cannot(folder, error)
            return
        if listing.inode != folder.inode:
            self._whereabouts.look_above(folder)
            return
        if is_new:
            self.ledger.add_new(number, listing.files)
            self._whereabouts.found_first(number, listing.folders)
        else:
            self._compare(number, listing)
        self.ledger.was_read(folder, listing.times, self._turn)

    def _compare(self, number: int, listing: Listing) -> None:
        old = self._rows.files(number)
        for name, facts in listing.files.items():
            if old.get(name) != facts:
                self.ledger.put(number, name, facts, old.get(name))
        # A file of which another name was just written down may have other facts by now.
        self._again(number, old.keys() - listing.files.keys())
        known = {name: child.inode for name, child in self._rows.children(number).items()}
        both = known.keys() | listing.folders.keys()
        self._again(number, [n for n in both if known.get(n) != listing.folders.get(n)])

    def _again(self, folder: int, names: Iterable[bytes]) -> None:
        for name in names:
            self.agenda.name(folder, name)

    def _cannot(self, folder: Folder, error: OSError) -> None:
        """What is in a folder is unknown from now on, unless it is not there at all."""
        if error.errno == errno.EXDEV and folder.parent is not None:
            self._whereabouts.lose(folder)
        elif error.errno in _GONE and folder.parent is not None:
            self._whereabouts.look_above(folder)
        else:
            times = (folder.mtime_ns, folder.ctime_ns)
            why = (error.strerror or str(error)).lower()
            self.ledger.was_read(folder, times, self._turn, why)
