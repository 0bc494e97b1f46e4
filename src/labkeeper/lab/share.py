"""Parts of a whole, and what may be given as a part or as a size."""

from decimal import Decimal
from typing import ClassVar, Final, Self

from labkeeper.lab.size import Size
from labkeeper.source import UnreadableError
from labkeeper.values import dataclass, regex

_SHAPE: Final = regex(r"([0-9]{1,3}(?:\.[0-9]{1,2})?) ?%")
_BARE: Final = regex(r"[0-9]{1,3}(\.[0-9]+)?")


@dataclass(frozen=True, slots=True, order=True)
class Percentage:
    """A percentage such as `15%`, from 0% to 100%."""

    WORDS: ClassVar = "a percentage like `15%`"
    PATTERN: ClassVar = r"^[0-9]{1,3}(\.[0-9]{1,2})? ?%$"

    hundredths: int

    @classmethod
    def parse(cls, text: str) -> Self:
        """Takes two decimals at most."""
        if _BARE.fullmatch(text):
            raise UnreadableError(f"percentage `{text}` has no sign", f"`{text}%`")
        found = _SHAPE.fullmatch(text)
        if found is None:
            raise UnreadableError(f"expected {cls.WORDS}, found `{text}`")
        hundredths = int(Decimal(found[1]) * 100)
        if hundredths > 10_000:
            raise UnreadableError(f"`{text}` is more than the whole")
        return cls(hundredths)

    def __str__(self) -> str:
        return f"{self.hundredths / 100:g}%"


@dataclass(frozen=True, slots=True)
class Amount:
    """A part of a disk, as a percentage (`15%`) or as a size (`200GiB`)."""

    WORDS: ClassVar = "a percentage or a size, like `15%` or `200GiB`"
    PATTERN: ClassVar = f"{Percentage.PATTERN}|{Size.PATTERN}"

    value: Percentage | Size

    @classmethod
    def parse(cls, text: str) -> Self:
        """Goes by the sign: what ends in `%` is a percentage."""
        if text.endswith("%"):
            return cls(Percentage.parse(text))
        if _BARE.fullmatch(text) and text.strip("0."):
            raise UnreadableError(f"`{text}` has no unit", f"`{text}%` or `{text}GiB`")
        if not text[:1].isdigit():
            raise UnreadableError(f"expected {cls.WORDS}, found `{text}`")
        return cls(Size.parse(text))

    def __str__(self) -> str:
        return str(self.value)
