"""Reading again what was moved: is it still what was read then?"""

import errno
import os
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import field
from typing import Final

from blake3 import blake3

from labkeeper.host import filesystems
from labkeeper.storage.passing import Passing
from labkeeper.storage.places import look_at
from labkeeper.storage.reasons import Left, Refusal
from labkeeper.storage.reread import reread
from labkeeper.storage.ring import Ring
from labkeeper.storage.source import open_quietly
from labkeeper.storage.tree import Tree
from labkeeper.store.journal import Journal
from labkeeper.store.units import Evidence, Kind, Pair, Unit
from labkeeper.values import dataclass

# code -> what to do about it
HELP: Final = {
    "missing": "it was removed or renamed there since; nothing says by whom",
    "rotten": "restore it from a backup, and check the disk: nobody wrote to it, its bytes changed",
    "unreadable": "restore it from a backup, and check the disk (`dmesg`, `smartctl -a`)",
}


@dataclass
class Recheck:
    """What was found."""

    same: Counter[Evidence] = field(default_factory=Counter)
    bytes: int = 0
    changed: int = 0  # by somebody, after the move: its times say so
    faults: list[Left] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Moved:
    """A file where labkeeper believes it to be."""

    unit: Unit
    pair: Pair
    target: bytes

    @property
    def path(self) -> bytes:
        """Return its whole path."""
        return os.path.join(self.pair.target, self.target)


def moved(journal: Journal, below: tuple[bytes, ...], since: float) -> list[Moved]:
    """List what was moved; a file that was moved on is where it is now."""
    pairs = {pair.id: pair for pair in journal.pairs()}
    now: dict[bytes, Moved] = {}
    for unit in journal.all_done():
        for name in unit.names:
            pair = pairs[name.pair]
            now.pop(os.path.join(pair.source, name.source), None)
            found = Moved(unit, pair, name.target)
            now[found.path] = found
    return [
        found
        for path, found in now.items()
        if found.unit.digest and found.unit.moved_at >= since and _is_below(path, below)
    ]


def recheck(files: list[Moved], passed: Callable[[int], None]) -> Recheck:
    """Read all of them; one unreachable destination refuses the whole."""
    result = Recheck()
    passing = Passing(passed, None)
    with Ring() as ring:
        for target, group in _by_target(files):
            place = look_at(os.fsdecode(target), "destination")
            if not place.exists:
                raise Refusal(
                    "no-destination",
                    f"{os.fsdecode(target)} is not there",
                    "mount it, or name other folders to verify",
                )
            with Tree(target) as tree:
                for found in group:
                    _one(found, tree, result, (ring, passing))
    return result


def _by_target(files: list[Moved]) -> Iterator[tuple[bytes, list[Moved]]]:
    groups: dict[bytes, list[Moved]] = {}
    for found in files:
        groups.setdefault(found.pair.target, []).append(found)
    yield from groups.items()


def _one(found: Moved, tree: Tree, result: Recheck, through: tuple[Ring, Passing]) -> None:
    try:
        folder, base = tree.parent(found.target)
        if found.unit.kind is Kind.SYMLINK:
            _link(found, result, os.readlink(base, dir_fd=folder))
            return
        file = open_quietly(folder, base)
    except OSError as error:
        gone = error.errno in (errno.ENOENT, errno.ENOTDIR, errno.ELOOP, errno.EINVAL)
        code = "missing" if gone else "unreadable"
        why = "it is not there" if gone else os.strerror(error.errno or 0).lower()
        result.faults.append(Left(found.path, code, why))
        return
    try:
        _compare(found, file, result, (tree, *through))
    except OSError as error:
        why = os.strerror(error.errno or 0).lower()
        result.faults.append(Left(found.path, "unreadable", why))
    finally:
        os.close(file)


def _link(found: Moved, result: Recheck, text: bytes) -> None:
    if blake3(text).digest() == found.unit.digest:
        result.same[Evidence.MEMORY] += 1
    else:
        result.changed += 1


def _compare(found: Moved, file: int, result: Recheck, through: tuple[Tree, Ring, Passing]) -> None:
    look = os.fstat(file)
    copy = found.unit.copy
    then = (found.unit.facts.size, copy.mtime_ns if copy else 0)
    if (look.st_size, look.st_mtime_ns) != then:
        result.changed += 1
        return
    tree, ring, passing = through
    digest, evidence = reread(file, filesystems.of(tree.root), ring, passing)
    if digest != found.unit.digest:
        why = "its bytes changed though nobody wrote to it"
        result.faults.append(Left(found.path, "rotten", why))
        return
    result.same[evidence] += 1
    result.bytes += look.st_size


def _is_below(path: bytes, folders: tuple[bytes, ...]) -> bool:
    return not folders or any(path == f or path.startswith(f.rstrip(b"/") + b"/") for f in folders)
