"""Several files to one tree: sections are joined, and what has a name is said in one file."""

import typing
from collections.abc import Iterator, Sequence
from collections.abc import Mapping as Table
from dataclasses import fields, is_dataclass
from functools import cache

from labkeeper.lab.lab import Lab
from labkeeper.source import Mapping, Node, Scalar

Path = tuple[str, ...]


def merged(roots: Sequence[Mapping]) -> Mapping:
    """One mapping of all; a key that two of them give is a duplicate of the first one's."""
    first, *others = roots
    for other in others:
        first = _joined(first, other, ())
    return first


def _joined(ours: Mapping, theirs: Mapping, path: Path) -> Mapping:
    pairs, duplicates = list(ours.pairs), [*ours.duplicates, *theirs.duplicates]
    where = {key.value: at for at, (key, _) in reversed(list(enumerate(ours.pairs)))}
    for key, value in theirs.pairs:
        at = where.get(key.value)
        if at is None:
            pairs.append((key, value))
            continue
        first, known = pairs[at]
        if (both := _section(known, value, (*path, key.value))) is not None:
            pairs[at] = (first, both)
        else:
            pairs.append((key, value))
            duplicates.append((key, first))
    return Mapping(ours.source, ours.start, ours.end, pairs, ours.tag, duplicates)


def _section(ours: Node, theirs: Node, path: Path) -> Node | None:
    """Two halves of a section together; nothing where this is no section."""
    if path not in sections():
        return None
    if isinstance(ours, Mapping) and isinstance(theirs, Mapping):
        return _joined(ours, theirs, path)
    # `services:` with nothing under it is an empty section.
    for empty, other in ((ours, theirs), (theirs, ours)):
        if isinstance(empty, Scalar) and empty.is_null:
            return other
    return None


@cache
def sections() -> frozenset[Path]:
    """The parts of a lab that several files may add to."""
    return frozenset(_sections(Lab, ()))


def _sections(record: type, path: Path) -> Iterator[Path]:
    hints = typing.get_type_hints(record)
    for item in fields(typing.cast(typing.Any, record)):
        want, here = hints[item.name], (*path, item.name.replace("_", "-"))
        if typing.get_origin(want) is Table:
            yield here
        elif isinstance(want, type) and is_dataclass(want) and not hasattr(want, "parse"):
            yield here
            yield from _sections(want, here)
