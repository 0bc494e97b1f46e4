"""Time zones by their names in the tz database, of which a list comes along (2025b)."""

from functools import cache
from pathlib import Path
from typing import ClassVar, Self

from labkeeper.source import UnreadableError, nearest
from labkeeper.values import dataclass


@cache
def zones() -> frozenset[str]:
    """All names, links included."""
    return frozenset((Path(__file__).parent / "zones.txt").read_text("utf-8").split())


def near_zone(text: str) -> str | None:
    """The name that was probably meant; `CEST` is none, and near to no place."""
    if "/" in text:
        return nearest(text, sorted(zones()), cutoff=0.7)
    ending = f"/{text.lower()}"
    return next((zone for zone in sorted(zones()) if zone.lower().endswith(ending)), None)


@dataclass(frozen=True, slots=True)
class TimeZone:
    """A time zone such as `Europe/Berlin`."""

    WORDS: ClassVar = "a time zone like `Europe/Berlin`"
    PATTERN: ClassVar = r"^[A-Za-z0-9_+-]+(/[A-Za-z0-9_+-]+)*$"

    text: str

    @classmethod
    def parse(cls, text: str) -> Self:
        """Takes the names that systemd finds on a host."""
        if text in zones():
            return cls(text)
        near = near_zone(text)
        hint = f"did you mean `{near}`?" if near else None
        raise UnreadableError(f"expected {cls.WORDS}, found `{text}`", hint)

    def __str__(self) -> str:
        return self.text
