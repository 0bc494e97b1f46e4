"""What is expected and what was found, in words, and a way from one to the other."""

import typing
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from labkeeper.source import tree
from labkeeper.source.nearness import nearest
from labkeeper.source.record import is_record, keys_of
from labkeeper.source.scalar import words_for

_MOST: Final = 12


def described(want: Any) -> str:
    """What is expected."""
    origin = typing.get_origin(want)
    if origin is tuple:
        return "a list"
    if origin is Mapping or is_record(want):
        return "a mapping"
    return words_for(want)


def shape(node: tree.Node) -> str:
    """What was found."""
    match node:
        case tree.Scalar():
            return f"`{node.value}`"
        case tree.Sequence():
            return "a list"
        case tree.Mapping():
            return "a mapping"


def listed(words: Iterable[str]) -> str:
    """Words as code, with commas between them, and no more than can be taken in."""
    known = [f"`{word}`" for word in words]
    more = f", and {len(known) - _MOST} more" if len(known) > _MOST else ""
    return ", ".join(known[:_MOST]) + more


def meant(name: str, want: Any) -> str | None:
    """The key of a record that was probably meant by another one.

    A record may say in `MEANT` what its keys are called elsewhere.
    """
    word = name.replace("_", "-").lower()
    if other := getattr(want, "MEANT", {}).get(word):
        return str(other)
    return nearest(word, keys_of(want))


def way_out(node: tree.Node, want: Any) -> str | None:
    """How what was found would be written as what is expected."""
    if typing.get_origin(want) is tuple and isinstance(node, tree.Scalar):
        return f"write a list, even of one: `[{node.value}]`"
    if typing.get_origin(want) is Mapping and isinstance(node, tree.Sequence):
        return _as_keys(node.items)
    if is_record(want):
        keys = keys_of(want)
        needed = [word for word, item in keys.items() if item.required]
        if not needed:
            return f"leave it empty, or write keys under it: {listed(keys)}"
        return f"`{{{', '.join(f'{word}: ...' for word in needed)}}}`"
    return None


def _as_keys(items: Sequence[tree.Node]) -> str | None:
    first = items[0] if items else None
    if not isinstance(first, tree.Scalar):
        return None
    name, sign, value = first.value.partition("=")
    written = f"{name}: {value}" if sign else f"{name}:"
    return f"write each as a key, without the dash: `{written}`"
