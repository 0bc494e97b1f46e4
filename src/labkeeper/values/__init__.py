"""What a module defines costs little until it is used: dataclasses and regular expressions."""

from labkeeper.values.record import dataclass
from labkeeper.values.regex import regex

__all__ = ["dataclass", "regex"]
