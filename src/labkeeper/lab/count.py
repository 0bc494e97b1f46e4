"""How many there are, and how much of a processor."""

import re
from typing import ClassVar, Self

from labkeeper.source import UnreadableError
from labkeeper.values import dataclass


@dataclass(frozen=True, slots=True, order=True)
class Count:
    """A whole number, not below 0."""

    WORDS: ClassVar = "a whole number"
    PATTERN: ClassVar = "^[0-9]{1,6}$"

    number: int

    @classmethod
    def parse(cls, text: str) -> Self:
        """Takes six digits at most: there is no million of anything in a home lab."""
        if not re.fullmatch("[0-9]{1,6}", text):
            raise UnreadableError(f"expected {cls.WORDS}, found `{text}`")
        return cls(int(text))

    def __str__(self) -> str:
        return str(self.number)


@dataclass(frozen=True, slots=True, order=True)
class Cpus:
    """A number of processors, such as `2` or `0.5`."""

    WORDS: ClassVar = "a number of processors like `2` or `0.5`"
    PATTERN: ClassVar = r"^[0-9]{1,4}(\.[0-9]{1,3})?$"

    thousandths: int

    @classmethod
    def parse(cls, text: str) -> Self:
        """Takes thousandths, which is as far as Kubernetes goes, and more than none."""
        found = re.fullmatch(r"([0-9]{1,4})(?:\.([0-9]{1,3}))?", text)
        thousandths = int(found[1]) * 1000 + int((found[2] or "0").ljust(3, "0")) if found else 0
        if not thousandths:
            raise UnreadableError(f"expected {cls.WORDS}, found `{text}`")
        return cls(thousandths)

    def __str__(self) -> str:
        whole, rest = divmod(self.thousandths, 1000)
        return f"{whole}.{rest:03d}".rstrip("0") if rest else str(whole)
