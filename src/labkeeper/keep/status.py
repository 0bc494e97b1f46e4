"""How a lab stands at this moment, as a value that can be shown."""

from dataclasses import dataclass
from datetime import datetime

from labkeeper.keep.forecast import Forecast
from labkeeper.keep.usage import Usage


@dataclass(frozen=True, slots=True)
class TierNow:
    """A tier, and how it goes on if it goes on like this."""

    name: str
    usage: Usage
    forecast: Forecast | None


@dataclass(frozen=True, slots=True)
class Doing:
    """What is being moved; nothing is known of the end until it is planned."""

    rule: str
    source: str
    target: str
    names: int = 0
    bytes: int = 0
    # Each byte passes twice: once to the copy, once back from it.
    passed: int = 0
    expected: int = 0
    # Bytes a second, and the seconds that this has gone on without a word from the disk.
    rate: float = 0.0
    silent: float = 0.0


@dataclass(frozen=True, slots=True)
class Next:
    """When a rule is looked at again, and why it did nothing the last time, if it did nothing."""

    rule: str
    what: str
    at: datetime | None
    why: str = ""
    # The code of what keeps it from being done at all.
    refused: str = ""


@dataclass(frozen=True, slots=True)
class ClientNow:
    """An app that is asked: why it is not believed, if so, and the bytes that it still fetches."""

    name: str
    doubt: str = ""
    help: str = ""
    outstanding: int | None = None


@dataclass(frozen=True, slots=True)
class Status:
    """All of it."""

    tiers: tuple[TierNow, ...]
    next: tuple[Next, ...]
    doing: Doing | None = None
    held: int = 0
    held_bytes: int = 0
    held_until: float = 0.0
    left: int = 0
    note: str = ""
    clients: tuple[ClientNow, ...] = ()
