"""JSON text to trees, with places. YAML's reader refuses surrogate pairs and long keys."""

from typing import Final

from labkeeper.source.problem import Problem
from labkeeper.source.text import Piece, Slice
from labkeeper.source.tree import DEEPEST, Mapping, Node, Scalar, Sequence
from labkeeper.source.unfold import through
from labkeeper.values import regex

_BLANK: Final = regex(r"[ \t\r\n]*")
# One match where four would do: dashboards have a million of these.
_COLON: Final = regex(r"[ \t\r\n]*:[ \t\r\n]*")
_AFTER: Final = regex(r"[ \t\r\n]*([,\]}])[ \t\r\n]*")
_LITERAL: Final = regex(r"true|false|null|-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?")
# Two escapes that are one character, or one escape.
_ESCAPE: Final = regex(
    r"\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|\\u[0-9a-fA-F]{4}|\\."
)


class _RefusedError(Exception):
    """Why and where the text is not JSON; never leaves this file."""

    def __init__(self, at: int, message: str) -> None:
        super().__init__(message)
        self.at = at


def parse_json(source: Slice) -> Node | Problem:
    """The value that a JSON text holds, or why there is none."""
    scanner = _Scanner(source)
    try:
        node, at = scanner.value(scanner.blank(1 if source.text.startswith("\ufeff") else 0), 0)
        at = scanner.blank(at)
        if at < len(source.text):
            raise _RefusedError(at, "text after the end of the JSON value")
    except _RefusedError as refused:
        at = min(refused.at, len(source.text))
        return Problem("bad-json", str(refused), source.within(at, min(at + 1, len(source.text))))
    return node


def _unfold(scalar: Scalar) -> Slice:
    """Maps a value onto its raw text, in which an escape is one character of the value."""
    start, end = scalar.start + 1, scalar.end - 1
    pieces: list[Piece] = []
    at, done = 0, start
    for escape in _ESCAPE.finditer(scalar.source.text, start, end):
        if escape.start() > done:
            pieces.append(Piece(at, done, escape.start() - done))
            at += escape.start() - done
        # One character of the value that is none of the file's: what follows it stands elsewhere.
        pieces.append(Piece(at, escape.start(), 0))
        at += 1
        done = escape.end()
    pieces.append(Piece(at, done, end - done))
    return through(scalar.source, scalar.value, pieces, scalar)


def _said(words: str) -> str:
    """The decoder's words without what leads over to the place that it would name."""
    return (words[0].lower() + words[1:]).rstrip(": ").removesuffix(" at").removesuffix(" starting")


class _Scanner:
    def __init__(self, source: Slice) -> None:
        # Imported here: a lab holds no JSON.
        from json.decoder import (  # type: ignore[attr-defined] # noqa: PLC0415
            JSONDecodeError,
            scanstring,
        )

        self.source = source
        self.text = source.text
        self.unescaped, self.refused = scanstring, JSONDecodeError

    def blank(self, at: int) -> int:
        found = _BLANK.match(self.text, at)
        return found.end() if found else at

    def value(self, at: int, depth: int) -> tuple[Node, int]:
        if depth > DEEPEST:
            raise _RefusedError(at, f"nested more than {DEEPEST} levels deep")
        match self.text[at : at + 1]:
            case "{":
                return self.object(at, depth)
            case "[":
                return self.array(at, depth)
            case '"':
                return self.string(at)
        found = _LITERAL.match(self.text, at)
        if not found:
            raise _RefusedError(at, "a JSON value is missing here")
        return Scalar(self.source, at, found.end(), found[0], quoted=False), found.end()

    def string(self, at: int) -> tuple[Scalar, int]:
        try:
            value, end = self.unescaped(self.text, at + 1, True)
        except self.refused as error:
            raise _RefusedError(error.pos, _said(error.msg)) from None
        return Scalar(self.source, at, end, value, quoted=True, unfold=_unfold), end

    def array(self, at: int, depth: int) -> tuple[Sequence, int]:
        items: list[Node] = []
        node = Sequence(self.source, at, at, items)
        at = self.blank(at + 1)
        if self.text[at : at + 1] == "]":
            node.end = at + 1
            return node, at + 1
        while True:
            item, at = self.value(at, depth + 1)
            items.append(item)
            after = _AFTER.match(self.text, at)
            if after and after[1] == ",":
                at = after.end()
            elif after and after[1] == "]":
                node.end = after.end(1)
                return node, node.end
            else:
                raise _RefusedError(self.blank(at), "expected `,` or `]` here")

    def object(self, at: int, depth: int) -> tuple[Mapping, int]:
        text = self.text
        node = Mapping(self.source, at, at, [])
        first: dict[str, Scalar] = {}
        at = self.blank(at + 1)
        if text[at : at + 1] == "}":
            node.end = at + 1
            return node, at + 1
        while True:
            if text[at : at + 1] != '"':
                raise _RefusedError(at, "expected a key in double quotes here")
            key, at = self.string(at)
            colon = _COLON.match(text, at)
            if colon is None:
                raise _RefusedError(self.blank(at), "expected `:` here")
            value, at = self.value(colon.end(), depth + 1)
            if first.setdefault(key.value, key) is not key:
                node.duplicates.append((key, first[key.value]))
            node.pairs.append((key, value))
            after = _AFTER.match(text, at)
            if after and after[1] == ",":
                at = after.end()
            elif after and after[1] == "}":
                node.end = after.end(1)
                return node, node.end
            else:
                raise _RefusedError(self.blank(at), "expected `,` or `}` here")
