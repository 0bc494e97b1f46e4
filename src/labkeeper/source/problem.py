"""What is wrong, as a value: its name, its place, the claim, and a separate help."""

from typing import Literal

from labkeeper.source.edit import Fix
from labkeeper.source.text import Span
from labkeeper.values import dataclass

Severity = Literal["error", "warning", "info"]


@dataclass(frozen=True, slots=True)
class Related:
    """Another place that belongs to the same cause."""

    message: str
    at: Span


@dataclass(frozen=True, slots=True)
class Problem:
    """A text that could not be read as what it should be."""

    name: str
    message: str
    at: Span
    help: str | None = None
    related: tuple[Related, ...] = ()


@dataclass(frozen=True, slots=True)
class Finding:
    """A fault: which check found it, where, and what to do."""

    check: str
    severity: Severity
    message: str
    at: Span | None
    help: str | None = None
    related: tuple[Related, ...] = ()
    # What it is about, in words that survive an edit above it: a baseline keys on this.
    subject: str = ""
    # How to put it right, where there is one right way and it can be written into the text.
    fix: Fix | None = None
