"""The rows of the journal of moves."""

from dataclasses import field, replace
from enum import IntEnum, StrEnum

from labkeeper.values import dataclass


class State(IntEnum):
    """How far a unit has come. Each is durable before the work that it names begins.

    RETIRING stands for PUBLISHED too: one commit enters both, because nothing may happen between;
    what waits for its torrent client stays PUBLISHED.
    """

    PLANNED = 0
    COPYING = 1
    COPIED = 2
    VERIFIED = 3
    PUBLISHED = 4
    RETIRING = 5
    DONE = 6
    BLOCKED = 7


class Kind(IntEnum):
    """What an inode is. Nothing else is ever moved."""

    FILE = 0
    SYMLINK = 1


class Way(IntEnum):
    """How a unit gets there."""

    COPY = 0
    RENAME = 1  # the same mount
    KEEP = 2  # the same content is already there under the same name


class After(IntEnum):
    """What becomes of the source when its copy has its names."""

    RETIRE = 0
    KEEP = 1  # a torrent client shares it, and is to go on doing so from there
    FOLLOW = 2  # it waits, as PUBLISHED, until its torrent client has gone over to the copy
    FOLLOW_STOPPED = 3  # likewise; the torrent was stopped, and stays so

    @property
    def is_follow(self) -> bool:
        """A torrent client has to go over to the copy first."""
        return self in (After.FOLLOW, After.FOLLOW_STOPPED)


class Evidence(StrEnum):
    """What a re-read of the destination proves."""

    MEDIUM = "medium"
    DROPPED = "cache dropped"
    MEMORY = "memory"
    NONE = ""  # a rename moves no bytes


@dataclass(frozen=True, slots=True)
class Pair:
    """A source folder and the folder that its files go to."""

    id: int
    source: bytes
    target: bytes
    prefix: bytes  # of the names below the target
    filesystem: str  # of the target


@dataclass(frozen=True, slots=True)
class Name:
    """One name of an inode, below the pair's two folders."""

    pair: int
    source: bytes
    target: bytes


@dataclass(frozen=True, slots=True)
class Facts:
    """The source as it was looked at; any difference later means that somebody changed it."""

    device: int
    inode: int
    size: int
    mtime_ns: int
    ctime_ns: int
    links: int


@dataclass(frozen=True, slots=True)
class Copy:
    """The copy, as recognised again after a crash. ext4 reuses inode numbers: hence its birth."""

    inode: int
    born_ns: int
    mtime_ns: int


@dataclass(frozen=True, slots=True)
class Unit:
    """One inode with all its names: the unit of work."""

    id: int
    kind: Kind
    facts: Facts
    names: tuple[Name, ...]
    state: State = State.PLANNED
    way: Way = Way.COPY
    digest: bytes = b""
    copy: Copy | None = None
    evidence: Evidence = Evidence.NONE
    after: After = After.RETIRE
    torrent: str = ""
    moved_at: float = field(default=0.0, compare=False)

    def numbered(self, number: int) -> "Unit":
        """Return the unit under the journal's number."""
        return replace(self, id=number)


@dataclass(frozen=True, slots=True)
class Folder:
    """A folder of the source with the times that it had before it was emptied."""

    pair: int
    path: bytes
    made: bool  # by us at the destination: only then is its metadata set there
    finished: bool  # it has its metadata; something at the source was left all the same
    mode: int
    owner: int
    group: int
    atime_ns: int
    mtime_ns: int
