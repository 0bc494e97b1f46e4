"""A fact of a machine, and how it stands with it."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum


class State(StrEnum):
    """How it stands with a fact."""

    OK = "ok"
    NOT_OK = "not ok"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Fact:
    """One thing that was looked at."""

    about: str
    subject: str
    state: State
    what: str
    help: str = ""


def count(found: Iterable[Fact]) -> Counter[State]:
    """How many stand how."""
    return Counter(fact.state for fact in found)
