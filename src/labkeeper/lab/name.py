"""Names that a lab gives to its parts; the same type where one is declared and where it is used."""

import re
from typing import ClassVar, Final, Self

from labkeeper.lab.place import Placed
from labkeeper.source import UnreadableError
from labkeeper.values import dataclass, regex

# What may be part of a DNS label, a unit name and a container name alike.
_LABEL: Final = regex(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")
_LOOSE: Final = regex(r"[A-Za-z0-9_][A-Za-z0-9._-]{0,127}")


@dataclass(frozen=True)
class Name(Placed):
    """Lower-case letters, digits and hyphens, 63 at most, as in a DNS label."""

    WORDS: ClassVar = "a name"
    PATTERN: ClassVar = r"^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$"

    text: str

    @classmethod
    def parse(cls, text: str) -> Self:
        """Refuses what could not be the name of a host, a unit and a container alike."""
        if _LABEL.fullmatch(text):
            return cls(text)
        likely = re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")[:63].strip("-")
        raise UnreadableError(
            f"`{text}` cannot be {cls.WORDS}: lower-case letters, digits and hyphens make one",
            f"`{likely}`" if likely else None,
        )

    def __str__(self) -> str:
        return self.text


@dataclass(frozen=True)
class HostName(Name):
    """The name of a host of the lab."""

    WORDS: ClassVar = "the name of a host"


@dataclass(frozen=True)
class ServiceName(Name):
    """The name of a service of the lab or of the catalog."""

    WORDS: ClassVar = "the name of a service"


@dataclass(frozen=True)
class TierName(Name):
    """The name of a storage tier."""

    WORDS: ClassVar = "the name of a tier"


@dataclass(frozen=True)
class ChannelName(Name):
    """The name of a channel for notifications."""

    WORDS: ClassVar = "the name of a channel"


@dataclass(frozen=True)
class NetworkName(Name):
    """The name of a container network."""

    WORDS: ClassVar = "the name of a network"


@dataclass(frozen=True)
class ZoneName(Name):
    """The name of a firewall zone."""

    WORDS: ClassVar = "the name of a zone"


@dataclass(frozen=True)
class RepositoryName(Name):
    """The name of a backup repository."""

    WORDS: ClassVar = "the name of a repository"


@dataclass(frozen=True)
class _LooseName(Name):
    PATTERN: ClassVar = r"^[A-Za-z0-9_][A-Za-z0-9._-]{0,127}$"

    @classmethod
    def parse(cls, text: str) -> Self:
        """Takes what the systems that own such names take."""
        if _LOOSE.fullmatch(text):
            return cls(text)
        likely = re.sub(r"[^A-Za-z0-9._-]+", "-", text).strip("-.")[:128]
        hint = f"`{likely}`" if likely else None
        raise UnreadableError(f"expected {cls.WORDS}, found `{text}`", hint)


@dataclass(frozen=True)
class SecretName(_LooseName):
    """The name of a secret in the lab's store."""

    WORDS: ClassVar = "the name of a secret"


@dataclass(frozen=True)
class Label(_LooseName):
    """A name that stands for nothing else in the lab: a camera, a policy, an interface."""

    WORDS: ClassVar = "a name of letters, digits, `.`, `_` and `-`"


@dataclass(frozen=True)
class SecretReference(Placed):
    """A secret by its name, `secret:NAME`: never the secret itself."""

    WORDS: ClassVar = "a secret by its name, like `secret:wireguard-key`"
    PATTERN: ClassVar = r"^secret:[A-Za-z0-9_][A-Za-z0-9._-]{0,127}$"

    name: str

    @classmethod
    def parse(cls, text: str) -> Self:
        """Takes the name of a secret behind `secret:`."""
        head, _, name = text.partition("secret:")
        if not head and _LOOSE.fullmatch(name):
            return cls(name)
        # What was found may be the secret itself, and reports are shared.
        raise UnreadableError(
            f"expected {cls.WORDS}",
            "put the value into the lab's secret store, and its name here",
        )

    def __str__(self) -> str:
        return f"secret:{self.name}"


@dataclass(frozen=True, slots=True)
class PlainText:
    """Text that is no secret."""

    WORDS: ClassVar = "text or `secret:NAME`"
    PATTERN: ClassVar = "^(?!secret:)"

    text: str

    @classmethod
    def parse(cls, text: str) -> Self:
        """Leaves what begins with `secret:` to `SecretReference`."""
        if text.startswith("secret:"):
            raise UnreadableError(f"expected {cls.WORDS}")
        return cls(text)

    def __str__(self) -> str:
        return self.text
