"""A lab in the making: the lab itself, what is to be said beside it, and what stayed behind."""

from collections.abc import Mapping
from dataclasses import field

from labkeeper.lab import Lab
from labkeeper.source import Span
from labkeeper.values import dataclass

# The keys that lead to a part of the lab: `("hosts", "box", "tiers")`.
Path = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Note:
    """Something that a person should know before they rely on the draft."""

    message: str
    at: Span | None = None
    # The part of the lab that it is about.
    path: Path = ()


@dataclass(frozen=True, slots=True)
class Draft:
    """A lab, with comments by the part that they stand above, and notes."""

    lab: Lab
    comments: Mapping[Path, tuple[str, ...]] = field(default_factory=dict)
    notes: tuple[Note, ...] = ()
    # Comments at the end of the text.
    last: tuple[str, ...] = ()
