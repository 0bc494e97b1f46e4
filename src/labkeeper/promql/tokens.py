"""Where things stand in a query: its words in order, each with what it is.

The parser gives no places. Nodes of one kind come in the same order in the tree and in the text,
so the n-th selector of the tree is the n-th word here that starts one.
"""

import re
from collections.abc import Iterator
from dataclasses import field
from functools import lru_cache
from typing import Final

from labkeeper.values import dataclass, regex

# The words of https://prometheus.io/docs/prometheus/latest/querying/operators/
AGGREGATIONS: Final = frozenset(
    {"sum", "min", "max", "avg", "group", "stddev", "stdvar", "count", "count_values"}
    | {"bottomk", "topk", "quantile", "limitk", "limit_ratio"}
)
_GROUPINGS: Final = frozenset(
    {"by", "without", "on", "ignoring", "group_left", "group_right", "fill"}
    | {"fill_left", "fill_right"}
)
_WORD_OPERATORS: Final = frozenset({"and", "or", "unless", "atan2"})
_NUMBERS: Final = frozenset({"inf", "nan"})
_TOKEN: Final = regex(
    r"(?P<comment>\#[^\n]*)"
    r"|(?P<string>\"(?:\\.|[^\"\\\n])*\"|'(?:\\.|[^'\\\n])*'|`[^`]*`)"
    r"|(?P<number>0[xX][0-9a-fA-F]+|(?:[0-9]+(?:ms|[smhdwy]))+"
    r"|(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?)"
    r"|(?P<word>[A-Za-z_:][A-Za-z0-9_:]*)"
    r"|(?P<operator>==|!=|=~|!~|>=|<=|[-+*/%^<>=@])"
    r"|(?P<bracket>[()\[\]{},])",
    re.DOTALL,
)


@dataclass(frozen=True, slots=True)
class Stretch:
    """From `start` to before `end` of the query's text."""

    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Braces:
    """The labels that a selector names, each where it first stands, and the values."""

    labels: dict[str, Stretch]
    values: dict[tuple[str, str], Stretch]


@dataclass(slots=True)
class Places:
    """The places of a query's nodes, by kind and in order."""

    selectors: list[Stretch] = field(default_factory=list)
    braces: list[Braces] = field(default_factory=list)
    calls: list[Stretch] = field(default_factory=list)
    aggregations: list[Stretch] = field(default_factory=list)
    operators: list[Stretch] = field(default_factory=list)
    numbers: list[Stretch] = field(default_factory=list)
    # Ranges of selectors and subqueries, in the order of the text.
    ranges: list[Stretch] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Token:
    kind: str
    text: str
    at: Stretch


def _tokens(text: str) -> Iterator[_Token]:
    for found in _TOKEN.finditer(text):
        kind = found.lastgroup or ""
        if kind != "comment":
            yield _Token(kind, found[0], Stretch(found.start(), found.end()))


@lru_cache(maxsize=512)
def places(text: str) -> Places:
    """Where the nodes of a query stand that the parser has read without complaint."""
    return _Placing(list(_tokens(text))).places


class _Placing:
    """One pass over the words; every method starts at `at` and leaves it behind what it read."""

    def __init__(self, tokens: list[_Token]) -> None:
        self.tokens = tokens
        self.places = Places()
        self.at = 0
        # Whether a value has just ended, so that `-` is an operator and no sign.
        self.after_value = False
        while self.at < len(tokens):
            self.step()

    def text(self, ahead: int = 0) -> str:
        at = self.at + ahead
        return self.tokens[at].text if at < len(self.tokens) else ""

    def step(self) -> None:
        token = self.tokens[self.at]
        match token.kind, token.text:
            case "word", _:
                self.word(token)
            case "number", _:
                self.places.numbers.append(token.at)
                self.after_value = True
            case "bracket", "{":
                self.selector(Stretch(token.at.start, token.at.start))
                return
            case "bracket", "[":
                self.range()
                return
            case "operator", "@":
                self.skip_time()
                return
            case "operator", _:
                if self.after_value:
                    self.places.operators.append(token.at)
                self.after_value = False
            case _:
                self.after_value = token.text == ")" or token.kind == "string"
        self.at += 1

    def word(self, token: _Token) -> None:
        lower = token.text.lower()
        if lower in _NUMBERS and self.text(1) not in {"{", "["}:
            self.places.numbers.append(token.at)
            self.after_value = True
        elif lower in _WORD_OPERATORS and self.after_value:
            self.places.operators.append(token.at)
            self.after_value = False
        elif lower == "bool" and not self.after_value:
            return
        elif lower in _GROUPINGS and self.text(1) == "(":
            self.grouping()
        elif lower == "offset" and self.after_value:
            self.skip_time()
            self.at -= 1
        elif lower in AGGREGATIONS and self.opens_aggregation():
            self.places.aggregations.append(token.at)
            self.after_value = False
        elif lower in _GROUPINGS and self.is_bare_group():
            return
        elif self.text(1) == "(":
            self.places.calls.append(token.at)
            self.after_value = False
        else:
            self.at += 1
            self.selector(token.at)
            self.at -= 1

    def is_bare_group(self) -> bool:
        """`group_left` without labels stands before the right side."""
        return self.text().lower() in {"group_left", "group_right"} and not self.after_value

    def opens_aggregation(self) -> bool:
        return self.text(1) == "(" or self.text(1).lower() in {"by", "without"}

    def grouping(self) -> None:
        """Goes past `by (a, b)` up to its closing parenthesis."""
        was = self.after_value
        self.at += 2
        while self.at < len(self.tokens) and self.text() != ")":
            self.at += 1
        # After `sum(x) by (a)` a value has ended; after `on (a)` one is to come.
        self.after_value = was

    def skip_time(self) -> None:
        """Reads what follows `offset` and `@`: a time, with a sign or in a call."""
        self.at += 1
        while self.text() in {"-", "+"}:
            self.at += 1
        self.at += 3 if self.text(1) == "(" and self.text().lower() in {"start", "end"} else 1
        self.after_value = True

    def range(self) -> None:
        start = self.tokens[self.at].at.start
        while self.at < len(self.tokens) and self.text() != "]":
            self.at += 1
        end = self.tokens[min(self.at, len(self.tokens) - 1)].at.end
        self.places.ranges.append(Stretch(start, end))
        self.at += 1
        self.after_value = True

    def selector(self, name: Stretch) -> None:
        braces = Braces({}, {})
        if self.text() == "{":
            opened = self.tokens[self.at].at
            quoted = self.braces(braces)
            if name.start == name.end:
                name = quoted or opened
        self.places.selectors.append(name)
        self.places.braces.append(braces)
        self.after_value = True

    def braces(self, found: Braces) -> Stretch | None:
        """Reads `{...}`; gives the place of the name where it is written inside."""
        named: Stretch | None = None
        self.at += 1
        while self.at < len(self.tokens) and self.text() != "}":
            token = self.tokens[self.at]
            if self.text(1) in {"=", "!=", "=~", "!~"} and self.at + 2 < len(self.tokens):
                value = self.tokens[self.at + 2].at
                label = token.text.strip("\"'`")
                found.labels.setdefault(label, token.at)
                inner = Stretch(value.start + 1, value.end - 1)
                written = self.tokens[self.at + 2].text[1:-1]
                found.values.setdefault((label, written), inner)
                if label == "__name__" and self.text(1) == "=":
                    named = inner
                self.at += 3
                continue
            if token.kind == "string":
                named = Stretch(token.at.start + 1, token.at.end - 1)
            self.at += 1
        self.at += 1
        return named
