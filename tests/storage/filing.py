"""Whatever people and programs do to files, drawn; and what a fresh walk of them finds."""

import os
import shutil
from pathlib import Path
from typing import Final

from labkeeper.storage.index import Index
from labkeeper.storage.ledger import Ledger
from labkeeper.storage.listing import list_folder
from labkeeper.storage.tree import Tree
from labkeeper.store.names import Facts

# What is done, and which of the files, folders and names there are it is done with.
Step = tuple[int, int, int, int]
_NAMES: Final = "abcde"
_SIZES: Final = (0, 1, 5000, 20_000)


class Place:
    """A folder that is indexed, and one beside it on the same file system that is not."""

    def __init__(self, base: Path, *, has_beside: bool = True, has_links: bool = True) -> None:
        self.root = base / "root"
        self.beside = base / "beside"
        self.root.mkdir()
        self.beside.mkdir()
        self._tops = (self.root, self.beside) if has_beside else (self.root,)
        self._has_links = has_links

    def do(self, step: Step) -> None:
        """Do one thing, if it can be done."""
        what, one, two, name = step
        folders = self._folders()
        files = self._files()
        folder = folders[one % len(folders)]
        path = folder / _NAMES[name % len(_NAMES)]
        other = folders[two % len(folders)]
        file = files[two % len(files)] if files else None
        try:
            self._do(what % 10, (path, folder, other), file, one)
        except OSError:
            return

    def _do(self, what: int, at: tuple[Path, Path, Path], file: Path | None, number: int) -> None:
        path, _, other = at
        match what:
            case 0 | 1:
                path.write_bytes(bytes(_SIZES[number % len(_SIZES)]))
            case 2:
                path.mkdir()
            case 3 if file and self._has_links:
                os.link(file, path)
            case 4 if file:
                file.unlink()
            case 5 if file:
                os.rename(file, path)
            case 6 if other not in (self.root, self.beside):
                os.rename(other, path)
            case 7 if file:
                with file.open("ab") as open_file:
                    open_file.write(bytes(6000))
            case 8 if file:
                os.truncate(file, _SIZES[number % len(_SIZES)])
            case 9 if other not in (self.root, self.beside):
                shutil.rmtree(other)

    def _folders(self) -> list[Path]:
        return [
            self._tops[-1],
            *(Path(here) for top in self._tops for here, _, _ in os.walk(top)),
        ]

    def _files(self) -> list[Path]:
        found = ((Path(here), names) for top in self._tops for here, _, names in os.walk(top))
        return sorted(here / name for here, names in found for name in names)


def walked(root: Path) -> dict[bytes, Facts]:
    """What is there."""
    found: dict[bytes, Facts] = {}
    tree = Tree(os.fsencode(root))
    waiting = [b""]
    while waiting:
        at = waiting.pop()
        try:
            listing = list_folder(tree.root, at)
        except OSError:
            continue  # another file system is mounted there
        found.update((os.path.join(at, name), facts) for name, facts in listing.files.items())
        waiting.extend(os.path.join(at, name) for name in listing.folders)
    tree.close()
    return found


def known(index: Index) -> dict[bytes, Facts]:
    """What the index says is there."""
    ledger = Ledger(index.rows)
    return {
        os.path.join(ledger.path_of(folder) or b"", name): facts
        for folder, name, facts in index.rows.every_name()
    }


def assert_true(index: Index, root: Path) -> None:
    """The index is what a fresh walk finds, and so are the sums of every folder."""
    there = walked(root)
    assert known(index) == there
    folders = {b""}
    for path in there:
        while path := os.path.dirname(path):
            folders.add(path)
    for folder in folders:
        below = index.sum_of(str(root / os.fsdecode(folder)))
        assert (below.files, below.bytes, below.unread) == (*_sum(there, folder), 0), folder


def _sum(files: dict[bytes, Facts], folder: bytes) -> tuple[int, int]:
    start = folder + b"/" if folder else b""
    below = {facts.inode: facts.blocks for path, facts in files.items() if path.startswith(start)}
    return len(below), sum(below.values()) * 512
