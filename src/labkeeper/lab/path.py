"""Places in a file system, of a host or of a tier."""

import re
from dataclasses import replace
from typing import ClassVar, Final, Self

from labkeeper.catalog import image_reference
from labkeeper.lab.name import TierName
from labkeeper.lab.place import Placed
from labkeeper.source import Span, UnreadableError
from labkeeper.values import dataclass, regex

_TIER: Final = regex(r"([a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?):(.*)", re.DOTALL)
_IMAGE: Final = regex(
    r"([A-Za-z0-9][A-Za-z0-9.-]*(:[0-9]+)?/)?[a-z0-9][a-z0-9._-]*(/[a-z0-9][a-z0-9._-]*)*"
    r"(:[A-Za-z0-9_][A-Za-z0-9._-]{0,127})?(@sha256:[0-9a-f]{64})?"
)


def _steps(text: str) -> str:
    """A path without doubled and closing slashes."""
    if any(character in text for character in "\0\n\r"):
        raise UnreadableError("a path holds no line break")
    steps = [step for step in text.split("/") if step not in {"", "."}]
    if ".." in steps:
        raise UnreadableError(f"path `{text}` climbs out with `..`", "write where it leads to")
    return "/".join(steps)


@dataclass(frozen=True)
class HostPath(Placed):
    """An absolute path."""

    WORDS: ClassVar = "an absolute path like `/mnt/hot`"
    PATTERN: ClassVar = "^/"

    text: str

    @classmethod
    def parse(cls, text: str) -> Self:
        """Refuses a relative path, which would depend on who reads it."""
        if not text.startswith("/"):
            raise UnreadableError(f"expected {cls.WORDS}, found `{text}`")
        return cls("/" + _steps(text))

    def __str__(self) -> str:
        return self.text


@dataclass(frozen=True)
class TierPath(Placed):
    """A place in a tier, `TIER:PATH`, such as `hot:downloads/movies`."""

    WORDS: ClassVar = "a tier and a path in it, like `hot:downloads/movies`"
    PATTERN: ClassVar = r"^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?:(?!/)"

    tier: TierName
    path: str

    @classmethod
    def parse(cls, text: str) -> Self:
        """Takes a path relative to its tier; an empty one is the tier's own root."""
        found = _TIER.fullmatch(text)
        if found is None:
            hint = "name the tier, and the path from there" if text.startswith("/") else None
            raise UnreadableError(f"expected {cls.WORDS}, found `{text}`", hint)
        tier, path = found.groups()
        if path.startswith("/"):
            hint = f"`{tier}:{path.lstrip('/')}`"
            raise UnreadableError(f"the path of `{text}` is relative to its tier", hint)
        return cls(TierName(tier), _steps(path))

    def __str__(self) -> str:
        return f"{self.tier}:{self.path}"


@dataclass(frozen=True)
class Source(Placed):
    """A place in a tier, `hot:books`, or on the host, `/srv/books`."""

    WORDS: ClassVar = "a place like `hot:books` or `/srv/books`"
    PATTERN: ClassVar = f"{HostPath.PATTERN}|{TierPath.PATTERN}"

    path: HostPath | TierPath

    @classmethod
    def parse(cls, text: str) -> Self:
        """Goes by the first character."""
        if text.startswith("/"):
            return cls(HostPath.parse(text))
        if ":" not in text:
            raise UnreadableError(f"expected {cls.WORDS}, found `{text}`")
        return cls(TierPath.parse(text))

    def placed(self, at: Span) -> Self:
        """The same, what it holds included."""
        return replace(self, at=at, path=self.path.placed(at))

    def __str__(self) -> str:
        return str(self.path)


@dataclass(frozen=True)
class ImageReference(Placed):
    """A container image, `registry/team/app:tag`, with a digest where one is pinned."""

    WORDS: ClassVar = "an image like `ghcr.io/team/app:1.2`"
    PATTERN: ClassVar = (
        r"^[A-Za-z0-9][A-Za-z0-9._-]*(:[0-9]+/)?[A-Za-z0-9._/-]*(:[\w.-]+)?(@sha256:[0-9a-f]{64})?$"
    )

    text: str

    @classmethod
    def parse(cls, text: str) -> Self:
        """Takes what container engines take, without a transport in front."""
        if _IMAGE.fullmatch(text):
            return cls(text)
        bare = (text.partition("://")[2] or text).lower()
        hint = f"`{bare}`" if bare and _IMAGE.fullmatch(bare) else None
        raise UnreadableError(f"expected {cls.WORDS}, found `{text}`", hint)

    @property
    def repository(self) -> str:
        """Where it comes from, without tag and digest."""
        return image_reference(self.text).repository

    @property
    def tag(self) -> str | None:
        """Its tag, where one is given."""
        return image_reference(self.text).tag

    def __str__(self) -> str:
        return self.text


@dataclass(frozen=True, slots=True)
class Version:
    """A version such as `5.4` or `3.5.0`, as far as it is known."""

    WORDS: ClassVar = "a version like `5.4.2`"
    PATTERN: ClassVar = r"^v?[0-9]+(\.[0-9]+)*$"

    parts: tuple[int, ...]

    @classmethod
    def parse(cls, text: str) -> Self:
        """Takes numbers with dots between them, and a `v` in front."""
        if not re.fullmatch(r"v?[0-9]{1,9}(\.[0-9]{1,9}){0,3}", text):
            raise UnreadableError(f"expected {cls.WORDS}, found `{text}`")
        return cls(tuple(int(part) for part in text.removeprefix("v").split(".")))

    def __str__(self) -> str:
        return ".".join(map(str, self.parts))
