"""Alloy's configuration language: blocks, attributes and literal values, each with its place.

https://grafana.com/docs/alloy/latest/get-started/configuration-syntax/
"""

import re
from dataclasses import field
from typing import Final

from labkeeper.source import Mapping, Node, Scalar, Sequence, Slice, Span
from labkeeper.values import dataclass, regex

_BLANK: Final = regex(r"(?:[ \t\r\n]|//[^\n]*|/\*.*?\*/)*", re.DOTALL)
_NAME: Final = regex(r"[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*")
_TEXT: Final = regex(r'"(?P<plain>(?:[^"\\\n]|\\.)*)"|`(?P<raw>[^`]*)`')
# What only Alloy can tell: references, calls, sums. It ends where nothing is open any more.
_OPEN: Final = {"(": ")", "[": "]", "{": "}"}
_DEEPEST: Final = 60


@dataclass(slots=True)
class Block:
    """`name "label" { ... }`."""

    name: str
    label: Slice | None
    at: Span
    attributes: Mapping
    blocks: "list[Block]" = field(default_factory=list)

    def all(self, name: str) -> "list[Block]":
        """The blocks of a name right inside it."""
        return [block for block in self.blocks if block.name == name]


class NotAlloyError(Exception):
    """Where the text is not Alloy's; never leaves this room."""

    def __init__(self, at: int) -> None:
        super().__init__(at)
        self.at = at


def parse_alloy(source: Slice) -> Block:
    """The blocks of a text. Raises NotAlloyError."""
    reader = _Reader(source)
    root = Block("", None, source.span, Mapping(source, 0, len(source.text), []))
    reader.body(root, 0, depth=0, closing="")
    return root


class _Reader:
    def __init__(self, source: Slice) -> None:
        self.source = source
        self.text = source.text

    def blank(self, at: int) -> int:
        found = _BLANK.match(self.text, at)
        return found.end() if found else at

    def body(self, block: Block, at: int, depth: int, closing: str) -> int:
        if depth > _DEEPEST:
            raise NotAlloyError(at)
        at = self.blank(at)
        while at < len(self.text) and self.text[at] != "}":
            at = self.blank(self.statement(block, at, depth))
        if closing and at >= len(self.text):
            raise NotAlloyError(len(self.text))
        if not closing and at < len(self.text):
            raise NotAlloyError(at)
        return at

    def statement(self, block: Block, at: int, depth: int) -> int:
        name = _NAME.match(self.text, at)
        if name is None:
            raise NotAlloyError(at)
        after = self.blank(name.end())
        if self.text.startswith("=", after):
            value, end = self.value(self.blank(after + 1), depth)
            key = Scalar(self.source, at, name.end(), name[0], quoted=False)
            block.attributes.pairs.append((key, value))
            block.attributes.forget()
            return end
        label = _TEXT.match(self.text, after)
        opening = self.blank(label.end()) if label else after
        if not self.text.startswith("{", opening):
            raise NotAlloyError(opening)
        inner = Block(
            name[0],
            self.source.cut(*label.span("plain")) if label and label["raw"] is None else None,
            self.source.within(at, label.end() if label else name.end()),
            Mapping(self.source, opening, opening + 1, []),
        )
        end = self.body(inner, opening + 1, depth + 1, "}") + 1
        inner.attributes.end = end
        block.blocks.append(inner)
        return end

    def value(self, at: int, depth: int) -> tuple[Node, int]:
        if depth > _DEEPEST or at >= len(self.text):
            raise NotAlloyError(min(at, len(self.text)))
        node, end = self.literal(at, depth)
        following = self.text[self.line_blank(end) :][:1]
        if following in set(",]}\n)") or not following or self.text.startswith("//", end):
            return node, end
        # A sum, a call, a reference that goes on: all of it is one value that is not known.
        end = self.expression(at)
        return self.unknown(at, end), end

    def unknown(self, at: int, end: int) -> Scalar:
        """What only Alloy can tell: a text with a `$` in it, which checks leave alone."""
        text = f"${self.text[at:end]}"
        placed = Slice.placed(text, self.source.within(at, end))
        return Scalar(placed, 0, len(text), text, quoted=False)

    def literal(self, at: int, depth: int) -> tuple[Node, int]:
        if found := _TEXT.match(self.text, at):
            group = "plain" if found["plain"] is not None else "raw"
            start, stop = found.span(group)
            if group == "plain" and "\\" in found[group]:
                return self.unknown(start, stop), found.end()
            return Scalar(self.source, start, stop, found[group], quoted=True), found.end()
        if self.text[at] == "[":
            return self.listing(at, depth)
        if self.text[at] == "{":
            return self.object(at, depth)
        end = self.expression(at)
        return self.unknown(at, end), end

    def listing(self, at: int, depth: int) -> tuple[Node, int]:
        node = Sequence(self.source, at, at, [])
        here = self.blank(at + 1)
        while not self.text.startswith("]", here):
            item, here = self.value(here, depth + 1)
            node.items.append(item)
            here = self.comma(here, "]")
        node.end = here + 1
        return node, here + 1

    def object(self, at: int, depth: int) -> tuple[Node, int]:
        node = Mapping(self.source, at, at, [])
        here = self.blank(at + 1)
        while not self.text.startswith("}", here):
            key = _TEXT.match(self.text, here) or _NAME.match(self.text, here)
            if key is None:
                raise NotAlloyError(here)
            equals = self.blank(key.end())
            if not self.text.startswith("=", equals):
                raise NotAlloyError(equals)
            value, end = self.value(self.blank(equals + 1), depth + 1)
            name = key[0].strip('"`')
            inner = key.start() + (key[0][:1] in '"`')
            scalar = Scalar(self.source, inner, inner + len(name), name, quoted=True)
            node.pairs.append((scalar, value))
            here = self.comma(end, "}")
        node.end = here + 1
        return node, here + 1

    def comma(self, at: int, closing: str) -> int:
        at = self.blank(at)
        if self.text.startswith(",", at):
            return self.blank(at + 1)
        if not self.text.startswith(closing, at):
            raise NotAlloyError(min(at, len(self.text)))
        return at

    def line_blank(self, at: int) -> int:
        while self.text[at : at + 1] in (" ", "\t", "\r"):
            at += 1
        return at

    def expression(self, at: int) -> int:
        """The end of what cannot be told: the end of its line, or what closes what is around it."""
        waiting: list[str] = []
        start = at
        while at < len(self.text):
            if found := _TEXT.match(self.text, at):
                at = found.end()
                continue
            character = self.text[at]
            if character in '"`':
                raise NotAlloyError(at)
            if character in _OPEN:
                waiting.append(_OPEN[character])
            elif waiting and character == waiting[-1]:
                waiting.pop()
            elif not waiting and (character in ",]}\n)" or self.text.startswith("//", at)):
                break
            at += 1
        if at == start or waiting:
            raise NotAlloyError(min(at, len(self.text)))
        return at
