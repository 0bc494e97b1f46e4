"""All that is known of a host at a moment, for whoever counts: what is not known is not there."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from labkeeper.backup.standing import OfRepository
from labkeeper.keep.status import Status
from labkeeper.storage.index import Sum
from labkeeper.store.hashes import Looked
from labkeeper.store.log import Total


@dataclass(frozen=True, slots=True)
class Due:
    """Files that a rule would move now, and how long the first of them has been due."""

    files: int
    bytes: int
    oldest: float


@dataclass(frozen=True, slots=True)
class Kept:
    """How one repository stands, and how long its next backup and its next look have been due."""

    standing: OfRepository
    overdue: float | None
    verify_overdue: float | None
    # When it was last read, by how deep.
    looks: Mapping[str, float]
    # Attempts that failed, by what was tried and why.
    failures: Mapping[tuple[str, str], int]


@dataclass(frozen=True, slots=True)
class Seen:
    """All of it."""

    at: float
    began: float
    status: Status
    # Which tiers are folders that are counted.
    counted: frozenset[str]
    # Of each rule that moves, from where to where, by tier.
    moves: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    cleanups: frozenset[str] = frozenset()
    # What is in each library and each tier, where an index knows.
    libraries: Mapping[str, Sum] = field(default_factory=dict)
    tiers: Mapping[str, Sum] = field(default_factory=dict)
    due: Mapping[str, Due] = field(default_factory=dict)
    # The audit log, summed; none where it cannot be read.
    done: tuple[Total, ...] | None = None
    # Tiers by the paths that the log names.
    roots: Mapping[str, str] = field(default_factory=dict)
    # By tier: files that are put aside, and bytes; none where that is not known.
    aside: Mapping[str, tuple[int, int]] | None = None
    scrubs: Mapping[str, Looked] = field(default_factory=dict)
    refused: Mapping[tuple[str, str], int] = field(default_factory=dict)
    backups: tuple[Kept, ...] = ()
