"""How fast something may go."""

from typing import ClassVar, Self

from labkeeper.lab.size import Size
from labkeeper.source import UnreadableError
from labkeeper.values import dataclass


@dataclass(frozen=True, slots=True, order=True)
class Rate:
    """Bytes a second, such as `50MiB/s` (1024-based) or `50MB/s` (1000-based)."""

    WORDS: ClassVar = "a rate like `50MiB/s`"
    PATTERN: ClassVar = r"^[0-9]+(\.[0-9]+)? ?([KMGTP]i?B|kB|B)/s$"

    bytes: int

    @classmethod
    def parse(cls, text: str) -> Self:
        """Takes a size a second; nothing at all is no rate."""
        number, slash, unit = text.rpartition("/")
        if not slash or unit != "s":
            raise UnreadableError(f"expected {cls.WORDS}, found `{text}`")
        try:
            found = Size.parse(number).bytes
        except UnreadableError as error:
            hint = (error.hint or "").replace("B`", "B/s`") or None
            raise UnreadableError(f"expected {cls.WORDS}: {error}", hint) from None
        if not found:
            raise UnreadableError(f"nothing ever moves at `{text}`", "leave `limit` out")
        return cls(found)

    def __str__(self) -> str:
        return f"{Size(self.bytes)}/s"
