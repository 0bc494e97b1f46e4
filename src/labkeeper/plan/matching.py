"""What Alertmanager's matchers accept: written, parsed, and tried on labels."""

import re
from collections.abc import Iterable, Mapping
from typing import Final, Literal

from labkeeper.plan.alertmanager import Matcher
from labkeeper.plan.go_regex import go_regex
from labkeeper.source import Slice
from labkeeper.values import regex

Operator = Literal["=", "!=", "=~", "!~"]
_OPERATORS: Final[dict[str, Operator]] = {"=": "=", "!=": "!=", "=~": "=~", "!~": "!~"}
# pkg/labels/parse.go and matcher/parse: a name may be quoted since 0.27.
_MATCHER: Final = regex(
    r"\s*(?P<name>\"(?:[^\"\\]|\\.)+\"|[^\s=!~\"',{}]+)\s*(?P<operator>=~|!~|!=|=)\s*"
    r"(?P<value>\"(?:[^\"\\]|\\.)*\"|[^,}]*?)\s*(?:,|$)",
    re.DOTALL,
)
# What nobody writes by hand, and what the pattern would take minutes for.
_LONGEST: Final = 2000
_ESCAPES: Final = {"n": "\n", '"': '"', "\\": "\\", "t": "\t"}


def matchers_in(text: Slice) -> tuple[Matcher, ...] | None:
    """The matchers that one text holds, `{a="b", c=~"d"}` too; none where it is not understood."""
    if len(text.text) > _LONGEST:
        return None
    inner = text.text.strip()
    at = text.text.find(inner) if inner else 0
    if inner.startswith("{") and inner.endswith("}"):
        inner, at = inner[1:-1], at + 1
    found: list[Matcher] = []
    seek = 0
    while inner[seek:].strip():
        match = _MATCHER.match(inner, seek)
        if match is None:
            return None
        end = match.end("value")
        found.append(
            Matcher(
                _unquoted(match["name"]),
                _OPERATORS[match["operator"]],
                _unquoted(match["value"]),
                text.within(at + match.start("name"), at + end),
            )
        )
        seek = match.end()
    return tuple(found)


def _unquoted(text: str) -> str:
    if len(text) < 2 or not (text.startswith('"') and text.endswith('"')):
        return text
    return re.sub(r"\\(.)", lambda m: _ESCAPES.get(m[1], m[0]), text[1:-1], flags=re.DOTALL)


def accepts(matcher: Matcher, value: str) -> bool | None:
    """Whether a label of that value fits; none where the pattern is beyond us."""
    if matcher.operator in ("=", "!="):
        return (value == matcher.value) == (matcher.operator == "=")
    regex = go_regex(matcher.value)
    if regex is None:
        return None
    return bool(regex.fullmatch(value)) == (matcher.operator == "=~")


def accepts_all(matchers: Iterable[Matcher], labels: Mapping[str, str]) -> bool | None:
    """Whether labels fit every matcher; a label that is not there is empty."""
    answers = [accepts(matcher, labels.get(matcher.label, "")) for matcher in matchers]
    if False in answers:
        return False
    return None if None in answers else True
