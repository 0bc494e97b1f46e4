"""Nix values as the neutral trees that all other readers take: an option is a file's content."""

from collections.abc import Iterator
from typing import Final

from labkeeper.audit.nix.values import Attrs, Call, Listing, Text, Unknown, Value
from labkeeper.source import Mapping, Node, Scalar, Sequence, Slice, Span

# Where a whole list or set that only evaluation can tell would hide something that counts.
_SHAPING: Final = frozenset(
    {"scrape_configs", "static_configs", "file_sd_configs", "targets", "relabel_configs"}
    | {"metric_relabel_configs", "job_name", "labels", "params", "groups", "rules", "receivers"}
    | {"routes", "route", "datasources", "rule_files", "alertmanagers", "global", "modules"}
)


def tree(value: Value) -> Node:
    """The tree of a value; what is not known is a text with a `$` in it, which checks leave be."""
    match value:
        case Text():
            text = value.slice
            return Scalar(text, 0, len(text.text), text.text, quoted=value.quoted)
        case Listing():
            around = Slice.placed(" ", value.at)
            return Sequence(around, 0, 1, [tree(item) for item in value.items])
        case Attrs():
            return mapping(value.at, ((e.name, tree(e.value)) for e in value.entries.values()))
        case Call() | Unknown():
            return Scalar(Slice.placed("$", value.at), 0, 1, "$", quoted=True)


def mapping(at: Span, pairs: "Iterator[tuple[Slice, Node]]") -> Mapping:
    """A mapping of names to trees."""
    named = [
        (Scalar(name, 0, len(name.text), name.text, quoted=False), node) for name, node in pairs
    ]
    return Mapping(Slice.placed(" ", at), 0, 1, named)


def left_open(value: Value, name: str = "") -> Iterator[Span]:
    """The places where a part that counts is left to evaluation."""
    match value:
        case Text():
            return
        case Call() | Unknown():
            if name in _SHAPING:
                yield value.at
        case Listing():
            if not value.complete:
                yield value.at
            for item in value.items:
                # An address that is not known is one address all the same.
                yield from left_open(item, "" if name == "targets" else name)
        case Attrs():
            if not value.complete:
                yield value.at
            for entry in value.entries.values():
                yield from left_open(entry.value, entry.name.text)
