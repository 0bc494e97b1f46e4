"""What containers of a kind have in common."""

import re
from dataclasses import field
from typing import ClassVar, Self

from labkeeper.lab.count import Cpus
from labkeeper.lab.name import NetworkName, ServiceName
from labkeeper.lab.path import TierPath
from labkeeper.lab.place import NOWHERE
from labkeeper.lab.size import Size
from labkeeper.source import Span, UnreadableError
from labkeeper.values import dataclass


@dataclass(frozen=True, slots=True)
class Owner:
    """A user and a group by their numbers, `1000:1000`."""

    WORDS: ClassVar = "a user and a group by number, like `1000:1000`"
    PATTERN: ClassVar = r"^[0-9]{1,10}(:[0-9]{1,10})?$"

    user: int
    group: int

    @classmethod
    def parse(cls, text: str) -> Self:
        """The group is the user's own number where none is given."""
        if not re.fullmatch(r"[0-9]{1,10}(:[0-9]{1,10})?", text):
            raise UnreadableError(f"expected {cls.WORDS}, found `{text}`")
        user, _, group = text.partition(":")
        return cls(int(user), int(group or user))

    def __str__(self) -> str:
        return f"{self.user}:{self.group}"


@dataclass(frozen=True, slots=True)
class Umask:
    """Which permissions new files lack, as three octal digits: `002`."""

    WORDS: ClassVar = "a umask like `002`"
    PATTERN: ClassVar = "^0?[0-7]{3}$"

    bits: int

    @classmethod
    def parse(cls, text: str) -> Self:
        """Takes octal digits alone: `22` could mean anything."""
        if not re.fullmatch("0?[0-7]{3}", text):
            raise UnreadableError(f"expected {cls.WORDS}, found `{text}`")
        return cls(int(text, 8))

    def __str__(self) -> str:
        return f"{self.bits:03o}"


@dataclass(frozen=True, kw_only=True)
class ContainerProfile:
    """What every container of a kind on a host gets, unless its service says otherwise."""

    memory: Size | None = None
    """The most memory that each may take."""
    cpus: Cpus | None = None
    """The most processors that each may keep busy."""
    network: NetworkName | None = None
    """The container network that they share."""
    through: ServiceName | None = None
    """The VPN gateway whose network they use in place of one of their own."""
    mounts: tuple[TierPath, ...] = ()
    """Places in tiers that all of them see, each at the same path."""
    user: Owner | None = None
    """Whom they run as, so that they can move each other's files."""
    umask: Umask | None = None
    """Which permissions their new files lack."""
    gpu: bool = False
    """Whether they get at the graphics card."""
    at: Span = field(default=NOWHERE, compare=False, repr=False)
