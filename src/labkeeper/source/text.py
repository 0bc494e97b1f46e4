"""Where text stands: spans of a file, and slices that remember where each piece came from."""

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Self

from labkeeper.values import dataclass


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """From `start` to before `end`, in characters of `file`."""

    file: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Piece:
    """`length` characters at `at` of a slice stand at `origin` of its file."""

    at: int
    origin: int
    length: int


@dataclass(frozen=True, slots=True)
class Slice:
    """Text cut out of a file, with a map of where each piece of it stands there.

    Text between two pieces (an escape that was decoded, a variable that was filled in) belongs
    to the stretch of the file between them.
    """

    text: str
    file: str
    pieces: tuple[Piece, ...]
    end: int

    @classmethod
    def whole(cls, file: str, text: str) -> Self:
        """A file's whole text."""
        return cls(text, file, (Piece(0, 0, len(text)),), len(text))

    @classmethod
    def placed(cls, text: str, span: Span) -> Self:
        """Text worked out (a default filled in, a path joined) from what stands at `span`."""
        return cls(text, span.file, (Piece(0, span.start, 0),), span.end)

    @classmethod
    def joined(cls, parts: "Sequence[Slice]") -> "Slice":
        """Texts of one file put together; there is at least one."""
        at = 0
        pieces: list[Piece] = []
        for part in parts:
            pieces.extend(Piece(at + p.at, p.origin, p.length) for p in part.pieces)
            at += len(part.text)
        return cls("".join(p.text for p in parts), parts[0].file, tuple(pieces), parts[-1].end)

    @property
    def span(self) -> Span:
        """Where the whole of it stands."""
        return Span(self.file, self.pieces[0].origin, self.end)

    def within(self, start: int, end: int) -> Span:
        """Where the characters from `start` to before `end` stand."""
        first = self._origin(start)
        last = self._origin_of_end(end) if end > start else first
        return Span(self.file, first, max(first, last))

    def cut(self, start: int, end: int) -> "Slice":
        """The characters from `start` to before `end`, still knowing where they stand."""
        found = self.within(start, end)
        kept = [Piece(0, found.start, 0)]
        for piece in self.pieces[self._index(start) :]:
            if piece.at >= end:
                break
            low, high = max(piece.at, start), min(piece.at + piece.length, end)
            if low < high:
                kept.append(Piece(low - start, piece.origin + low - piece.at, high - low))
        if len(kept) > 1 and kept[1].at == 0:
            del kept[0]
        return Slice(self.text[start:end], self.file, tuple(kept), found.end)

    def filled(self, parts: Iterable[tuple[int, int, str]]) -> "Slice":
        """Itself with stretches replaced, first to last; a replacement stands where they stood."""
        texts: list[str] = []
        pieces: list[Piece] = []
        at = done = 0
        for start, end, new in (*parts, (len(self.text), len(self.text), "")):
            if start > done:
                kept = self.cut(done, start)
                pieces.extend(Piece(at + p.at, p.origin, p.length) for p in kept.pieces)
                texts.append(kept.text)
                at += len(kept.text)
            if new:
                pieces.append(Piece(at, self.within(start, start).start, 0))
                texts.append(new)
                at += len(new)
            done = end
        return Slice("".join(texts), self.file, tuple(pieces) or self.cut(0, 0).pieces, self.end)

    def find(self, part: str) -> Span:
        """Where `part` first stands in it, or else the whole of it."""
        at = self.text.find(part)
        return self.span if at < 0 else self.within(at, at + len(part))

    @property
    def is_literal(self) -> bool:
        """Whether nothing in it is still to be filled in when it is used."""
        return "$" not in self.text

    def _index(self, at: int) -> int:
        return max(bisect_right(self.pieces, at, key=_start) - 1, 0)

    def _origin(self, at: int) -> int:
        piece = self.pieces[self._index(at)]
        return piece.origin + min(at - piece.at, piece.length)

    def _origin_of_end(self, at: int) -> int:
        index = self._index(at - 1)
        piece = self.pieces[index]
        if at - piece.at <= piece.length:
            return piece.origin + at - piece.at
        return self.pieces[index + 1].origin if index + 1 < len(self.pieces) else self.end


def _start(piece: Piece) -> int:
    return piece.at


@dataclass(frozen=True, slots=True)
class Position:
    """A line and a column, both from 1, the column in characters."""

    line: int
    column: int


@lru_cache(maxsize=64)
def _line_starts(text: str) -> tuple[int, ...]:
    starts, at = [0], text.find("\n")
    while at >= 0:
        starts.append(at + 1)
        at = text.find("\n", at + 1)
    return tuple(starts)


def position(text: str, offset: int) -> Position:
    """The line and column of a character of a file."""
    starts = _line_starts(text)
    line = bisect_right(starts, offset)
    return Position(line, offset - starts[line - 1] + 1)


def line_at(text: str, number: int) -> str:
    """The text of line `number`, without its end."""
    starts = _line_starts(text)
    end = starts[number] if number < len(starts) else len(text) + 1
    return text[starts[number - 1] : end - 1].rstrip("\r")
