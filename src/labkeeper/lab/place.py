"""Values that know where in the lab's files they were written."""

from dataclasses import field, replace
from typing import Final, Self

from labkeeper.source import Span
from labkeeper.values import dataclass

# Of a value that was made, not read.
NOWHERE: Final = Span("", 0, 0)


@dataclass(frozen=True, kw_only=True)
class Placed:
    """A value with a place, which is no part of what makes two of them equal."""

    at: Span = field(default=NOWHERE, compare=False, repr=False)

    def placed(self, at: Span) -> Self:
        """The same value, written at `at`."""
        return replace(self, at=at)
