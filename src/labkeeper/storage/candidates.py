"""What may be cleaned, what it would free, and in which order it goes.

The value of a file is 1 / (1 + days since anybody used it), and what goes first is what has the
lowest value for each byte that it frees: the old and the large. Used is the latest of read,
written, renamed and linked: a film of 2010 that was downloaded today is not old.
"""

import os
import stat
import time
from collections.abc import Iterator
from datetime import timedelta
from typing import Final

from labkeeper.host import leases
from labkeeper.storage.reasons import Left
from labkeeper.storage.scan import walk
from labkeeper.storage.source import open_quietly
from labkeeper.storage.tree import Tree
from labkeeper.values import dataclass

_DAY: Final = 86400.0


@dataclass(frozen=True, slots=True)
class Candidate:
    """One inode with all its names below the root."""

    names: tuple[bytes, ...]
    look: os.stat_result
    idle: float  # seconds since anybody used it
    frees: int

    @property
    def value_per_byte(self) -> float:
        """Return what is given up for each byte that is freed."""
        return 1 / (1 + self.idle / _DAY) / self.frees

    @property
    def reason(self) -> str:
        """Say why this one."""
        return f"unused for {self.idle / _DAY:.1f} days, frees {self.frees} bytes"


@dataclass(frozen=True, slots=True)
class Rule:
    """What may be taken."""

    older_than: timedelta
    larger_than: int = 0


@dataclass
class Search:
    """What was found below the root."""

    candidates: list[Candidate]
    left: list[Left]
    files: int
    bytes: int


def search(tree: Tree, rule: Rule, tag: str) -> Search:
    """Look at every file; sort what may go by what it is worth."""
    found: dict[int, tuple[os.stat_result, list[bytes]]] = {}
    result = Search([], [], 0, 0)
    for entry in walk(tree, tag):
        if isinstance(entry, Left):
            result.left.append(entry)
        elif stat.S_ISREG(entry.look.st_mode):
            result.files += 1
            names = found.setdefault(entry.look.st_ino, (entry.look, []))[1]
            names.append(entry.path)
    now = time.time()
    for look, names in found.values():
        result.bytes += look.st_blocks * 512
        judged = _judge(tree, (look, tuple(names)), rule, now)
        if isinstance(judged, Left):
            result.left.append(judged)
        elif judged is not None:
            result.candidates.append(judged)
    result.candidates.sort(key=lambda candidate: (candidate.value_per_byte, candidate.names))
    return result


def _judge(
    tree: Tree, found: tuple[os.stat_result, tuple[bytes, ...]], rule: Rule, now: float
) -> Candidate | Left | None:
    look, names = found
    idle = now - max(look.st_mtime, look.st_ctime, look.st_atime)
    if idle < rule.older_than.total_seconds() or look.st_size < rule.larger_than:
        return None
    shown = os.path.join(tree.path, names[0])
    frees = look.st_blocks * 512
    if look.st_nlink > len(names):
        why = f"{look.st_nlink - len(names)} further names elsewhere hold its bytes: frees nothing"
        return Left(shown, "frees-nothing", why)
    if not frees:
        return Left(shown, "frees-nothing", "it takes no room")
    return Candidate(names, look, idle, frees)


def use_of(tree: Tree, path: bytes) -> Left | None:
    """Say who stands in the way of touching a file: nobody, somebody, or nobody knows."""
    shown = os.path.join(tree.path, path)
    file = open_quietly(*tree.parent(path))
    try:
        match leases.hold_against_all(file):
            case leases.Use.FREE:
                return None
            case leases.Use.IN_USE:
                return Left(shown, "open", "a program has it open")
            case leases.Use.UNKNOWN:
                return Left(shown, "open-unknown", "the kernel does not tell whether it is open")
    finally:
        os.close(file)


def until(candidates: list[Candidate], wanted: int | None) -> Iterator[Candidate]:
    """Yield candidates until so many bytes are freed; all of them where no number is given."""
    freed = 0
    for candidate in candidates:
        if wanted is not None and freed >= wanted:
            return
        freed += candidate.frees
        yield candidate
