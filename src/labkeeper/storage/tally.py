"""What units came to, in numbers: a worker tells these, and not a thousand units."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import field

from labkeeper.store.units import After, Evidence, Kind, Unit, Way
from labkeeper.values import dataclass


@dataclass
class Tally:
    """Names and bytes that were moved, and how."""

    files: int = 0
    bytes: int = 0
    renamed: int = 0
    kept: int = 0
    symlinks: int = 0
    shared: int = 0  # copied, and kept where a torrent client shares it
    followed: int = 0  # a torrent client went over to the copy
    verified: Counter[Evidence] = field(default_factory=Counter)

    def count(self, units: Iterable[Unit]) -> "Tally":
        """Add units that are done."""
        for unit in units:
            names = len(unit.names)
            self.files += names
            self.bytes += unit.facts.size
            self.renamed += unit.way is Way.RENAME and not unit.evidence
            self.kept += unit.way is Way.KEEP and unit.after is After.RETIRE
            self.shared += names if unit.after is After.KEEP else 0
            self.followed += names if unit.after.is_follow else 0
            if unit.kind is Kind.SYMLINK:
                self.symlinks += names
            elif unit.evidence:
                self.verified[unit.evidence] += names
        return self

    def join(self, other: "Tally") -> None:
        """Add another tally."""
        self.files += other.files
        self.bytes += other.bytes
        self.renamed += other.renamed
        self.kept += other.kept
        self.symlinks += other.symlinks
        self.shared += other.shared
        self.followed += other.followed
        self.verified += other.verified
