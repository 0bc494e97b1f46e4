"""From what was found to numbered units, an inode with all its names each, and their batches."""

import os
import stat
from collections.abc import Iterator
from dataclasses import field, replace
from typing import Final

from labkeeper.storage.batch import Ground
from labkeeper.storage.claims import Claims, verdict
from labkeeper.storage.due import ALWAYS, Due
from labkeeper.storage.following import new_folder
from labkeeper.storage.reasons import Blocked, Left
from labkeeper.storage.scan import Found, single, walk
from labkeeper.storage.source import facts_of
from labkeeper.storage.stage import SMALL, join
from labkeeper.storage.tree import KEPT
from labkeeper.storage.withheld import Withheld
from labkeeper.store.journal import Journal
from labkeeper.store.units import After, Folder, Kind, Name, Pair, Unit, Way
from labkeeper.values import dataclass

BATCH_FILES: Final = 1000
BATCH_BYTES: Final = 256 * 1024 * 1024
_WRITTEN_AT_ONCE: Final = 4000


@dataclass(frozen=True, slots=True)
class Origin:
    """A source as the user named it: a folder, its contents, or one file under a new name."""

    pair: Pair
    ground: Ground
    prefix: bytes  # of the names at the destination
    file: bytes | None = None
    new_name: bytes | None = None
    is_contents: bool = False
    can_rename: bool = False

    def name(self, path: bytes) -> Name:
        """Return a name below the source with its name below the destination."""
        target = self.new_name if self.new_name is not None else join(self.prefix, path)
        return Name(self.pair.id, path, target)


@dataclass(frozen=True, slots=True)
class Carry:
    """Move the units with these numbers: many small ones together, or a large one."""

    first: int
    last: int
    is_large: bool = False


@dataclass
class Plan:
    """What will be moved. The units themselves lie in the journal."""

    batches: list[Carry] = field(default_factory=list)
    left: list[Left] = field(default_factory=list)
    files: int = 0
    bytes: int = 0
    booked: int = 0  # bytes that the destination needs
    booked_files: int = 0
    young: int = 0  # names of files that are not due yet
    shared_already: int = 0  # a torrent client shares them from here, and they were copied before


class Planner:
    """Collects units until there are enough for a commit."""

    def __init__(
        self,
        journal: Journal,
        longest_name: int,
        claims: Claims | None = None,
        due: Due = ALWAYS,
        most_files: int = BATCH_FILES,
    ) -> None:
        self._journal = journal
        self._longest = longest_name
        self._most_files = most_files
        self._units: list[tuple[Unit, int]] = []
        self._linked: dict[tuple[int, int], tuple[Unit, int]] = {}
        self._folders: list[Folder] = []
        self._roots: dict[int, bytes] = {}
        self._known: dict[tuple[int, bytes], Folder] = {}
        self._under_way: set[Name] = set()
        self._claims = claims
        self._due = due
        self.withheld = Withheld()
        self._following: dict[str, list[tuple[Unit, int]]] = {}
        self._origins: dict[int, Origin] = {}
        self.plan = Plan()

    def add(self, origin: Origin) -> None:
        """Plan all of a source."""
        self._roots[origin.pair.id] = origin.ground.source.path
        self._origins[origin.pair.id] = origin
        self._known.update(((f.pair, f.path), f) for f in self._journal.folders.of(origin.pair))
        # Recovery could not end these and said why: a second unit for them would leave the first
        # one's temporary without a source to be told by.
        self._under_way.update(
            name for unit in self._journal.unfinished(origin.pair) for name in unit.names
        )
        if origin.file is not None:
            self._take(origin, single(origin.ground.source, origin.file, self._journal.tag))
            return
        for found in walk(origin.ground.source, self._journal.tag):
            if isinstance(found, Found) and stat.S_ISDIR(found.look.st_mode):
                self._note_folder(origin, found)
            else:
                self._take(origin, found)

    def finish(self) -> Plan:
        """Judge the hard-linked ones, now that every name was seen, and write the rest down."""
        for unit, blocks in self._linked.values():
            self._judge(unit, blocks)
        self._linked.clear()
        for hash_, units in self._following.items():
            self._follow(hash_, units)
        self._following.clear()
        self._write()
        return self.plan

    def _take(self, origin: Origin, found: Found | Left) -> None:
        if isinstance(found, Left):
            self.plan.left.append(found)
            return
        name = origin.name(found.path)
        if name in self._under_way:
            return
        facts = facts_of(found.look)
        kind = Kind.SYMLINK if stat.S_ISLNK(found.look.st_mode) else Kind.FILE
        way = Way.RENAME if origin.can_rename else Way.COPY
        unit = Unit(0, kind, facts, (name,), way=way)
        if len(name.target.rpartition(b"/")[2]) > self._longest:
            self._leave(unit, "too-long", "its name is too long for the destination")
        elif facts.links == 1:
            self._judge(unit, found.look.st_blocks)
        else:
            key = (facts.device, facts.inode)
            known = self._linked.get(key, (replace(unit, names=()), 0))[0]
            unit = replace(unit, names=(*known.names, name))
            self._linked[key] = (unit, found.look.st_blocks)

    def _judge(self, unit: Unit, blocks: int) -> None:
        """Queue a unit of which every name was seen, or leave it with its reason."""
        paths = [os.path.join(self._roots[n.pair], n.source) for n in unit.names]
        if not self._due.is_due(paths, unit.facts.mtime_ns):
            self.plan.young += len(unit.names)
            return
        facts = unit.facts
        if (why := self.withheld.why(paths, facts.device, facts.inode)) is not None:
            self._leave(unit, "used-by-app", why)
            return
        if self._claims is not None:
            try:
                after, torrent = verdict(self._claims, facts, paths)
            except Blocked as blocked:
                self._leave(unit, blocked.code, blocked.why)
                return
            if after is not After.RETIRE:
                unit = replace(unit, after=after, torrent=torrent, way=Way.COPY)
        outside = unit.facts.links - len(unit.names)
        if outside and unit.way is not Way.RENAME and unit.after is not After.KEEP:
            why = f"{len(unit.names)} of its {unit.facts.links} names are in what is moved"
            self._leave(unit, "names-outside", why)
        elif unit.after.is_follow:
            self._following.setdefault(unit.torrent, []).append((unit, blocks))
        elif unit.after is After.KEEP and self._is_copied(unit):
            self.plan.shared_already += len(unit.names)
        else:
            self._queue(unit, blocks)

    def _follow(self, hash_: str, units: list[tuple[Unit, int]]) -> None:
        """A torrent goes as a whole, and where its client can be pointed to, or not at all."""
        assert self._claims is not None  # noqa: S101  nothing follows without
        pairs = {number: origin.pair for number, origin in self._origins.items()}
        try:
            new_folder([unit for unit, _ in units], pairs, self._claims.by_torrent[hash_])
        except Blocked as blocked:
            for unit, _ in units:
                self._leave(unit, blocked.code, blocked.why)
            return
        for unit, blocks in units:
            self._queue(unit, blocks)

    def _is_copied(self, unit: Unit) -> bool:
        """A run before copied it. Nothing is removed for it, so its size and time are enough."""
        looks = [self._origins[n.pair].ground.target.look(n.target) for n in unit.names]
        then = (unit.facts.size, unit.facts.mtime_ns)
        return all(look is not None and (look.st_size, look.st_mtime_ns) == then for look in looks)

    def _leave(self, unit: Unit, code: str, why: str) -> None:
        for name in unit.names:
            path = os.path.join(self._roots[name.pair], name.source)
            self.plan.left.append(Left(path, code, why))

    def _note_folder(self, origin: Origin, found: Found) -> None:
        look = found.look
        target = join(origin.prefix, found.path).rstrip(b"/")
        there = origin.ground.target.look(target) if target else os.fstat(origin.ground.target.root)
        folder = Folder(
            origin.pair.id, found.path, there is None, False, stat.S_IMODE(look.st_mode),
            look.st_uid, look.st_gid, look.st_atime_ns, look.st_mtime_ns,
        )  # fmt: skip
        known = self._known.get((origin.pair.id, found.path))
        if known is not None and known.finished and not _is_as_left(known, there):
            self._journal.folders.forget([known])
        self._folders.append(folder)

    def _queue(self, unit: Unit, blocks: int) -> None:
        self._units.append((unit, blocks))
        self.plan.files += len(unit.names)
        self.plan.bytes += unit.facts.size
        if unit.way is not Way.RENAME:
            self.plan.booked += blocks * 512
            self.plan.booked_files += 1
        if len(self._units) >= _WRITTEN_AT_ONCE:
            self._write()

    def _write(self) -> None:
        self._journal.folders.note(self._folders)
        self._folders.clear()
        small = [u for u, _ in self._units if u.facts.size < SMALL]
        large = [u for u, _ in self._units if u.facts.size >= SMALL]
        self._units.clear()
        numbered = iter(self._journal.plan(small + large))
        for group in _groups(small, self._most_files):
            units = [next(numbered) for _ in range(group)]
            self.plan.batches.append(Carry(units[0].id, units[-1].id))
        self.plan.batches.extend(Carry(unit.id, unit.id, is_large=True) for unit in numbered)


def _is_as_left(folder: Folder, there: os.stat_result | None) -> bool:
    """Nobody touched the folder at the destination since it got its metadata from us."""
    return there is not None and (
        stat.S_IMODE(there.st_mode), there.st_uid, there.st_gid, there.st_mtime_ns
    ) == (folder.mode, folder.owner, folder.group, folder.mtime_ns)  # fmt: skip


def files_of_a_batch(descriptors: int, trees: int) -> int:
    """Return how many copies may be open together, each nameless until it was read back."""
    left = descriptors - 64 - 2 * trees
    # Beside each stands at most its own folder on either side, and of all folders KEPT of a tree.
    return max(1, min(BATCH_FILES, max(left - trees * KEPT, left // 3)))


def _groups(units: list[Unit], most: int) -> Iterator[int]:
    """Yield how many units go into each batch."""
    count = size = 0
    for unit in units:
        if count and (count >= most or size + unit.facts.size > BATCH_BYTES):
            yield count
            count = size = 0
        count += 1
        size += unit.facts.size
    if count:
        yield count
