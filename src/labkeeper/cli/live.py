"""A few lines at the foot of a terminal that change in place; above them everything stays."""

import os
import shutil
import sys

from labkeeper.report.text import visible

_WIDEST = 110


class Foot:
    """The lines that change. Without a terminal there are none."""

    def __init__(self) -> None:
        self.is_live = sys.stdout.isatty() and not is_dumb()
        self._height = 0

    @property
    def width(self) -> int:
        """How wide it is now; 0 where nothing ends lines."""
        return min(shutil.get_terminal_size().columns, _WIDEST) if sys.stdout.isatty() else 0

    def above(self, lines: list[str]) -> None:
        """Write lines that stay."""
        self._out(self._erased() + "".join(f"{line}\n" for line in lines))
        self._height = 0

    def show(self, lines: list[str]) -> None:
        """Write the lines anew. They fit: a terminal that wraps them would be left with rests."""
        if self.is_live:
            self._out(self._erased() + "".join(f"{line}\n" for line in lines))
            self._height = len(lines)

    def clear(self) -> None:
        """Take the lines away."""
        self._out(self._erased())
        self._height = 0

    def _erased(self) -> str:
        return f"\x1b[{self._height}A\r\x1b[J" if self._height else ""

    def _out(self, text: str) -> None:
        sys.stdout.write(text)
        sys.stdout.flush()


def is_dumb() -> bool:
    """Whether the terminal cannot move its cursor."""
    return os.environ.get("TERM", "dumb") == "dumb"


def fitted(text: str, width: int) -> str:
    """The text in one line of at most `width`."""
    text = visible(text)
    return text if len(text) <= width else text[: max(1, width - 1)] + "…"
