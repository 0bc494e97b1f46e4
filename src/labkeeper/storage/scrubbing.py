"""Reading what lies on a tier again: bytes that changed though nobody wrote to them are found.

A file's times tell of every write, and a change of its inode's (ctime) nobody can set back. So a
file with the size and times of its hash and other bytes has rotted; where its inode was changed
since, somebody may have written to it and set the time back, and it is only said.
"""

import errno
import os
import stat
import time
from collections.abc import Callable, Iterator
from dataclasses import field
from typing import Final

from labkeeper.host import cache, filesystems
from labkeeper.storage.index import Index
from labkeeper.storage.ledger import Ledger
from labkeeper.storage.passing import Passing
from labkeeper.storage.reasons import Blocked, Left
from labkeeper.storage.rechecking import moved
from labkeeper.storage.reread import reread
from labkeeper.storage.ring import Ring
from labkeeper.storage.scan import QUARANTINE
from labkeeper.storage.source import lease, open_quietly
from labkeeper.storage.tree import Tree, inode_of
from labkeeper.store.hashes import Hash, Hashes
from labkeeper.store.journal import Journal
from labkeeper.store.names import Facts
from labkeeper.store.units import Kind
from labkeeper.values import dataclass

HELP: Final = {
    "rotten": "restore it from a backup, and check the disk: nobody wrote to it, its bytes changed",
    "other-bytes": "see whether somebody wrote to it and set its time back; if not, restore it",
    "unsteady": "check the disk, its cable and the memory: the same bytes were read in two ways",
    "unreadable": "restore it from a backup, and check the disk (`dmesg`, `smartctl -a`)",
}
_BATCH: Final = 500
_SETTLES: Final = 3600.0  # seconds after which a move touches nothing that it made


@dataclass(frozen=True, slots=True)
class Rotten:
    """A file whose bytes are not those that it had: its name below the root."""

    path: bytes
    code: str
    why: str
    known: Hash


@dataclass
class Scrubbed:
    """What was found."""

    files: int = 0
    bytes: int = 0
    learned: int = 0
    rotten: list[Rotten] = field(default_factory=list)
    # What could not be read now, with why: it is open for writing, or changed meanwhile.
    left: list[Left] = field(default_factory=list)
    # Every file was come to.
    is_round: bool = False


class Scrub:
    """Goes round a root's files, from where the last turn ended."""

    def __init__(
        self, index: Index, hashes: Hashes, tell: Callable[[int], None], limit: int | None
    ) -> None:  # fmt: skip
        self._index = index
        self._hashes = hashes
        self._tree = Tree(os.fsencode(os.path.realpath(index.root)))
        self._filesystem = filesystems.of(self._tree.root)
        self._passing = Passing(tell, limit)
        self._ledger = Ledger(index.rows)

    def close(self) -> None:
        """Close the root."""
        self._tree.close()

    def turn(self, is_enough: Callable[[Scrubbed], bool]) -> Scrubbed:
        """Read files until it is enough, or all were read."""
        found = Scrubbed()
        with Ring() as ring:
            for folder, name, inode in self._rest():
                if is_enough(found):
                    return found
                self._one(folder, name, inode, found, ring)
                self._hashes.come_to(folder, name, time.time())
        self._hashes.come_to(0, b"", time.time())
        found.is_round = True
        return found

    def _rest(self) -> Iterator[tuple[int, bytes, int]]:
        """Files after the last that was read; an inode by the first of its names."""
        folder, name = self._hashes.round()
        while batch := self._index.rows.files_after(folder, name, _BATCH):
            for each in batch:
                if self._is_read(*each):
                    yield each[0], each[1], each[2].inode
            folder, name, _ = batch[-1]

    def _is_read(self, folder: int, name: bytes, facts: Facts) -> bool:
        if facts.kind != stat.S_IFREG:
            return False
        return facts.links == 1 or (folder, name) == min(
            known[:2] for known in self._index.rows.names_of(facts.inode)
        )

    def _one(self, folder: int, name: bytes, inode: int, found: Scrubbed, ring: Ring) -> None:
        above = self._ledger.path_of(folder)
        if above is None or above.partition(b"/")[0] == QUARANTINE:
            return
        path = os.path.join(above, name)
        try:
            file = open_quietly(self._tree.folder(above), name)
        except OSError as error:
            self._left(found, path, error)
            return
        try:
            if inode_of(os.fstat(file).st_ino) == inode:
                self._read(path, file, found, ring)
        except Blocked as blocked:
            found.left.append(Left(os.path.join(self._tree.path, path), blocked.code, blocked.why))
        except OSError as error:
            self._left(found, path, error)
        finally:
            os.close(file)

    def _left(self, found: Scrubbed, path: bytes, error: OSError) -> None:
        if isinstance(error, FileNotFoundError):
            return
        why = os.strerror(error.errno or 0).lower()
        found.left.append(Left(os.path.join(self._tree.path, path), "unreadable", why))

    def _read(self, path: bytes, file: int, found: Scrubbed, ring: Ring) -> None:
        look = os.fstat(file)
        lease(file)
        known = self._hashes.of(inode_of(look.st_ino))
        try:
            now = self._hash(file, look, ring)
        except OSError as error:
            # btrfs and ZFS give no byte that is not as it was written.
            is_known = known is not None and (known.size, known.mtime_ns) == (
                look.st_size, look.st_mtime_ns,
            )  # fmt: skip
            if error.errno != errno.EIO or known is None or not is_known:
                raise
            why = "the disk does not give back what was written to it"
            found.rotten.append(Rotten(path, "unreadable", why, known))
            return
        found.files += 1
        found.bytes += look.st_size
        if known is None or (known.size, known.mtime_ns) != (now.size, now.mtime_ns):
            found.learned += 1
            self._hashes.put([now])
        elif known.digest == now.digest:
            self._hashes.put([now])
        else:
            cache.drop(file)
            again = self._hash(file, look, ring)
            found.rotten.append(_judged(path, known, now, again))

    def _hash(self, file: int, look: os.stat_result, ring: Ring) -> Hash:
        digest, _ = reread(file, self._filesystem, ring, self._passing)
        after = os.fstat(file)
        if (after.st_size, after.st_mtime_ns, after.st_ctime_ns) != (
            look.st_size, look.st_mtime_ns, look.st_ctime_ns,
        ):  # fmt: skip
            raise Blocked("changed", "it changed while it was read")
        inode = inode_of(look.st_ino)
        return Hash(inode, look.st_size, look.st_mtime_ns, look.st_ctime_ns, digest, time.time())


def _judged(path: bytes, known: Hash, now: Hash, again: Hash) -> Rotten:
    if again.digest != now.digest:
        return Rotten(path, "unsteady", "two reads of it gave different bytes", known)
    if known.ctime_ns == now.ctime_ns or _is_as_moved(known, now):
        return Rotten(path, "rotten", "its bytes changed though nobody wrote to it", known)
    why = "its bytes changed, and its time of writing did not"
    return Rotten(path, "other-bytes", why, known)


def _is_as_moved(known: Hash, now: Hash) -> bool:
    """Nobody touched it since a move wrote it down; a move says no time of the inode itself."""
    return not known.ctime_ns and now.ctime_ns <= (known.at + _SETTLES) * 1e9


def hashes_of_moves(journal: Journal, root: bytes) -> Iterator[Hash]:
    """What the engine read when it moved files to below a root."""
    start = root.rstrip(b"/") + b"/"
    for found in moved(journal, (root,), 0.0):
        unit = found.unit
        if unit.copy is not None and unit.kind is Kind.FILE and found.path.startswith(start):
            size, mtime_ns = unit.facts.size, unit.copy.mtime_ns
            yield Hash(unit.copy.inode, size, mtime_ns, 0, unit.digest, unit.moved_at)


def paths_of(index: Index, inode: int) -> list[bytes]:
    """Where an inode is, by all its names that are known."""
    root = os.fsencode(os.path.realpath(index.root))
    ledger = Ledger(index.rows)
    places = [(ledger.path_of(n.folder), n.name) for n in index.rows.names_of(inode)]
    return [os.path.join(root, above, name) for above, name in places if above is not None]
