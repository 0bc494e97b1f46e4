"""A shell's words: quotes taken off, known variables filled in, the rest left as written."""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Final

from labkeeper.audit.syntax import Syntax
from labkeeper.plan import Redirect, Word
from labkeeper.values import dataclass

if TYPE_CHECKING:
    from tree_sitter import Node

# Stands for what another language fills in before the shell sees the text.
HOLE: Final = "\ue000"
# A value that is filled into itself over and over must not grow without bound.
_LONGEST: Final = 4_096
_OPEN: Final = frozenset(
    {"command_substitution", "process_substitution", "arithmetic_expansion", "expansion"}
)
# `2>&1` and its like name no file.
_BETWEEN_DESCRIPTORS: Final = frozenset({">&", "<&", ">&-", "<&-"})


@dataclass(frozen=True, slots=True)
class Value:
    """What a variable holds: its text, and whether nothing in it is left to expand."""

    text: str
    literal: bool


Values = Mapping[str, Value]


@dataclass(frozen=True, slots=True)
class Words:
    """The words of one script; `original` is its text before its holes were marked."""

    syntax: Syntax
    original: str

    def word(self, node: "Node", values: Values) -> Word:
        """A word as the shell sees it."""
        value = self._expanded(node, values)
        return Word(value.text, value.literal, self.syntax.at(node))

    def assigned(self, node: "Node", values: Values) -> Iterator[tuple[str, Word]]:
        """The variable that `X=value` sets; what is added to one is not all it holds."""
        name = node.child_by_field_name("name")
        value = node.child_by_field_name("value")
        if name is None:
            return
        added = any(child.type == "+=" for child in node.children)
        if value is None:
            yield self.syntax.text(name), Word("", not added, self.syntax.at(node))
        else:
            word = self.word(value, values)
            yield self.syntax.text(name), Word(word.text, word.literal and not added, word.at)

    def redirected(self, node: "Node", values: Values) -> Iterator[Redirect]:
        """The file that output goes to or input comes from."""
        target = node.child_by_field_name("destination")
        operator = next((c.type for c in node.children if not c.is_named), "")
        if target is not None and operator not in _BETWEEN_DESCRIPTORS:
            yield Redirect(operator, self.word(target, values), self.syntax.at(node))

    def _expanded(self, node: "Node", values: Values) -> Value:
        start, end = self.syntax.start(node), self.syntax.end(node)
        raw = self.original[start:end]
        match node.type:
            case "raw_string":
                return Value(raw[1:-1], HOLE not in self.syntax.text(node))
            case "ansi_c_string":
                return Value(raw[2:-1], "\\" not in raw)
            case "simple_expansion":
                return _variable(raw, raw[1:], values)
            case "expansion" if raw[2:-1].isidentifier():
                return _variable(raw, raw[2:-1], values)
            case "string" | "concatenation" | "command_name" | "translated_string":
                return self._parts(node, values)
            case kind if kind in _OPEN:
                return Value(raw, False)
        return self._plain(start, end, quoted=node.type == "string_content")

    def _parts(self, node: "Node", values: Values) -> Value:
        """A word of several parts; what stands between them (blanks in a string) is its own."""
        start, end = self.syntax.start(node), self.syntax.end(node)
        quoted = node.type == "string"
        if quoted:
            start, end = start + 1, end - 1
        found: list[Value] = []
        at = start
        for child in node.named_children:
            first = self.syntax.start(child)
            if first > at:
                found.append(self._plain(at, first, quoted=quoted))
            found.append(self._expanded(child, values))
            at = self.syntax.end(child)
        if end > at:
            found.append(self._plain(at, end, quoted=quoted))
        return Value("".join(v.text for v in found), all(v.literal for v in found))

    def _plain(self, start: int, end: int, *, quoted: bool) -> Value:
        raw = self.original[start:end]
        unmarked = HOLE not in self.syntax.source.text[start:end]
        literal = unmarked and "$" not in raw.replace("\\$", "") and "`" not in raw
        return Value(_unescaped(raw, quoted=quoted), literal)


def _variable(raw: str, name: str, values: Values) -> Value:
    known = values.get(name)
    return known if known and len(known.text) <= _LONGEST else Value(raw, False)


def _unescaped(raw: str, *, quoted: bool) -> str:
    if "\\" not in raw:
        return raw
    kept: list[str] = []
    at = 0
    while at < len(raw):
        # Within double quotes a backslash protects only these.
        if raw[at] == "\\" and at + 1 < len(raw) and (not quoted or raw[at + 1] in '$`"\\\n'):
            at += 1
        kept.append(raw[at])
        at += 1
    return "".join(kept)
