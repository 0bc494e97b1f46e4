"""Variables in compose files: `$NAME`, `${NAME:-default}` and their kin, filled in where known.

The forms and their order are compose-go's (template/template.go). A variable without a known value
stays as it is written: Compose would take it from its environment, which no file shows.
"""

from collections.abc import Mapping
from typing import Final

from labkeeper.source import Mapping as Tree
from labkeeper.source import Node, Scalar, Sequence, Slice
from labkeeper.values import regex

_NAME: Final = regex(r"[A-Za-z_][A-Za-z0-9_]*")
_OPERATOR: Final = regex(r":?[-?+]")
_BRACE: Final = regex(r"\$\{|\}")
_DEEPEST: Final = 20

Known = Mapping[str, str]


def filled(text: Slice, known: Known, depth: int = 0) -> Slice:
    """The text with every variable filled in whose value is known or has a default."""
    if "$" not in text.text or depth > _DEEPEST:
        return text
    parts: list[Slice] = []
    at = 0
    closings = _closings(text.text)
    while (found := text.text.find("$", at)) >= 0:
        parts.append(text.cut(at, found))
        end, part = _variable(text, found, closings.get(found), known, depth)
        parts.append(part)
        at = end
    parts.append(text.cut(at, len(text.text)))
    kept = [part for part in parts if part.text]
    return Slice.joined(kept) if kept else Slice.placed("", text.span)


def _variable(
    text: Slice, at: int, closed: int | None, known: Known, depth: int
) -> tuple[int, Slice]:
    """What stands at a dollar sign: where it ends, and what it becomes."""
    if text.text.startswith("$$", at):
        return at + 2, text.cut(at + 1, at + 2)
    braced = text.text.startswith("${", at)
    name = _NAME.match(text.text, at + (2 if braced else 1))
    if name is None:
        return at + 1, text.cut(at, at + 1)
    end = closed if braced else name.end()
    if end is None:
        return at + 1, text.cut(at, at + 1)
    whole = text.cut(at, end)
    value = known.get(name[0])
    operator = _OPERATOR.match(text.text, name.end()) if braced else None
    if operator is None:
        plain = not braced or name.end() == end - 1
        return end, Slice.placed(value, whole.span) if plain and value is not None else whole
    default = text.cut(operator.end(), end - 1)
    return end, _operated(operator[0], value, whole, filled(default, known, depth + 1))


def _operated(operator: str, value: str | None, whole: Slice, default: Slice) -> Slice:
    given = value is not None and (value != "" or ":" not in operator)
    match operator[-1]:
        case "-":
            return Slice.placed(value, whole.span) if given and value is not None else default
        case "+":
            # Whether it is set outside of the files is not known.
            return default if given else whole
        case _:
            return Slice.placed(value, whole.span) if given and value is not None else whole


def _closings(text: str) -> dict[int, int]:
    """Where each brace that opens at a dollar sign is closed, in one pass."""
    found: dict[int, int] = {}
    opened: list[int] = []
    for brace in _BRACE.finditer(text):
        if brace[0] == "${":
            opened.append(brace.start())
        elif opened:
            found[opened.pop()] = brace.end()
    return found


def filled_tree(node: Node, known: Known) -> Node:
    """A tree with its values filled in; keys are never interpolated."""
    return _tree(node, known, {})


def _tree(node: Node, known: Known, done: dict[int, Node]) -> Node:
    if (earlier := done.get(id(node))) is not None:
        return earlier
    match node:
        case Scalar():
            made: Node = _scalar(node, known)
        case Sequence():
            items = [_tree(item, known, done) for item in node.items]
            made = Sequence(node.source, node.start, node.end, items, node.tag)
        case Tree():
            pairs = [(key, _tree(value, known, done)) for key, value in node.pairs]
            made = Tree(node.source, node.start, node.end, pairs, node.tag, node.duplicates)
    done[id(node)] = made
    return made


def _scalar(node: Scalar, known: Known) -> Scalar:
    if "$" not in node.value:
        return node
    value = filled(node.text, known)
    # Marked as quoted, for what a variable leaves empty is an empty text and not null.
    return Scalar(
        node.source, node.start, node.end, value.text, True, node.tag, unfold=lambda _: value
    )
