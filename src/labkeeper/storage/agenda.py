"""What is still to be looked at in one turn of an index.

What is said is only where to look. So a name may be said twice, too late, or in any order.
"""

from collections import defaultdict
from typing import Final

from labkeeper.storage.ledger import NOT_YET
from labkeeper.store.index import Folder, Rows

# Looks at one name in one turn: whoever moves it to and fro is looked at again later.
_LOOKS: Final = 20
_TOGETHER: Final = 500  # names whose rows are read at once


class Agenda:
    """Names, folders, and folders that have lost their place."""

    def __init__(self, rows: Rows) -> None:
        self._rows = rows
        # By folder: names, and the file that each was of when it was told; zero is any.
        self._names: dict[int, dict[bytes, int]] = defaultdict(dict)
        self._folders: list[tuple[int, bool]] = []
        self._looks: dict[tuple[int, bytes], int] = defaultdict(int)
        self.adrift: set[int] = set()
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
        told = names.get(name, 0)
        if told and file and told != file:
            self.file(told)
        names[name] = file or told

    def file(self, inode: int) -> None:
        """Look at all the names that a file is known by."""
        for known in self._rows.names_of(inode) if inode else ():
            self.name(known.folder, known.name)

    def folder(self, folder: int, *, is_new: bool = False) -> None:
        """Read a folder."""
        self._folders.append((folder, is_new))

    @property
    def is_waiting(self) -> bool:
        """There is something to look at."""
        return bool(self._names or self._folders)

    def names(self) -> dict[int, dict[bytes, int]]:
        """Some names by their folders, whose rows are at hand; none where none are left."""
        taken: dict[int, dict[bytes, int]] = {}
        count = 0
        while self._names and count < _TOGETHER:
            folder, names = self._names.popitem()
            taken[folder] = {name: names[name] for name in names if self._may_look(folder, name)}
            count += len(names)
        if count > 1:
            self._rows.expect([(folder, name) for folder in taken for name in taken[folder]])
        return taken

    def next_folder(self) -> tuple[Folder, bool] | None:
        """A folder to read, and whether nothing was known of it."""
        while self._folders:
            number, is_new = self._folders.pop()
            folder = self._rows.folder(number)
            if folder is not None:
                # It may have been read since it was found.
                return folder, is_new and folder.error == NOT_YET
        return None

    def _may_look(self, folder: int, name: bytes) -> bool:
        self._looks[folder, name] += 1
        if self._looks[folder, name] <= _LOOKS:
            return True
        self.unsettled.add((folder, name))
        return False
