"""Amounts of storage and memory."""

from typing import ClassVar, Final, Self

from labkeeper.source import UnreadableError
from labkeeper.values import dataclass, regex

_UNITS: Final = {
    **{f"{prefix}iB": 1024**power for power, prefix in enumerate("KMGTP", 1)},
    **{f"{prefix}B": 1000**power for power, prefix in enumerate("KMGTP", 1)},
    "kB": 1000,
    "B": 1,
}
_SHAPE: Final = regex(r"([0-9]{1,18}(?:\.[0-9]{1,6})?)[ ]?([A-Za-z]*)")
# The units that a size is written in, the one that is tried first in front.
_WRITTEN: Final = ("PiB", "TiB", "GiB", "MiB", "KiB", "PB", "TB", "GB", "MB", "kB", "B")


@dataclass(frozen=True, slots=True, order=True)
class Size:
    """A size such as `4GiB` (1024-based) or `50MB` (1000-based)."""

    WORDS: ClassVar = "a size like `4GiB`"
    PATTERN: ClassVar = r"^[0-9]+(\.[0-9]+)? ?([KMGTP]i?B|kB|B)$|^0$"

    bytes: int

    @classmethod
    def parse(cls, text: str) -> Self:
        """Takes binary and decimal units; a number without one could mean anything."""
        found = _SHAPE.fullmatch(text)
        if found is None:
            raise UnreadableError(f"expected {cls.WORDS}, found `{text}`")
        number, unit = found.groups()
        if not unit and not number.strip("0."):
            return cls(0)
        if not unit:
            raise UnreadableError(f"size `{text}` has no unit", f"`{text}GiB`, `{text}MiB`, ...")
        letter = unit.upper()
        if letter in {"K", "M", "G", "T", "P"}:
            # systemd, Podman and Compose mean powers of 1024, disks are sold in powers of 1000.
            decimal = "k" if letter == "K" else letter
            raise UnreadableError(
                f"size `{text}` could be either of two",
                f"`{number}{letter}iB` (1024-based) or `{number}{decimal}B` (1000-based)",
            )
        if unit not in _UNITS:
            raise UnreadableError(f"size `{text}` has an unknown unit", _meant(number, unit))
        whole, _, part = number.partition(".")
        scale = 10 ** len(part)
        # To the nearest byte, which floats are not exact enough for.
        return cls((2 * int(whole + part) * _UNITS[unit] + scale) // (2 * scale))

    def __str__(self) -> str:
        for unit in _WRITTEN:
            count, rest = divmod(self.bytes, _UNITS[unit])
            if count and not rest:
                return f"{count}{unit}"
        return f"{self.bytes}B"


def _meant(number: str, unit: str) -> str:
    likely = {word.lower(): word for word in reversed(_WRITTEN)}.get(unit.lower())
    if likely:
        return f"did you mean `{number}{likely}`?"
    return "units are KiB, MiB, GiB, TiB, PiB (1024-based) and kB, MB, GB, TB, PB (1000-based)"
