"""Text to tree, by promql_parser, whose types stay in this file."""

import re
from datetime import timedelta
from functools import lru_cache
from typing import Final

import promql_parser as parser

from labkeeper.promql.tree import (
    Aggregation,
    Binary,
    Call,
    LabelMatcher,
    Matching,
    MatchOperator,
    Negation,
    Number,
    Query,
    Selector,
    Subquery,
    Text,
)
from labkeeper.values import dataclass, regex

# The parser recurses: 20,000 terms end the process. No one writes a hundredth of that.
LONGEST: Final = 20_000
MOST_OPERATORS: Final = 300
DEEPEST: Final = 60
_LITERAL: Final = regex(r"\"(?:\\.|[^\"\\\n])*\"|'(?:\\.|[^'\\\n])*'|`[^`]*`|\#[^\n]*")
_OPERATOR: Final = regex(r"[-+*/%^<>]|==|!=|\b(?:and|or|unless|atan2)\b", re.IGNORECASE)
# Times that make the parser's own arithmetic fail with a panic; Prometheus refuses them too.
_OUT_OF_RANGE: Final = regex(
    r"(?:\boffset\s*[-+]?\s*|\[[^\]]*?)(?:inf\b|nan\b|[0-9.]*e\+?[0-9]{2,}|[0-9]{12,})",
    re.IGNORECASE,
)
# pyo3's own exception is no Exception, and has no name that could be imported.
_PANIC: Final = "PanicException"

_MATCH: Final[dict[str, MatchOperator]] = {
    "MatchOp.Equal": "=",
    "MatchOp.NotEqual": "!=",
    "MatchOp.Re": "=~",
    "MatchOp.NotRe": "!~",
}


@dataclass(frozen=True, slots=True)
class Unreadable:
    """Why a text is no query; `too_large` says that it was not tried."""

    reason: str
    too_large: bool = False


@lru_cache(maxsize=4096)
def read(text: str) -> Query | Unreadable:
    """The tree of a query."""
    if why := _too_large(text):
        return Unreadable(why, too_large=True)
    if _OUT_OF_RANGE.search(_LITERAL.sub("''", text)):
        return Unreadable("a time in it is out of range")
    try:
        found = _parse(text)
    except UnicodeEncodeError:
        return Unreadable("half of a surrogate pair stands in it")
    except (ValueError, OverflowError) as error:
        return Unreadable(str(error))
    except BaseException as error:
        if type(error).__name__ != _PANIC:
            raise
        return Unreadable("is one that the parser gave up on", too_large=True)
    return _Converting().query(found)


def _too_large(text: str) -> str | None:
    if len(text) > LONGEST:
        return f"is longer than {LONGEST:,} characters"
    bare = _LITERAL.sub("''", text)
    if len(_OPERATOR.findall(bare)) > MOST_OPERATORS:
        return f"has more than {MOST_OPERATORS} operators"
    depth = deepest = 0
    for character in bare:
        if character in "([{":
            depth += 1
            deepest = max(depth, deepest)
        elif character in ")]}":
            depth -= 1
    return f"is nested more than {DEEPEST} levels deep" if deepest > DEEPEST else None


@lru_cache(maxsize=1)
def _register() -> None:
    """`holt_winters` is what double_exponential_smoothing was called before Prometheus 3.0."""
    newer = parser.parse("double_exponential_smoothing(x[5m], 0.1, 0.1)")
    if not isinstance(newer, parser.Call):
        return
    known = newer.func
    older = parser.Function(
        name="holt_winters",
        arg_types=known.arg_types,
        variadic=known.variadic,
        return_type=known.return_type,
        experimental=False,
    )
    parser.register_extra_functions([older])


def _parse(text: str) -> parser.Expr:
    _register()
    found: parser.Expr = parser.parse(text)
    return found


def _seconds(duration: timedelta | None) -> float:
    return duration.total_seconds() if duration else 0.0


class _Converting:
    """Counts the nodes of each kind while it goes through them in the order of the text."""

    def __init__(self) -> None:
        self.counts = dict.fromkeys(("selector", "number", "call", "aggregation", "operator"), -1)

    def next(self, kind: str) -> int:
        self.counts[kind] += 1
        return self.counts[kind]

    def query(self, node: parser.Expr) -> Query:
        match node:
            case parser.ParenExpr():
                return self.query(node.expr)
            case parser.VectorSelector():
                return self.selector(node, None)
            case parser.MatrixSelector():
                return self.selector(node.vector_selector, _seconds(node.range))
            case parser.NumberLiteral():
                return Number(node.val, self.next("number"))
            case parser.StringLiteral():
                return Text(node.val)
            case parser.Call():
                number = self.next("call")
                arguments = tuple(self.query(argument) for argument in node.args)
                return Call(node.func.name, arguments, number)
            case parser.AggregateExpr():
                return self.aggregation(node)
            case parser.BinaryExpr():
                return self.binary(node)
            case parser.UnaryExpr():
                return Negation(self.query(node.expr))
            case parser.SubqueryExpr():
                step = _seconds(node.step) if node.step else None
                return Subquery(self.query(node.expr), _seconds(node.range), step)
        raise AssertionError(node)

    def selector(self, node: parser.VectorSelector, past: float | None) -> Selector:
        # Alternatives (`{a="b" or c="d"}`) say nothing that holds for all series.
        matchers = tuple(
            LabelMatcher(m.name, _MATCH[str(m.op)], m.value)
            for m in node.matchers.matchers
            if m.name
        )
        named = [m.value for m in matchers if m.label == "__name__" and m.operator == "="]
        name = node.name or (named[0] if named else None)
        others = tuple(m for m in matchers if m.label != "__name__")
        asked = () if name else tuple(m for m in matchers if m.label == "__name__")
        return Selector(name, others, past, _seconds(node.offset), self.next("selector"), asked)

    def aggregation(self, node: parser.AggregateExpr) -> Aggregation:
        number = self.next("aggregation")
        parameter = None if node.param is None else self.query(node.param)
        by = without = None
        if node.modifier is not None:
            labels = tuple(node.modifier.labels)
            if node.modifier.type == parser.AggModifierType.By:
                by = labels
            else:
                without = labels
        body = self.query(node.expr)
        return Aggregation(str(node.op), body, parameter, by, without, number)

    def binary(self, node: parser.BinaryExpr) -> Binary:
        left = self.query(node.lhs)
        number = self.next("operator")
        right = self.query(node.rhs)
        as_number = bool(node.modifier and node.modifier.return_bool)
        return Binary(str(node.op), left, right, _matching(node.modifier), as_number, number)


def _matching(modifier: parser.BinModifier | None) -> Matching | None:
    if modifier is None:
        return None
    on: tuple[str, ...] | None = None
    ignoring: tuple[str, ...] = ()
    if modifier.matching is not None:
        labels = tuple(modifier.matching.labels)
        if modifier.matching.type == parser.LabelModifierType.Include:
            on = labels
        else:
            ignoring = labels
    many: dict[str, str] = {"ManyToOne": "left", "OneToMany": "right"}
    side = many.get(str(modifier.card).rpartition(".")[2])
    included = tuple(modifier.group_labels or ())
    return Matching(on, ignoring, "left" if side == "left" else "right" if side else None, included)
