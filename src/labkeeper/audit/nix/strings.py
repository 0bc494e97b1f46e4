"""Nix's two kinds of string to their text, each character knowing its place."""

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Final

from labkeeper.audit.nix.values import Text
from labkeeper.audit.syntax import Syntax
from labkeeper.source import Slice
from labkeeper.values import dataclass, regex

if TYPE_CHECKING:
    from tree_sitter import Node

# Any other escaped character stands for itself (checked with nix-instantiate 2.8).
_ESCAPES: Final = {"n": "\n", "r": "\r", "t": "\t"}

# The option `name` of every unit (nixos/lib/systemd-unit-options.nix).
_UNIT_NAME: Final = regex(
    r"config\.systemd\.(?P<kind>service|timer|target|socket|path|mount)s\."
    r'(?P<quote>"?)(?P<name>[\w@:-]+)(?P=quote)\.name'
)

# What an interpolation comes to, where that is known.
Fill = Callable[["Node"], Text | None]


@dataclass(frozen=True, slots=True)
class _Part:
    """A stretch of a string: as written, decoded from an escape, or filled in from elsewhere."""

    slice: Slice
    # Whether its text stands in the file as it is, so that indentation is looked for in it.
    written: bool = True
    hole: bool = False


def read_string(syntax: Syntax, node: "Node", fill: Fill) -> Text:
    """The value of a string expression."""
    indented = node.type == "indented_string_expression"
    parts = list(_parts(syntax, node, fill))
    if indented:
        parts = _outdented(parts)
    if not parts:
        at = syntax.start(node) + (2 if indented else 1)
        return Text(syntax.source.cut(at, at))
    holes: list[tuple[int, int]] = []
    at = 0
    for part in parts:
        if part.hole:
            holes.append((at, at + len(part.slice.text)))
        at += len(part.slice.text)
    return Text(Slice.joined([part.slice for part in parts]), tuple(holes))


def unit_name(path: Slice) -> Slice | None:
    """What `config.systemd.targets.multi-user.name` comes to."""
    found = _UNIT_NAME.fullmatch(path.text)
    return Slice.placed(f"{found['name']}.{found['kind']}", path.span) if found else None


def _parts(syntax: Syntax, node: "Node", fill: Fill) -> Iterator[_Part]:
    for child in node.children:
        match child.type:
            case "string_fragment":
                yield _Part(syntax.cut(child))
            case "escape_sequence":
                yield _Part(_unescaped(syntax, child), written=False)
            case "interpolation":
                yield from _filled(syntax, child, fill)


def _unescaped(syntax: Syntax, node: "Node") -> Slice:
    """What an escape stands for; a dollar's escape is a node of its own and stands for nothing."""
    raw = syntax.text(node)
    if raw == "'''":
        return Slice.placed("''", syntax.at(node))
    return Slice.placed(_ESCAPES.get(raw[-1:], raw[-1:]), syntax.at(node))


def _filled(syntax: Syntax, node: "Node", fill: Fill) -> Iterator[_Part]:
    known = fill(node)
    if known is None or known.holes:
        yield _Part(syntax.cut(node), written=False, hole=True)
    else:
        yield _Part(Slice.placed(known.slice.text, syntax.at(node)), written=False)


def _outdented(parts: list[_Part]) -> list[_Part]:
    """An indented string without its first, blank line and the indentation all lines share."""
    common = _common(parts)
    found: list[_Part] = []
    fresh = True
    for number, part in enumerate(parts):
        if not part.written:
            found.append(part)
            fresh = False
            continue
        kept = _kept(part.slice, common, fresh=fresh, first=number == 0)
        found.extend(_Part(piece) for piece in kept if piece.text)
        fresh = part.slice.text.endswith("\n")
    return _last_line_dropped(found)


def _common(parts: list[_Part]) -> int:
    """How many spaces every line with something on it begins with."""
    shortest: int | None = None
    indent, blank = 0, True
    for part in parts:
        if not part.written:
            shortest, blank = _least(shortest, indent, blank), False
            continue
        for character in part.slice.text:
            if character == "\n":
                indent, blank = 0, True
            elif blank and character == " ":
                indent += 1
            else:
                shortest, blank = _least(shortest, indent, blank), False
    return shortest or 0


def _least(shortest: int | None, indent: int, blank: bool) -> int | None:
    if not blank:
        return shortest
    return indent if shortest is None else min(shortest, indent)


def _kept(piece: Slice, common: int, *, fresh: bool, first: bool) -> Iterator[Slice]:
    """The lines of a stretch, less the indentation; `fresh` where it begins a line."""
    at = 0
    lines = piece.text.split("\n")
    for number, line in enumerate(lines):
        start = at
        at += len(line) + (number < len(lines) - 1)
        if first and number == 0 and len(lines) > 1 and not line.strip(" "):
            continue
        if number > 0 or fresh:
            start += min(len(line) - len(line.lstrip(" ")), common)
        yield piece.cut(start, at)


def _last_line_dropped(parts: list[_Part]) -> list[_Part]:
    """Without the spaces that stand before the closing quotes on a line of their own."""
    if not parts or not parts[-1].written:
        return parts
    last = parts[-1].slice
    stripped = last.text.rstrip(" ")
    before = len(parts) > 1 and parts[-2].slice.text.endswith("\n")
    if stripped == last.text or not (stripped.endswith("\n") or (not stripped and before)):
        return parts
    return [*parts[:-1], _Part(last.cut(0, len(stripped)))]
