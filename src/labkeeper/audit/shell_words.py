"""A shell's words: quotes taken off, known variables filled in, the rest left as written."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from labkeeper.audit.syntax import Syntax
from labkeeper.plan import Word

if TYPE_CHECKING:
    from tree_sitter import Node

# Stands for what another language fills in before the shell sees the text.
HOLE: Final = "\ue000"
# A value that is filled into itself over and over must not grow without bound.
_LONGEST: Final = 4_096
_OPEN: Final = frozenset(
    {"command_substitution", "process_substitution", "arithmetic_expansion", "expansion"}
)


@dataclass(frozen=True, slots=True)
class Value:
    """What a variable holds: its text, and whether nothing in it is left to expand."""

    text: str
    literal: bool


Values = Mapping[str, Value]


def read_word(syntax: Syntax, original: str, node: "Node", values: Values) -> Word:
    """A word as the shell sees it; `original` is the text before its holes were marked."""
    value = expanded(syntax, original, node, values)
    return Word(value.text, value.literal, syntax.at(node))


def expanded(syntax: Syntax, original: str, node: "Node", values: Values) -> Value:
    """What a word comes to."""
    start, end = syntax.start(node), syntax.end(node)
    raw = original[start:end]
    match node.type:
        case "raw_string":
            return Value(raw[1:-1], HOLE not in syntax.text(node))
        case "ansi_c_string":
            return Value(raw[2:-1], "\\" not in raw)
        case "simple_expansion":
            return _variable(raw, raw[1:], values)
        case "expansion" if raw[2:-1].isidentifier():
            return _variable(raw, raw[2:-1], values)
        case "string" | "concatenation" | "command_name" | "translated_string":
            return _parts(syntax, original, node, values)
        case kind if kind in _OPEN:
            return Value(raw, False)
    return _plain(raw, syntax.text(node), quoted=node.type == "string_content")


def _variable(raw: str, name: str, values: Values) -> Value:
    known = values.get(name)
    return known if known and len(known.text) <= _LONGEST else Value(raw, False)


def _plain(raw: str, marked: str, *, quoted: bool) -> Value:
    literal = HOLE not in marked and "$" not in raw.replace("\\$", "") and "`" not in raw
    if "\\" not in raw:
        return Value(raw, literal)
    kept: list[str] = []
    at = 0
    while at < len(raw):
        # Within double quotes a backslash protects only these.
        if raw[at] == "\\" and at + 1 < len(raw) and (not quoted or raw[at + 1] in '$`"\\\n'):
            at += 1
        kept.append(raw[at])
        at += 1
    return Value("".join(kept), literal)


def _parts(syntax: Syntax, original: str, node: "Node", values: Values) -> Value:
    """A word of several parts; what stands between the parts (blanks in a string) is its own."""
    start, end = syntax.start(node), syntax.end(node)
    quoted = node.type == "string"
    if quoted:
        start, end = start + 1, end - 1
    found: list[Value] = []
    at = start
    for child in node.named_children:
        first = syntax.start(child)
        if first > at:
            found.append(_plain(original[at:first], syntax.source.text[at:first], quoted=quoted))
        found.append(expanded(syntax, original, child, values))
        at = syntax.end(child)
    if end > at:
        found.append(_plain(original[at:end], syntax.source.text[at:end], quoted=quoted))
    return Value("".join(v.text for v in found), all(v.literal for v in found))
