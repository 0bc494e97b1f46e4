"""Changes of an index's rows, such that each folder's sums stay what its rows say.

An inode counts once in each folder that has it below: an inode with one name in the chain of
folders above it, one with several in the union of theirs.
"""

from collections.abc import Iterable
from typing import Final

from labkeeper.store.index import Folder, Rows
from labkeeper.store.names import Facts, Name

# Of a folder that was found and not looked into: its sums are unknown until it is.
NOT_YET: Final = "it was not read yet"


class Ledger:
    """The one way to change an index."""

    def __init__(self, rows: Rows) -> None:
        self._rows = rows
        self._chains: dict[int, tuple[int, ...]] = {}
        # What is owed to a folder and all above it, and what to itself alone.
        self._up: dict[int, list[int]] = {}
        self._owed: dict[int, list[int]] = {}
        # Names whose inode has lost or won another: they have to be looked at again.
        self.doubted: set[tuple[int, bytes]] = set()
        self.changed = 0

    def settle(self) -> None:
        """Write the sums down."""
        up, self._up = self._up, {}
        for folder, count in up.items():
            if any(count):
                self._add(self._owed, self._chain(folder), *count)
        owed = [(*count, folder) for folder, count in self._owed.items() if any(count)]
        self._owed.clear()
        self._rows.add_sums(owed)

    def add_new(self, folder: int, names: dict[bytes, Facts]) -> None:
        """Write down what is in a folder of which nothing was known."""
        single = [(folder, name, *facts) for name, facts in names.items() if facts.links == 1]
        self._rows.add(single)
        self.changed += len(single)
        self._owe((folder,), len(single), sum(row[5] for row in single))
        if len(single) < len(names):
            for name, facts in names.items():
                if facts.links > 1:
                    self.put(folder, name, facts, None)

    def put(self, folder: int, name: bytes, new: Facts, old: Facts | None) -> None:
        """Write a file down."""
        self.changed += 1
        linked = {facts.inode for facts in (new, old) if facts is not None and facts.links > 1}
        for inode in linked:
            self._count(inode, -1)
        if old is not None and old.inode not in linked:
            self._owe((folder,), -1, -old.blocks)
        if new.links > 1:
            self._rows.put_inode(new)
        self._rows.put_one(folder, name, new)
        if new.inode not in linked:
            self._owe((folder,), 1, new.blocks)
        for inode in linked:
            self._count(inode, 1)
            if new.links == 1 or inode != new.inode:
                self._doubt(inode, folder, name)

    def drop(self, folder: int, name: bytes, old: Facts) -> None:
        """Forget a file."""
        self.changed += 1
        if old.links == 1:
            self._owe((folder,), -1, -old.blocks)
            self._rows.drop(folder, name)
            return
        self._count(old.inode, -1)
        self._rows.drop(folder, name)
        self._count(old.inode, 1)
        self._doubt(old.inode, folder, name)

    def add_folder(self, parent: int | None, name: bytes, inode: int) -> int:
        """Write a folder down that has to be read."""
        self.changed += 1
        number = self._rows.add_folder(parent, name, inode, NOT_YET)
        self._owe((number,), 0, 0, 1)
        return number

    def was_read(self, folder: Folder, times: tuple[int, int], turn: int, error: str = "") -> None:
        """Note that a folder was read, or why it could not be."""
        self._rows.was_read(folder.id, times, turn, error)
        self._owe((folder.id,), 0, 0, bool(error) - bool(folder.error))

    def detach(self, folder: int) -> None:
        """Take a folder with all that is in it out of its place; it may turn up in another."""
        self._replace(folder, None, b"%d" % folder)

    def attach(self, folder: int, parent: int, name: bytes) -> None:
        """Put it where it is now."""
        self._replace(folder, parent, name)

    def remove(self, folder: int) -> None:
        """Forget a detached folder with all that is in it."""
        gone = self._rows.below(folder)
        linked = self._rows.linked_in(gone)
        for inode in linked:
            self._count(inode, -1)
        self.settle()
        self._rows.drop_folders(gone)
        self._chains.clear()
        self.changed += len(gone)
        for inode in linked:
            self._count(inode, 1)
            self._doubt(inode, 0, b"")

    def path_of(self, folder: int) -> bytes | None:
        """Where a folder is below the root; none where it has no place."""
        parts = []
        found = self._rows.folder(folder)
        while found is not None and found.parent is not None:
            parts.append(found.name)
            found = self._rows.folder(found.parent)
        return b"/".join(reversed(parts)) if found is not None and not found.name else None

    def _replace(self, folder: int, parent: int | None, name: bytes) -> None:
        self.changed += 1
        linked = self._rows.linked_in(self._rows.below(folder))
        for inode in linked:
            self._count(inode, -1)
        self.settle()
        sums = self._rows.sums(folder)
        self._owe_above(folder, -1, sums)
        found = self._rows.folder(folder)
        assert found is not None  # noqa: S101  whoever calls has seen it
        self._rows.place(folder, parent, name, found.inode)
        self._chains.clear()
        self._owe_above(folder, 1, sums)
        for inode in linked:
            self._count(inode, 1)

    def _owe_above(self, folder: int, sign: int, sums: tuple[int, int, int]) -> None:
        above = self._chain(folder)[1:2]
        self._owe(above, *(sign * each for each in sums))

    def _count(self, inode: int, sign: int) -> None:
        """Add an inode's part to the sums, or take it away."""
        names = self._rows.names_of(inode)
        linked = [name for name in names if name.links > 1]
        for name in names:
            if name.links == 1:
                self._owe((name.folder,), sign, sign * name.blocks)
        if linked:
            self._add(self._owed, self._above(linked), sign, sign * linked[0].blocks, 0)

    def _above(self, names: Iterable[Name]) -> set[int]:
        return {above for folder in {n.folder for n in names} for above in self._chain(folder)}

    def _owe(self, folders: Iterable[int], files: int, blocks: int, unread: int = 0) -> None:
        """Owe it to these and to all above them."""
        self._add(self._up, folders, files, blocks, unread)

    def _add(
        self, to: dict[int, list[int]], folders: Iterable[int], files: int, blocks: int, unread: int
    ) -> None:  # fmt: skip
        for folder in folders:
            owed = to.get(folder)
            if owed is None:
                to[folder] = [files, blocks, unread]
            else:
                owed[0] += files
                owed[1] += blocks
                owed[2] += unread

    def _chain(self, folder: int) -> tuple[int, ...]:
        """A folder and all above it."""
        waiting = []
        at: int | None = folder
        while at is not None and at not in self._chains:
            waiting.append(at)
            found = self._rows.folder(at)
            at = None if found is None else found.parent
        known = () if at is None else self._chains[at]
        for each in reversed(waiting):
            known = self._chains[each] = (each, *known)
        return known

    def _doubt(self, inode: int, folder: int, name: bytes) -> None:
        names = self._rows.names_of(inode)
        self.doubted.update((n.folder, n.name) for n in names if n[:2] != (folder, name))
