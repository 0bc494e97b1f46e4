"""Decoded values laid over the raw text they stand in, so that each character has its place."""

import re
from typing import Final

from labkeeper.source.text import Piece, Slice
from labkeeper.source.tree import Scalar

# `\U0001f600` and a closing line's backslash: further away, a match is a chance one.
_LONGEST_ESCAPE: Final = 12


def unfold_flow(scalar: Scalar) -> Slice:
    """Maps a plain or quoted value onto its raw text, which differs by escapes and line ends."""
    raw = scalar.source.text[scalar.start : scalar.end]
    return _align(scalar, scalar.start, raw)


def unfold_block(scalar: Scalar) -> Slice:
    """Maps a block value onto its lines, less the indentation."""
    newline = scalar.source.text.find("\n", scalar.start)
    if newline < 0:
        return Slice.placed(scalar.value, scalar.span)
    raw = scalar.source.text[newline + 1 : scalar.end]
    return _align(scalar, newline + 1, raw)


def _align(scalar: Scalar, start: int, raw: str) -> Slice:
    """Maps a value onto the raw text it was decoded from, line by line.

    Every line of the value stands in the raw text as it is, unless escapes were decoded in it; a
    stretch that cannot be found belongs to what lies between its neighbours.
    """
    pieces: list[Piece] = []
    at = seek = 0
    for stretch in _stretches(scalar.value):
        # A folded line's end is a space in the value, so a stretch may have to be taken in words.
        whole = _near(raw, stretch, seek) >= 0
        for part in [stretch] if whole else re.split("( )", stretch):
            if part and (found := _near(raw, part, seek)) >= 0:
                pieces.append(Piece(at, start + found, len(part)))
                seek = found + len(part)
            at += len(part)
    return through(scalar.source, scalar.value, pieces, scalar)


def _near(raw: str, part: str, seek: int) -> int:
    found = raw.find(part, seek)
    return found if found >= 0 and len(raw[seek:found].strip()) <= _LONGEST_ESCAPE else -1


def _stretches(value: str) -> list[str]:
    """Splits so that line ends and the characters that escapes stand for are on their own."""
    parts: list[str] = []
    start = 0
    for at, character in enumerate(value):
        if character in "\n\r\t\"'\\/" or not (" " <= character <= "~"):
            if at > start:
                parts.append(value[start:at])
            parts.append(character)
            start = at + 1
    if start < len(value):
        parts.append(value[start:])
    return parts


def through(source: Slice, value: str, pieces: list[Piece], scalar: Scalar) -> Slice:
    """Carries pieces of a source that is itself a slice on to the file."""
    placed: list[Piece] = []
    first = source.pieces[0]
    # A whole file needs no carrying, and nearly every source is one.
    whole_file = len(source.pieces) == 1 and first.at == first.origin == 0
    if whole_file:
        placed = pieces
    for piece in () if whole_file else pieces:
        if not piece.length:
            placed.append(Piece(piece.at, source.within(piece.origin, piece.origin).start, 0))
            continue
        inner = source.cut(piece.origin, piece.origin + piece.length)
        placed.extend(
            Piece(piece.at + part.at, part.origin, part.length)
            for part in inner.pieces
            if part.length
        )
    span = scalar.span
    if not placed or placed[0].at > 0:
        placed.insert(0, Piece(0, span.start, 0))
    last = placed[-1]
    # A closing quote is no part of the value.
    whole = last.at + last.length == len(value) and (last.at or last.length)
    return Slice(
        value, source.file, tuple(placed), last.origin + last.length if whole else span.end
    )
