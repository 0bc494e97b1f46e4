"""What may be cleaned, what it would free, and in which order it goes.

The value of a file is 1 / (1 + days since anybody used it), and what goes first is what has the
lowest value for each byte that it frees: the old and the large. What somebody watched to its end
is worth a tenth of it. Used is the latest of read,
written, renamed and linked: a film of 2010 that was downloaded today is not old.
"""

import os
from collections.abc import Iterator
from dataclasses import field
from datetime import timedelta
from enum import StrEnum
from typing import Final

from labkeeper.host import leases
from labkeeper.storage.clips import Keeping
from labkeeper.storage.reasons import Left
from labkeeper.storage.source import open_quietly
from labkeeper.storage.tree import Tree
from labkeeper.store.quarantine import Kind
from labkeeper.values import dataclass

_DAY: Final = 86400.0
_MIB: Final = 2**20
# What was watched to its end is worth so much less than what is still to be watched.
_WATCHED: Final = 10


class Take(StrEnum):
    """What a cleaning is about."""

    FILES = "files"
    BROKEN_LINKS = "broken-links"
    EMPTY_FOLDERS = "empty-folders"
    FAILED_DOWNLOADS = "failed-downloads"
    ORPHANS = "orphans"


@dataclass(frozen=True, slots=True)
class Candidate:
    """One inode with all its names below the root."""

    names: tuple[bytes, ...]
    look: os.stat_result
    idle: float  # seconds since anybody used it
    frees: int
    kind: Kind = Kind.FILE
    because: str = ""  # where it does not go for its age and size
    is_watched: bool = False  # somebody watched it to its end
    behind: int = 0  # bytes of it that snapshots or other files have as well

    @property
    def value(self) -> float:
        """Return what is given up."""
        return 1 / (1 + self.idle / _DAY) / (_WATCHED if self.is_watched else 1)

    @property
    def value_per_byte(self) -> float:
        """Return what is given up for each byte that is freed."""
        return self.value / max(1, self.frees)

    @property
    def reason(self) -> str:
        """Say why this one."""
        days = f"unused for {self.idle / _DAY:.1f} days"
        if self.because:
            return f"{self.because}, {days}"
        behind = f", {self.behind} more are held by snapshots or copies" if self.behind else ""
        return f"{days}, frees {self.frees} bytes{behind}"

    @property
    def explanation(self) -> str:
        """Say it with the formula and its numbers."""
        days = f"unused for {self.idle / _DAY:.1f} days"
        if not self.frees and self.behind:
            return f"{days}; frees nothing now: {held_back(self.behind)}"
        if not self.frees:
            return f"{self.because}, {days}; frees nothing"
        because = f"{self.because}; " if self.because else ""
        return (
            f"{because}value {self.value:.4f} = 1 / (1 + {self.idle / _DAY:.1f} days unused)"
            f"{f' / {_WATCHED}, as it was watched' if self.is_watched else ''};"
            f" frees {self.frees:,} bytes{self._rest};"
            f" gives up {self.value_per_byte * _MIB:.4g} for each MiB"
        )

    @property
    def _rest(self) -> str:
        return f" ({self.behind:,} more when snapshots or copies go)" if self.behind else ""


def held_back(bytes_: int) -> str:
    """Why removing files gives no room."""
    return f"snapshots, or copies made by reflink, hold its {bytes_:,} bytes"


@dataclass(frozen=True, slots=True)
class Rule:
    """What may be taken."""

    older_than: timedelta
    larger_than: int = 0
    takes: frozenset[Take] = frozenset({Take.FILES})
    # Only clips that labkeeper copied, each by when it was seen and what is seen in it.
    clips: Keeping | None = None


@dataclass
class Search:
    """What was found below the root."""

    candidates: list[Candidate] = field(default_factory=list)
    left: list[Left] = field(default_factory=list)
    files: int = 0  # of the kinds that were looked for, whether they may go or not
    bytes: int = 0


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
    """Yield candidates until so many bytes are freed; all of them where no number is given.

    A link or a folder does not go for the room, so it goes whatever room there is. A file whose
    bytes a snapshot holds would be lost for no room at all.
    """
    freed = 0
    for candidate in candidates:
        is_for_room = wanted is not None and candidate.kind is Kind.FILE
        if is_for_room and (freed >= (wanted or 0) or (candidate.behind and not candidate.frees)):
            continue
        freed += candidate.frees
        yield candidate
