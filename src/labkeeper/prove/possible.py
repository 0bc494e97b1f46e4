"""What an expression's result can be at all: values, labels, how many series, for how long."""

import math
from collections.abc import Iterable, Mapping
from dataclasses import field, replace
from typing import Final

from labkeeper.promql import Matching
from labkeeper.prove.source import ANY, Source, Values
from labkeeper.values import dataclass

INF: Final = math.inf
# Rates are stretched over their range: a little more than was counted may come out.
STRETCH: Final = 1.1


@dataclass(frozen=True, slots=True)
class LabelBounds:
    """The values that labels can have; an empty one is a label that is not there."""

    listed: Mapping[str, Values] = field(default_factory=dict)
    # Whether there may be labels that are not listed.
    others: bool = False

    def possible(self, label: str) -> Values:
        """The values of one label."""
        if label in self.listed:
            return self.listed[label]
        return ANY if self.others else ("",)

    def by(self, names: Iterable[str]) -> "LabelBounds":
        """What `by` keeps."""
        return LabelBounds({name: self.possible(name) for name in names})

    def without(self, names: Iterable[str]) -> "LabelBounds":
        """What `without` keeps."""
        return LabelBounds({**self.listed, **dict.fromkeys(names, ("",))}, self.others)

    def opened(self, names: Iterable[str]) -> "LabelBounds":
        """These, some of them with any value."""
        return LabelBounds({**self.listed, **dict.fromkeys(names, ANY)}, self.others)

    def joined(self, other: "LabelBounds") -> "LabelBounds":
        """What a series of either kind can have."""
        names = dict.fromkeys((*self.listed, *other.listed))
        listed: dict[str, Values] = {}
        for name in names:
            mine, theirs = self.possible(name), other.possible(name)
            both = mine is not ANY and theirs is not ANY
            listed[name] = tuple(dict.fromkeys((*mine, *theirs))) if both else ANY  # type: ignore[misc]
        return LabelBounds(listed, self.others or other.others)


ANY_LABELS: Final = LabelBounds({}, others=True)
NO_LABELS: Final = LabelBounds()


@dataclass(frozen=True, slots=True)
class Empty:
    """There is never a result, and why."""

    reason: str


@dataclass(frozen=True, slots=True)
class Possible:
    """What a result can be."""

    low: float = -INF
    high: float = INF
    labels: LabelBounds = ANY_LABELS
    # The most series that there can be.
    most: float = INF
    # The longest, in seconds, that a series is there without a gap.
    lasting: float = INF

    def ranged(self, low: float, high: float) -> "Possible":
        """The same series with other values."""
        return replace(self, low=low, high=high)


UNKNOWN: Final = Possible()


def of_sources(sources: Iterable[Source]) -> LabelBounds:
    """The labels that series of any of these can have."""
    found: LabelBounds | None = None
    for source in sources:
        listed: dict[str, Values] = {k: (v,) for k, v in source.known.items()}
        here = LabelBounds({**listed, **source.open}, source.wild)
        found = here if found is None else found.joined(here)
    return found or NO_LABELS


@dataclass(frozen=True, slots=True)
class Mismatch:
    """A label that two sides never have the same value of."""

    label: str
    left: tuple[str, ...]
    right: tuple[str, ...]

    @property
    def words(self) -> str:
        """What is wrong, for people."""
        if self.left == ("",) or self.right == ("",):
            one = "left" if self.right == ("",) else "right"
            return f"only the {one} side has the label `{self.label}`"
        here, there = _some(self.left), _some(self.right)
        return f"`{self.label}` is {here} on one side and {there} on the other"


def _some(values: tuple[str, ...]) -> str:
    words = " or ".join(f"`{value}`" if value else "not there" for value in values[:3])
    return words + (" ..." if len(values) > 3 else "")


def mismatch(left: LabelBounds, right: LabelBounds, matching: Matching | None) -> Mismatch | None:
    """A label for which no series of one side finds one of the other."""
    if matching and matching.on is not None:
        names: Iterable[str] = matching.on
    else:
        ignored = set(matching.ignoring) if matching else set()
        names = [n for n in dict.fromkeys((*left.listed, *right.listed)) if n not in ignored]
    for name in names:
        mine, theirs = left.possible(name), right.possible(name)
        if mine is not ANY and theirs is not ANY and not set(mine) & set(theirs):
            return Mismatch(name, mine, theirs)
    return None
