"""What a program that keeps backups has to be able to do."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import Final, Literal, Protocol

from labkeeper.storage.reasons import Refusal
from labkeeper.values import dataclass, regex

# What a verification read: the repository's own tables, a part of its data, or all of it.
Depth = Literal["structure", "sample", "all"]
Kind = Literal["file", "folder", "link", "other"]
_FULL: Final = regex(r"[Nn]o space left|[Dd]isk quota exceeded|Insufficient free space|ENOSPC")


@dataclass(frozen=True, slots=True)
class Subject:
    """Whose files a snapshot holds. A draft was read while the service wrote, and is no backup."""

    host: str
    service: str
    is_draft: bool = False


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What was kept at one time."""

    id: str
    subject: Subject
    at: datetime


@dataclass(frozen=True, slots=True)
class Entry:
    """One name of a snapshot: an absolute path as it was, without what its contents are."""

    path: str
    kind: Kind
    # None where the program does not tell it: borg, of a second name of one file.
    size: int | None
    mode: int
    owner: tuple[int, int]
    # Seconds, as precisely as the program tells it.
    mtime: float


@dataclass(frozen=True, slots=True)
class Saved:
    """A snapshot that was made; `unread` are the files that could not be read."""

    snapshot: str
    files: int
    bytes: int
    unread: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Look:
    """What a verification found; no damage where nothing is wrong."""

    depth: Depth
    damage: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Part:
    """Which part of the data is read this time: the third of thirteen."""

    number: int
    of: int


class Unreachable(Refusal):
    """The repository did not answer: whether it is whole is unknown."""


class Program(Protocol):
    """One repository, by the program that keeps it. Every method raises `Refusal`."""

    def identity(self) -> str | None:
        """What tells this repository from any other; none where there is none yet."""

    def create(self) -> None:
        """Make the repository, encrypted."""

    def save(
        self, subject: Subject, paths: Sequence[str], leave_out: Sequence[str], patience: float
    ) -> Saved:
        """Keep these paths as they are now."""

    def snapshots(self) -> tuple[Snapshot, ...]:
        """All that labkeeper made, the oldest first."""

    def entries(self, snapshot: str) -> Iterator[Entry]:
        """All names of a snapshot."""

    def restore(self, snapshot: str, paths: Sequence[str], into: Path) -> None:
        """Bring paths back below a folder; all of them where none is given."""

    def look(self, depth: Depth, part: Part) -> Look:
        """Read the repository again."""

    def forget(self, subject: Subject, keep: Sequence[tuple[str, int]]) -> None:
        """Let go of a subject's snapshots by age. Their room comes back with `tidy`."""

    def drop(self, snapshot: str) -> None:
        """Let go of one snapshot."""

    def tidy(self) -> None:
        """Give back the room of what nothing needs."""


# A snapshot that labkeeper made, and one that is no backup.
TAG: Final = "labkeeper"
DRAFT: Final = "labkeeper-draft"


def last_words(error: str) -> str:
    """What a program complained of last, in one line."""
    lines = [line.strip() for line in error.splitlines() if line.strip()]
    return lines[-1] if lines else "it said nothing"


def place_of(to: str) -> Path | None:
    """The folder of this host that a repository is; none where it is an address."""
    return Path(to) if Path(to).is_absolute() else None


def is_full(said: str) -> bool:
    """A program says that a disk has no room."""
    return _FULL.search(said) is not None


def wrong_password(to: str) -> Refusal:
    """It is there, and cannot be opened."""
    return Refusal(
        "wrong-password", f"the password does not open {to}",
        "name the secret that it was made with; without it, nothing of it can be read",
    )  # fmt: skip


def unreachable(to: str, said: str) -> Unreachable:
    """Whoever was asked did not answer for it."""
    help_ = "see that its disk is mounted or its server is up, then run it again"
    return Unreachable("unreachable", f"{to} does not answer: {said}", help_)


def locked(to: str, said: str) -> Unreachable:
    """Somebody else is at work in it, or was when it died."""
    return Unreachable(
        "locked", f"{to} is locked: {said}",
        "wait until that is done; if it died on another host, unlock it there",
    )  # fmt: skip


def failed(command: str, to: str, said: str) -> Refusal:
    """A program ended badly; of a full disk it is said what to do."""
    if is_full(said):
        return Refusal(
            "no-room", f"there is no room left for `{command}` at {to}: {said}",
            "make room there; what is kept already is whole, and nothing of it is let go until a"
            " backup succeeds",
        )  # fmt: skip
    help_ = "run it again; what is kept already is whole"
    return Refusal("program-failed", f"`{command}` at {to}: {said}", help_)
