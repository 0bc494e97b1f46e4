"""The wish to end, and who is told of it."""

from collections.abc import Callable
from dataclasses import dataclass


@dataclass
class Stop:
    """The wish to end, and how an act is told of it."""

    is_wanted: bool = False
    end_act: Callable[[], None] | None = None

    def want(self) -> None:
        """End at the next safe place."""
        self.is_wanted = True
        if self.end_act is not None:
            self.end_act()

    def by(self, end: Callable[[], None]) -> None:
        """Note how an act is told to end; it may be wanted already."""
        self.end_act = end
        if self.is_wanted:
            end()

    def forget(self) -> None:
        """The act has ended."""
        self.end_act = None
