"""systemd's unit files (and Quadlet's, which share the form) to trees, with places.

The tree is a mapping of sections to mappings of keys to lists, for a key may be given many times.
An empty value clears what was given before it, as systemd reads it.
"""

import re
from typing import Final

from labkeeper.source.problem import Problem
from labkeeper.source.text import Piece, Slice
from labkeeper.source.tree import Mapping, Scalar, Sequence
from labkeeper.values import regex

_SECTION: Final = regex(r"\[(?P<name>[^\]\n]+)\]\s*$")
_KEY: Final = regex(r"(?P<key>[A-Za-z0-9_.:-]+)[ \t]*=[ \t]*")


def parse_ini(source: Slice) -> Mapping | Problem:
    """The sections of a unit file, or the first line that is not one's."""
    root = Mapping(source, 0, len(source.text), [])
    section: Mapping | None = None
    at = 0
    while at < len(source.text):
        end = _line_end(source.text, at)
        line = source.text[at:end].strip()
        if not line or line[0] in "#;":
            at = end + 1
            continue
        if found := _SECTION.match(line):
            section = _section(root, source, source.text.index("[", at), end, found["name"])
            at = end + 1
            continue
        start = at + len(source.text[at:end]) - len(source.text[at:end].lstrip())
        key = _KEY.match(source.text, start)
        if section is None or key is None:
            return Problem(
                "bad-unit", "expected `[Section]` or `Key=value`", source.within(start, end)
            )
        at = _value(section, source, key, _continued_end(source.text, end)) + 1
        section.end = at - 1
    return root


def _section(root: Mapping, source: Slice, start: int, end: int, name: str) -> Mapping:
    pair = root.pair(name)
    if pair and isinstance(pair[1], Mapping):
        return pair[1]
    section = Mapping(source, start, end, [])
    root.pairs.append(
        (Scalar(source, start + 1, start + 1 + len(name), name, quoted=False), section)
    )
    root.forget()
    return section


def _value(section: Mapping, source: Slice, key: "re.Match[str]", end: int) -> int:
    stop = key.end() + len(source.text[key.end() : end].rstrip())
    stop = max(stop, key.end())
    raw = source.text[key.end() : stop]
    value = Scalar(source, key.end(), stop, _joined(raw), quoted=False, unfold=_unfold)
    if "\n" not in raw:
        value.unfold = None
    pair = section.pair(key["key"])
    if pair is None:
        name = Scalar(source, key.start(), key.start() + len(key["key"]), key["key"], quoted=False)
        values = Sequence(source, key.end(), stop, [value])
        section.pairs.append((name, values))
        section.forget()
        return end
    if isinstance(pair[1], Sequence):
        if raw:
            pair[1].items.append(value)
        else:
            pair[1].items.clear()
    return end


def _line_end(text: str, at: int) -> int:
    end = text.find("\n", at)
    return len(text) if end < 0 else end


def _continued_end(text: str, end: int) -> int:
    """The end of a value that goes on after a backslash; comments inside are skipped."""
    while end < len(text) and text[end - 1] == "\\":
        end = _line_end(text, end + 1)
        while end < len(text) and _is_comment(text, end):
            end = _line_end(text, end + 1)
    return end


def _is_comment(text: str, end: int) -> bool:
    """Whether the line that ends at `end` is a comment."""
    return text[text.rfind("\n", 0, end) + 1 : end].lstrip()[:1] in {"#", ";"}


def _joined(raw: str) -> str:
    return "".join(part for part, _ in _parts(raw))


def _parts(raw: str) -> list[tuple[str, int]]:
    """The lines of a continued value, each with its place; a line's end becomes a space."""
    parts: list[tuple[str, int]] = []
    at = 0
    for line in raw.split("\n"):
        if not (parts and line.lstrip()[:1] in {"#", ";"}):
            parts.append((line.removesuffix("\\"), at))
            if line.endswith("\\"):
                parts.append((" ", at + len(line) - 1))
        at += len(line) + 1
    return parts


def _unfold(scalar: Scalar) -> Slice:
    pieces: list[Piece] = []
    at = 0
    for part, origin in _parts(scalar.source.text[scalar.start : scalar.end]):
        inner = scalar.source.cut(scalar.start + origin, scalar.start + origin + len(part))
        pieces.extend(Piece(at + p.at, p.origin, p.length) for p in inner.pieces)
        at += len(part)
    return Slice(scalar.value, scalar.source.file, tuple(pieces), scalar.span.end)
