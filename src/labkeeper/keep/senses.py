"""What a keeper knows by: how full tiers are, what lies on them, what apps are done with."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from labkeeper.keep.events import Clipped
from labkeeper.keep.rules import Kept
from labkeeper.keep.status import ClientNow
from labkeeper.keep.watching import Watch


class Follower(Protocol):
    """Follows the apps that rules wait for."""

    def news(self) -> frozenset[str]:
        """Rules for which an app has finished something since it was asked before."""

    def clients(self) -> tuple[ClientNow, ...]:
        """What those said who were asked."""

    def coming(self) -> Mapping[str, int]:
        """Bytes that clients are about to fetch, by the tier that they are for."""


@dataclass(frozen=True, slots=True)
class Pace:
    """How long it rests where nothing is due, and how often it looks what others did: seconds."""

    tick: float = 0.2
    know: float = 1.0


@dataclass(frozen=True)
class Senses:
    """All of it, of one host."""

    kept: Kept
    state: Path
    watch: Watch
    follower: Follower
    below: Callable[[str], int]
    # Look at what changed; what is given is not touched.
    know: Callable[[Collection[str]], None]
    endings: tuple[Callable[[], None], ...] = ()
    pace: Pace = field(default_factory=Pace)
    # Clips of cameras that somebody has copied meanwhile.
    clipped: Callable[[], Sequence[Clipped]] = tuple

    def close(self) -> None:
        """Know no more."""
        for end in self.endings:
            end()
