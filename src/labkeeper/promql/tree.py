"""What a query says, as a small tree of values; parentheses are gone, places are elsewhere.

`number` counts the nodes of one kind in the order in which they stand in the text: with it the
place of a node is found when it is asked for, and equal texts can share one tree.
"""

from collections.abc import Iterator
from typing import Final, Literal

from labkeeper.values import dataclass

MatchOperator = Literal["=", "!=", "=~", "!~"]

COMPARISONS: Final = frozenset({"==", "!=", ">", "<", ">=", "<="})
SET_OPERATORS: Final = frozenset({"and", "or", "unless"})


@dataclass(frozen=True, slots=True)
class LabelMatcher:
    """A condition on one label of the series that a selector picks."""

    label: str
    operator: MatchOperator
    value: str


@dataclass(frozen=True, slots=True)
class Selector:
    """The series of a name and of matchers; with a `range` in seconds, their recent past."""

    name: str | None
    matchers: tuple[LabelMatcher, ...]
    range: float | None
    offset: float
    number: int
    # Conditions on the name itself, where it is not given: `{__name__=~"a|b"}`.
    named: tuple[LabelMatcher, ...] = ()


@dataclass(frozen=True, slots=True)
class Number:
    """A number, durations as seconds."""

    value: float
    number: int


@dataclass(frozen=True, slots=True)
class Text:
    """A quoted text, which only functions take."""

    value: str


@dataclass(frozen=True, slots=True)
class Call:
    """A function and what it is given."""

    name: str
    arguments: "tuple[Query, ...]"
    number: int


@dataclass(frozen=True, slots=True)
class Aggregation:
    """Many series made into few: `by` some labels or `without` some, or into one."""

    name: str
    body: "Query"
    parameter: "Query | None"
    by: tuple[str, ...] | None
    without: tuple[str, ...] | None
    number: int


@dataclass(frozen=True, slots=True)
class Matching:
    """How series of both sides find each other; `many` is the side that may have several."""

    on: tuple[str, ...] | None
    ignoring: tuple[str, ...]
    many: Literal["left", "right"] | None
    included: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Binary:
    """Two sides and what is done with them."""

    operator: str
    left: "Query"
    right: "Query"
    matching: Matching | None
    # A comparison that gives 0 or 1 instead of leaving series out.
    as_number: bool
    number: int

    @property
    def filters(self) -> bool:
        """Whether series are left out by it."""
        return self.operator in COMPARISONS and not self.as_number


@dataclass(frozen=True, slots=True)
class Negation:
    """The same with the other sign."""

    body: "Query"


@dataclass(frozen=True, slots=True)
class Subquery:
    """A query evaluated again and again over a `range` in seconds."""

    body: "Query"
    range: float
    step: float | None


Query = Selector | Number | Text | Call | Aggregation | Binary | Negation | Subquery


def below(node: Query) -> "tuple[Query, ...]":
    """The nodes directly under a node, in the order of the text."""
    match node:
        case Selector() | Number() | Text():
            return ()
        case Call():
            return node.arguments
        case Aggregation():
            return (node.body,) if node.parameter is None else (node.parameter, node.body)
        case Binary():
            return (node.left, node.right)
        case Negation() | Subquery():
            return (node.body,)


def walk(node: Query) -> Iterator[Query]:
    """The node and all under it."""
    waiting = [node]
    while waiting:
        here = waiting.pop()
        yield here
        waiting.extend(reversed(below(here)))


@dataclass(frozen=True, slots=True)
class Use:
    """A selector and what stands around it, the nearest last."""

    selector: Selector
    around: tuple[Query, ...]

    @property
    def function(self) -> Call | None:
        """The function that is given the selector itself."""
        nearest = self.around[-1] if self.around else None
        return nearest if isinstance(nearest, Call) else None

    @property
    def functions(self) -> tuple[str, ...]:
        """The functions and aggregations around it, the nearest first."""
        return tuple(
            node.name for node in reversed(self.around) if isinstance(node, Call | Aggregation)
        )


def uses(node: Query) -> Iterator[Use]:
    """Every selector with what stands around it, in the order of the text."""
    waiting: list[tuple[Query, tuple[Query, ...]]] = [(node, ())]
    while waiting:
        here, around = waiting.pop()
        if isinstance(here, Selector):
            yield Use(here, around)
        waiting.extend((inner, (*around, here)) for inner in reversed(below(here)))
