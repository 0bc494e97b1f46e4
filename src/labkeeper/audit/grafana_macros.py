"""Grafana's variables and macros in queries, replaced so that what is left can be parsed."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import field
from typing import Final, Literal

from labkeeper.plan import UNKNOWN, UNKNOWN_RANGE
from labkeeper.source import Slice
from labkeeper.values import dataclass, regex

# What the values of a variable look like, where the dashboard tells.
Shape = Literal["word", "number", "duration"]

# The three forms of a variable: `$name`, `[[name:format]]`, `${name.field:format}`
# (grafana docs: dashboards/variables/variable-syntax).
_VARIABLE: Final = (
    r"\$(?P<plain>[A-Za-z_]\w*)"
    r"|\[\[(?P<old>[A-Za-z_]\w*?)(?::\w+)?\]\]"
    r"|\$\{(?P<braced>[A-Za-z_]\w*)(?:\.[^:}]+)?(?::(?P<format>[^}]+))?\}"
)
_TOKEN: Final = regex(
    rf"(?P<variable>{_VARIABLE})|(?P<escaped>\\[\\\"'`])|(?P<quote>[\"'`])|(?P<bracket>[\[\](){{}}])|(?P<comment>\#)",
    re.DOTALL,
)
_NUMBERS: Final = frozenset(
    {"__interval_ms", "__range_s", "__range_ms", "__from", "__to", "__rate_interval_ms"}
)
_OPENING: Final = regex(r"(?P<function>\w+)?\s*(?:(?:by|without)\s*\([^()]*\)\s*)?$")
_BEFORE_NUMBER: Final = frozenset(
    {"topk", "bottomk", "limitk", "limit_ratio", "quantile", "quantile_over_time"}
    | {"histogram_quantile", "count_values"}
)
_AFTER_NUMBER: Final = frozenset(
    {"clamp", "clamp_max", "clamp_min", "round", "predict_linear", "holt_winters"}
    | {"double_exponential_smoothing", "histogram_fraction"}
)
# Part of a name, or one of a list of labels: either way a word.
_GLUED_BEFORE: Final = regex(
    r"[\w:]$|\b(?:by|without|on|ignoring|group_left|group_right)\s*\([^()]*$"
)
_CALLED: Final = regex(r"\s*(?:(?:by|without)\s*)?\(")
_COMPARED: Final = regex(r"\s*(?:=|!)")
_MATCHER: Final = f'{UNKNOWN}="{UNKNOWN}"'


@dataclass(frozen=True, slots=True)
class Substituted:
    """A query that can be parsed; `guessed` where a variable's value decides its grammar."""

    text: Slice
    guessed: bool


def substitute(written: Slice, shapes: Mapping[str, Shape]) -> Substituted:
    """The query with each variable replaced by something of its kind."""
    if "$" not in written.text and "[[" not in written.text:
        return Substituted(written, guessed=False)
    walking = _Walking(written.text, shapes)
    parts = list(walking.replacements())
    return Substituted(written.filled(parts), walking.guessed)


@dataclass(slots=True)
class _Walking:
    """Reads a query from its start, knowing inside which quotes and brackets it is."""

    text: str
    shapes: Mapping[str, Shape]
    quote: str = ""
    # The open brackets, each with its place.
    open: list[tuple[str, int]] = field(default_factory=list)
    guessed: bool = False
    # Where the comment ends that was met last: an apostrophe in it opens no string.
    comment: int = 0

    def replacements(self) -> Iterator[tuple[int, int, str]]:
        """The variables, and what to put in place of each."""
        for token in _TOKEN.finditer(self.text):
            if token.start() < self.comment:
                continue
            match token.lastgroup:
                case "comment":
                    self._comment(token.start())
                case "quote":
                    self._quoted(token[0])
                case "bracket" if not self.quote:
                    self._bracket(token)
                case "escaped" | "bracket":
                    pass
                case _:
                    yield token.start(), token.end(), self._value(token)

    def _comment(self, at: int) -> None:
        if not self.quote:
            end = self.text.find("\n", at)
            self.comment = end if end >= 0 else len(self.text)

    def _quoted(self, mark: str) -> None:
        if not self.quote:
            self.quote = mark
        elif self.quote == mark:
            self.quote = ""

    def _bracket(self, token: "re.Match[str]") -> None:
        if token[0] not in "])}":
            self.open.append((token[0], token.start()))
        elif self.open:
            self.open.pop()

    def _value(self, token: "re.Match[str]") -> str:
        if self.quote:
            return UNKNOWN
        before, after = self.text[: token.start()], self.text[token.end() :]
        bracket, opened = self.open[-1] if self.open else ("", 0)
        if bracket == "[":
            return _duration(before, after)
        if bracket == "{":
            return _in_selector(before, after)
        if re.search(r"\boffset\s+-?$", before):
            return UNKNOWN_RANGE
        if (token["format"] or "").endswith("quote"):
            return f'"{UNKNOWN}"'
        if _GLUED_BEFORE.search(before) or re.match(r"[\w:]", after):
            return UNKNOWN
        called = _OPENING.search(self.text, 0, opened) if bracket else None
        return self._bare(token, before, after, (called and called["function"]) or "")

    def _bare(self, token: "re.Match[str]", before: str, after: str, function: str) -> str:
        """A variable on its own: nothing but its value says what it is."""
        self.guessed = True
        if _CALLED.match(after):
            return "sum"
        name = token["plain"] or token["old"] or token["braced"]
        if name in _NUMBERS or self.shapes.get(name, "word") != "word" or name.startswith("__"):
            return "1"
        last = before.rstrip()[-1:]
        first_number = function in _BEFORE_NUMBER and last == "("
        return "1" if first_number or (function in _AFTER_NUMBER and last == ",") else UNKNOWN


def _duration(before: str, after: str) -> str:
    """Inside `[ ]`: all of a duration, or only its number or its unit."""
    if re.match(r"[a-z]", after):
        return "9999"
    return "w" if re.search(r"\d$", before) else UNKNOWN_RANGE


def _in_selector(before: str, after: str) -> str:
    """Inside `{ }` and outside of quotes: a label's name, its value, or a whole condition."""
    if re.search(r"[=~]\s*$", before):
        return f'"{UNKNOWN}"'
    if re.search(r"\w$", before) or re.match(r"\w", after) or _COMPARED.match(after):
        return UNKNOWN
    return _MATCHER
