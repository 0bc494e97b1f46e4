"""A neutral tree of what a YAML or JSON file says: text, mappings and sequences, with places.

Nodes are built by the hundred thousand and dropped once a reader has seen them, so they are plain
slotted objects: freezing them would cost a third of the whole reading time.
"""

from collections.abc import Callable, Iterator
from dataclasses import field
from typing import Final

from labkeeper.source.text import Slice, Span
from labkeeper.values import dataclass

# Nobody nests deeper by hand; what does would overflow the stack of whoever walks the tree.
DEEPEST: Final = 100

_NULL = frozenset({"", "~", "null", "Null", "NULL"})
_TRUE = frozenset({"true", "True", "TRUE", "yes", "Yes", "YES", "on", "On", "ON"})
_FALSE = frozenset({"false", "False", "FALSE", "no", "No", "NO", "off", "Off", "OFF"})


@dataclass(slots=True, eq=False)
class Scalar:
    """A piece of text. What it means (a number, yes or no) is for whoever reads it to say."""

    source: Slice
    start: int
    end: int
    value: str
    quoted: bool
    tag: str | None = None
    # How its value maps onto the file; worked out only for the few values that are looked into.
    unfold: Callable[["Scalar"], Slice] | None = None

    @property
    def span(self) -> Span:
        """Where it stands, quotes included."""
        return self.source.within(self.start, self.end)

    @property
    def text(self) -> Slice:
        """Its value, each character knowing its place."""
        if self.unfold:
            return self.unfold(self)
        return self.source.cut(self.start, self.end)

    @property
    def is_null(self) -> bool:
        """Whether it says nothing."""
        return not self.quoted and self.value in _NULL

    @property
    def truth(self) -> bool | None:
        """Yes or no, where it is one of YAML's words for that."""
        if self.value in _TRUE:
            return True
        return False if self.value in _FALSE else None

    @property
    def number(self) -> float | None:
        """The number that it is, where it is one."""
        try:
            return float(self.value)
        except ValueError:
            return None

    @property
    def whole(self) -> int | None:
        """The whole number that it is, where it is one."""
        try:
            return int(self.value)
        except ValueError:
            return None


@dataclass(slots=True, eq=False)
class Sequence:
    """A list."""

    source: Slice
    start: int
    end: int
    items: "list[Node]"
    tag: str | None = None

    @property
    def span(self) -> Span:
        """Where it stands."""
        return self.source.within(self.start, self.end)


@dataclass(slots=True, eq=False)
class Mapping:
    """Keys and values in the order of the file, merged keys after the mapping's own."""

    source: Slice
    start: int
    end: int
    pairs: "list[tuple[Scalar, Node]]"
    tag: str | None = None
    # Keys given again, each with the first one.
    duplicates: list[tuple[Scalar, Scalar]] = field(default_factory=list)
    _index: "dict[str, tuple[Scalar, Node]] | None" = None

    @property
    def span(self) -> Span:
        """Where it stands."""
        return self.source.within(self.start, self.end)

    def pair(self, name: str) -> "tuple[Scalar, Node] | None":
        """The key and the value of `name`."""
        if self._index is None:
            # The first wins, so that a mapping's own key stands before a merged one.
            self._index = {key.value: (key, value) for key, value in reversed(self.pairs)}
        return self._index.get(name)

    def forget(self) -> None:
        """Looks keys up anew after one was added."""
        self._index = None

    def __contains__(self, name: str) -> bool:
        return self.pair(name) is not None

    def get(self, name: str) -> "Node | None":
        """The value of `name`; none where it is not given or says nothing."""
        pair = self.pair(name)
        if pair is None or (isinstance(pair[1], Scalar) and pair[1].is_null):
            return None
        return pair[1]

    def scalar(self, name: str) -> Scalar | None:
        """The text at `name`, where there is text."""
        value = self.get(name)
        return value if isinstance(value, Scalar) else None

    def mapping(self, name: str) -> "Mapping | None":
        """The mapping at `name`, where there is one."""
        value = self.get(name)
        return value if isinstance(value, Mapping) else None

    def sequence(self, name: str) -> "list[Node]":
        """The items of the list at `name`; none where there is no list."""
        value = self.get(name)
        return value.items if isinstance(value, Sequence) else []

    def mappings(self, name: str) -> "list[Mapping]":
        """The mappings in the list at `name`."""
        return [item for item in self.sequence(name) if isinstance(item, Mapping)]

    def scalars(self, name: str) -> list[Scalar]:
        """The texts in the list at `name`; a single text counts as a list of one."""
        value = self.get(name)
        if isinstance(value, Scalar):
            return [value]
        return [item for item in self.sequence(name) if isinstance(item, Scalar)]


Node = Scalar | Sequence | Mapping


def walk(node: Node) -> Iterator[Node]:
    """The node and all below it, each shared one as often as it is used."""
    waiting = [node]
    while waiting:
        here = waiting.pop()
        yield here
        match here:
            case Mapping():
                waiting.extend(value for _, value in reversed(here.pairs))
            case Sequence():
                waiting.extend(reversed(here.items))
            case Scalar():
                pass
