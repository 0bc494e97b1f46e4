"""Whoever acts by the rules of a lab: this process itself, or another that may do more."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol, TypeAlias

from labkeeper.keep.deciding import Go
from labkeeper.keep.events import Cleaned, Moved
from labkeeper.keep.status import Doing
from labkeeper.keep.usage import Usage
from labkeeper.plan import Cleanup, Move


@dataclass(frozen=True, slots=True)
class Order:
    """A rule that is due, and what it was decided by."""

    rule: Move | Cleanup
    go: Go
    # The tier that files go to, where they go to another.
    target: Usage
    # In how many seconds the source would be full.
    full_in: float | None = None


@dataclass(frozen=True, slots=True)
class Unstarted:
    """It could not be begun now, and why; it is tried again."""

    why: str


@dataclass(frozen=True, slots=True)
class Unneeded:
    """Whoever acts sees no reason to."""

    why: str


Said: TypeAlias = Doing | Moved | Cleaned | Unstarted | Unneeded
Hear: TypeAlias = Callable[[Said], None]


class Hands(Protocol):
    """Whoever acts."""

    def begin(self, order: Order, hear: Hear) -> None:
        """Act, or have it begun; `hear` is told how it goes, and once what came of it."""

    def wait(self, seconds: float) -> None:
        """Let this much time pass at most, and hear what is said meanwhile."""

    def end(self) -> None:
        """Have what is under way end at a safe place, and hear what came of it."""
