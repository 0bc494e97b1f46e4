"""Takes a key out of a mapping, with its value and nothing else."""

from labkeeper.source.edit import Edit, without_lines
from labkeeper.source.text import Span
from labkeeper.source.tree import Mapping, Node, Scalar


def removal(tree: Mapping, key: Scalar) -> Edit | None:
    """The edit that does it; none where the mapping would be left empty, or a comment would go."""
    own = [pair for pair in tree.pairs if tree.start <= pair[0].start < _end(tree)]
    at = next((n for n, pair in enumerate(own) if pair[0] is key), None)
    if at is None or len(own) < 2 or key.source is not tree.source:
        return None
    if tree.source.text[tree.start : tree.start + 1] == "{":
        return _from_flow(tree, own, at)
    return _from_block(tree, own, at)


def _end(tree: Mapping) -> int:
    """A block's end is that of its last value, whose anchor may stand before it."""
    return max([tree.end, *(key.end for key, _ in tree.pairs if key.source is tree.source)])


def _from_flow(tree: Mapping, own: list[tuple[Scalar, Node]], at: int) -> Edit | None:
    key, value = own[at]
    if at + 1 < len(own):
        return _cut(tree, key.start, own[at + 1][0].start)
    before_key, before = own[at - 1]
    start = max(before_key.end, before.end)
    end = max(key.end, value.end)
    # An alias ends where it was anchored.
    return _cut(tree, start, end) if before_key.start < start <= key.start else None


def _from_block(tree: Mapping, own: list[tuple[Scalar, Node]], at: int) -> Edit | None:
    key, value = own[at]
    text = tree.source.text
    follows = own[at + 1][0].start if at + 1 < len(own) else len(text)
    end = value.end if key.end <= value.start and value.end <= follows else key.end
    before = text[text.rfind("\n", 0, key.start) + 1 : key.start]
    if not before.strip():
        return without_lines(tree.source, key.start, max(key.end, end))
    if before.strip(" -") or at + 1 == len(own) or "#" in text[end:follows]:
        return None
    return _cut(tree, key.start, follows)


def _cut(tree: Mapping, start: int, end: int) -> Edit | None:
    source = tree.source
    if "#" in source.text[start:end] and "\n" in source.text[start:end]:
        return None
    first = source.within(start, start).start
    return Edit(Span(source.file, first, source.within(end, end).start), "")
