"""What the agent and the mover say to each other: one object of JSON a line.

The mover believes nothing of what comes in but this: the name of a rule, and by when a forecast
expects the tier to be full. A line that is something else, or too long, ends the connection.
"""

from dataclasses import dataclass
from typing import Final, Literal, TypeAlias, TypeVar

import msgspec

PROTOCOL: Final = 1
MOST_ASKED: Final = 4096  # bytes of a line that the mover takes
MOST_TOLD: Final = 16 << 20  # and of one that it gives
MOST_NAMED: Final = 1000  # files that one line names

_T = TypeVar("_T")


class Junk(Exception):
    """What came is no message."""


@dataclass(frozen=True, slots=True)
class Greeting:
    """The first line of the mover."""

    labkeeper: str
    protocol: int


@dataclass(frozen=True, slots=True)
class Asked:
    """What the agent wants: an act by a rule of the lab, or that the one under way ends."""

    ask: Literal["act", "end"]
    kind: Literal["move", "clean"] = "move"
    rule: str = ""
    full_in: float | None = None
    # It has seen that the disks are idle, or that nobody can wait for that any longer.
    is_idle: bool = False


@dataclass(frozen=True, slots=True)
class Said:
    """How far an act is, or that it came to nothing, and why."""

    say: Literal["doing", "busy", "unneeded", "refused"]
    why: str = ""
    rule: str = ""
    source: str = ""
    target: str = ""
    names: int = 0
    bytes: int = 0
    passed: int = 0
    expected: int = 0
    rate: float = 0.0
    silent: float = 0.0


@dataclass(frozen=True, slots=True)
class ToldFile:
    """A file that went from one path to another."""

    source: bytes
    target: bytes
    size: int
    evidence: str


@dataclass(frozen=True, slots=True)
class ToldLeft:
    """Something that was left where it was."""

    path: bytes
    code: str
    why: str


@dataclass(frozen=True, slots=True)
class ToldItem:
    """Something that was put aside, or gone for good."""

    id: int
    run: int
    root: bytes
    state: int
    inode: int
    size: int
    frees: int
    mtime_ns: int
    reason: str
    at: float
    held_until: float
    names: tuple[bytes, ...]
    kind: int


@dataclass(frozen=True, slots=True)
class ToldRefused:
    """Why it could not begin, and what to do about it."""

    code: str
    message: str
    help: str


@dataclass(frozen=True, slots=True)
class ToldMove:
    """What became of one look of a rule that moves."""

    say: Literal["moved"]
    rule: str
    source: str
    target: str
    why: str
    names: int
    bytes: int
    seconds: float
    verified: dict[str, int]
    kept: int
    renamed: int
    recovered: int
    is_stopped: bool
    is_late: bool
    told: tuple[str, ...]
    files: tuple[ToldFile, ...]
    left: tuple[ToldLeft, ...]
    refused: ToldRefused | None


@dataclass(frozen=True, slots=True)
class ToldClean:
    """What became of one look of a rule that cleans."""

    say: Literal["cleaned"]
    rule: str
    path: str
    why: str
    run: int | None
    still_short: int
    aside: tuple[ToldItem, ...]
    purged: tuple[ToldItem, ...]
    left: tuple[ToldLeft, ...]
    refused: ToldRefused | None


Message: TypeAlias = Greeting | Asked | Said | ToldMove | ToldClean


def line(message: Message) -> bytes:
    """A message as it goes over the socket."""
    return msgspec.json.encode(message) + b"\n"


def greeting(text: bytes) -> Greeting:
    """The mover's first line."""
    return _read(text, Greeting)


def asked(text: bytes) -> Asked:
    """What somebody wants of the mover."""
    return _read(text, Asked)


def told(text: bytes) -> Said | ToldMove | ToldClean:
    """What the mover says of an act."""
    word = _read(text, _Word).say
    if word == "moved":
        return _read(text, ToldMove)
    return _read(text, ToldClean) if word == "cleaned" else _read(text, Said)


@dataclass(frozen=True, slots=True)
class _Word:
    say: str


def _read(text: bytes, kind: type[_T]) -> _T:
    try:
        return msgspec.json.decode(text, type=kind)
    # A number of a thousand digits, or folders of brackets: whatever it is, it is no message.
    except (msgspec.DecodeError, ValueError, RecursionError) as error:
        raise Junk(str(error)) from None
