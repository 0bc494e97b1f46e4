"""Where the folders of an index are: as before, from elsewhere, new, or nowhere."""

import os
from collections.abc import Mapping
from typing import assert_never

from labkeeper.host import files
from labkeeper.storage.agenda import Agenda
from labkeeper.storage.ledger import Ledger
from labkeeper.storage.sweeping import Cover, Times, sweep, times_of
from labkeeper.storage.tree import Tree
from labkeeper.store.index import ROOT, Folder, Rows


class Whereabouts:
    """Finds folders, and loses them."""

    def __init__(
        self, rows: Rows, tree: Tree, ledger: Ledger, agenda: Agenda, cover: Cover
    ) -> None:  # fmt: skip
        self._rows = rows
        self._tree = tree
        self._ledger = ledger
        self._agenda = agenda
        self._cover = cover
        self.device = os.fstat(tree.root).st_dev

    def sweep(self) -> None:
        """Look at all folders' times, and at what is in those where they differ."""
        for folder, times in sweep(self._rows, self._tree, self._cover):
            self._by_times(folder, times)

    def found(self, parent: int, name: bytes, inode: int) -> None:
        """A folder is in another."""
        child = self._rows.child(parent, name)
        if child is not None:
            if child.inode == inode:
                if child.error:
                    # Whoever was kept out may be let in by now.
                    self._agenda.folder(child.id)
                return
            self.lose(child)
        # One that was moved keeps its rows. Where the number is another folder's by now, the
        # reading of it and the sweep of all below see that.
        for known in self._rows.folders_of(inode):
            if self._can_be(known, parent, name):
                self._agenda.adrift.discard(known.id)
                self._ledger.attach(known.id, parent, name)
                self._agenda.folder(known.id)
                self._sweep_below(known.id)
                return
        self._agenda.folder(self._ledger.add_folder(parent, name, inode), is_new=True)

    def found_first(self, parent: int, folders: Mapping[bytes, int]) -> None:
        """Folders are in one of which nothing was known: most were never seen."""
        known = self._rows.folders_at(folders.values())
        for name, inode in folders.items():
            if inode in known:
                self.found(parent, name, inode)
            else:
                number = self._ledger.add_folder(parent, name, inode)
                self._agenda.folder(number, is_new=True)

    def lose(self, folder: Folder) -> None:
        """It may turn up elsewhere until the turn ends."""
        self._ledger.detach(folder.id)
        self._agenda.adrift.add(folder.id)

    def look_above(self, folder: Folder) -> None:
        """A folder is not where it was: its name is looked at."""
        if folder.parent is not None:
            self._agenda.name(folder.parent, folder.name)

    def _by_times(self, folder: Folder, times: Times) -> None:
        match times:
            case Times.GONE:
                self.look_above(folder)
            case Times.OTHER:
                self._agenda.folder(folder.id)
            case Times.SAME:
                return
            case never:
                assert_never(never)

    def _can_be(self, known: Folder, parent: int, name: bytes) -> bool:
        """A folder seen a second time by a mount of it (`mount --bind`) has not moved."""
        above = self._rows.folder(parent)
        while above is not None and above.id != known.id:
            above = None if above.parent is None else self._rows.folder(above.parent)
        if above is not None or known.id == ROOT:
            return False
        path = os.path.join(self._ledger.path_of(parent) or b"", name)
        try:
            os.close(files.open_beneath(self._tree.root, path, os.O_PATH | os.O_DIRECTORY))
        except OSError:
            return False
        return True

    def _sweep_below(self, folder: int) -> None:
        for number in self._rows.below(folder):
            found, path = self._rows.folder(number), self._ledger.path_of(number)
            if number != folder and found is not None and path is not None:
                self._by_times(found, times_of(self._tree, self.device, found, path))
