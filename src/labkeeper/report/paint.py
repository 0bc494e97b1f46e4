"""Colours, where there is a terminal to show them."""

from collections.abc import Callable
from typing import Final

# Colours a piece of text by its role; without a terminal it gives it back as it is.
Paint = Callable[[str, str], str]

# Readable on dark and on light ground: no yellow, no plain blue.
_CODES: Final = {
    "error": "1;31",
    "warning": "1;35",
    "info": "1;36",
    "message": "1",
    "frame": "2",
    "help": "32",
    "good": "1;32",
}


def plain(text: str, _role: str) -> str:
    """No colour."""
    return text


def coloured(text: str, role: str) -> str:
    """The terminal's own colours, by what the text is for."""
    return f"\x1b[{_CODES[role]}m{text}\x1b[0m" if text else text
