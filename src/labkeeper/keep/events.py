"""What happened while a lab was kept, as values."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

from labkeeper.keep.forecast import Forecast
from labkeeper.keep.usage import Usage
from labkeeper.prove.proof import Proof
from labkeeper.source import Finding
from labkeeper.storage.reasons import Left
from labkeeper.store.quarantine import Item
from labkeeper.store.units import Evidence


@dataclass(frozen=True, slots=True)
class Refused:
    """Why something could not begin, and what to do about it."""

    code: str
    message: str
    help: str


@dataclass(frozen=True, slots=True)
class Found:
    """A fault of the lab."""

    finding: Finding


@dataclass(frozen=True, slots=True)
class Proven:
    """What is known of one alert without trying it."""

    proof: Proof


@dataclass(frozen=True, slots=True)
class File:
    """A file that went from one path to another."""

    source: bytes
    target: bytes
    size: int
    evidence: Evidence


@dataclass(frozen=True, slots=True)
class Moved:
    """What became of one look of a rule that moves."""

    rule: str
    source: str
    target: str
    why: str
    names: int = 0
    bytes: int = 0
    seconds: float = 0.0
    verified: Mapping[Evidence, int] = field(default_factory=dict)
    kept: int = 0
    renamed: int = 0
    recovered: int = 0
    files: tuple[File, ...] = ()
    # All that was left, and of that what was not left before.
    left: tuple[Left, ...] = ()
    news: tuple[Left, ...] = ()
    is_stopped: bool = False
    refused: Refused | None = None
    # Stopped because its hours were over.
    is_late: bool = False
    # Apps that were told to look again at their libraries.
    told: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Cleaned:
    """What became of one look of a rule that cleans."""

    rule: str
    path: str
    why: str
    run: int | None = None
    aside: tuple[Item, ...] = ()
    purged: tuple[Item, ...] = ()
    still_short: int = 0
    left: tuple[Left, ...] = ()
    news: tuple[Left, ...] = ()
    refused: Refused | None = None


@dataclass(frozen=True, slots=True)
class Clip:
    """The clip of an event that was copied; of one that was there already nothing is proven."""

    review: str
    camera: str
    labels: tuple[str, ...]
    began: float
    path: bytes
    size: int
    evidence: Evidence | None


@dataclass(frozen=True, slots=True)
class Missing:
    """The clip of an event that was not copied: not yet, or never, and why."""

    review: str
    camera: str
    began: float
    why: str
    is_final: bool


@dataclass(frozen=True, slots=True)
class Clipped:
    """What became of clips that a rule asks for."""

    rule: str
    service: str
    target: str
    clips: tuple[Clip, ...] = ()
    missing: tuple[Missing, ...] = ()
    refused: Refused | None = None


@dataclass(frozen=True, slots=True)
class Undone:
    """What somebody brought back."""

    items: tuple[Item, ...]


@dataclass(frozen=True, slots=True)
class Foreseen:
    """How a tier goes on, if it goes on as it did."""

    tier: str
    usage: Usage
    forecast: Forecast


@dataclass(frozen=True, slots=True)
class Summed:
    """All of it."""

    seconds: float
    findings: Counter[str]
    proofs: Counter[str]
    names: int
    bytes: int
    verified: Counter[Evidence]
    left: tuple[Left, ...]
    aside: int
    aside_bytes: int
    back: int
    purged: int
    held: int
    held_bytes: int
    tiers: Mapping[str, Usage]


Event: TypeAlias = Found | Proven | Moved | Cleaned | Clipped | Undone | Foreseen | Summed
