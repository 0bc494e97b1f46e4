"""LogQL as far as its labels, patterns and ranges: what a query selects, and what is sure of it.

No parser: variables, templates and pipelines of all kinds are passed over, and what is not
understood gives nothing. https://grafana.com/docs/loki/latest/query/
"""

import re
from collections.abc import Iterator
from typing import Final

from labkeeper.source import Slice
from labkeeper.values import dataclass, regex

_STRING: Final = r'"(?:[^"\\\n]|\\.)*"|`[^`]*`'
_TOKEN: Final = regex(
    rf"(?P<string>{_STRING})|#[^\n]*|(?P<operator>\|~|!~|=~)|(?P<bracket>[{{}}()\[\]])|"
    r"(?P<word>\$?[A-Za-z_]\w*|\$\{[^}]*\})|\s+|."
)
_MATCHER: Final = regex(
    rf"\s*(?P<label>[A-Za-z_]\w*)\s*(?P<operator>=~|!~|!=|=)\s*(?P<value>{_STRING})\s*(?:,|$)"
)
# These count lines of a stretch of time, and Loki's grammar has them with nothing else.
_OVER_LINES: Final = frozenset(
    {"rate", "count_over_time", "bytes_rate", "bytes_over_time", "absent_over_time"}
)
# Far longer than anybody writes.
_LONGEST: Final = 20_000


@dataclass(frozen=True, slots=True)
class Matcher:
    """`label="value"` in a selector; no value where a variable has a part in it."""

    label: Slice
    operator: str
    value: str | None

    @property
    def takes_nothing(self) -> bool | None:
        """Whether a stream without the label fits; none where that cannot be told."""
        if self.value is None:
            return None
        if self.operator in {"=", "!="}:
            return (self.value == "") == (self.operator == "=")
        try:
            fits = re.fullmatch(self.value, "") is not None
        except (re.error, RecursionError, OverflowError):
            return None
        return fits == (self.operator == "=~")


@dataclass(frozen=True, slots=True)
class Selector:
    """`{...}`, with what stands in it."""

    at: Slice
    matchers: tuple[Matcher, ...]


@dataclass(frozen=True, slots=True)
class Query:
    """What could be told of a query."""

    selectors: tuple[Selector, ...]
    # What follows `=~`, `!~` and `|~`, as it is written between its quotes.
    patterns: tuple[Slice, ...]
    # Names of functions that want a range and are given none.
    rangeless: tuple[Slice, ...]


def read_logql(text: Slice) -> Query:
    """The query's selectors, patterns and functions."""
    tokens = list(_TOKEN.finditer(text.text)) if len(text.text) < _LONGEST else []
    return Query(
        tuple(_selectors(text, tokens)),
        tuple(_patterns(text, tokens)),
        tuple(_rangeless(text, tokens)),
    )


def _selectors(text: Slice, tokens: list[re.Match[str]]) -> Iterator[Selector]:
    for opening, closing in _pairs(tokens, "{", "}"):
        start, end = tokens[opening].end(), tokens[closing].start()
        matchers: list[Matcher] = []
        at = start
        while found := _MATCHER.match(text.text, at, end):
            label = text.cut(found.start("label"), found.end("label"))
            matchers.append(Matcher(label, found["operator"], _value(found["value"])))
            at = found.end()
        if matchers and not text.text[at:end].strip():
            yield Selector(text.cut(start - 1, end + 1), tuple(matchers))


def _value(written: str) -> str | None:
    """What stands between the quotes, where that is all there is to it."""
    value = written[1:-1]
    escaped = written[0] == '"' and "\\" in value
    return None if escaped or "$" in value.rstrip("$") or "[[" in value else value


def _patterns(text: Slice, tokens: list[re.Match[str]]) -> Iterator[Slice]:
    operator = False
    for token in tokens:
        if token["string"]:
            value = _value(token["string"])
            if operator and value is not None:
                yield text.cut(token.start() + 1, token.end() - 1)
        if not token[0].isspace():
            operator = bool(token["operator"])


def _rangeless(text: Slice, tokens: list[re.Match[str]]) -> Iterator[Slice]:
    closing_of = dict(_pairs(tokens, "(", ")"))
    solid = [n for n, token in enumerate(tokens) if not token[0].isspace()]
    for number, following, inner in zip(solid, solid[1:], solid[2:], strict=False):
        if tokens[number]["word"] not in _OVER_LINES or tokens[inner][0] != "{":
            continue
        closing = closing_of.get(following)
        if closing and not any(tokens[n]["bracket"] == "[" for n in range(following, closing)):
            yield text.cut(tokens[number].start(), tokens[number].end())


def _pairs(tokens: list[re.Match[str]], opening: str, closing: str) -> Iterator[tuple[int, int]]:
    """The numbers of brackets that belong together."""
    open_: list[int] = []
    for number, token in enumerate(tokens):
        if token["bracket"] == opening:
            open_.append(number)
        elif token["bracket"] == closing and open_:
            yield open_.pop(), number
