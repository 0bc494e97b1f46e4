"""What a dataclass says about the mapping that it is read from."""

import typing
from collections.abc import Mapping
from dataclasses import MISSING, fields, is_dataclass
from functools import cache
from typing import Any

from labkeeper.source.scalar import reads_itself
from labkeeper.source.text import Span
from labkeeper.values import dataclass


@dataclass(frozen=True, slots=True)
class Key:
    """A key that a dataclass knows."""

    name: str
    type: Any
    required: bool


def is_record(want: Any) -> bool:
    """Whether a mapping makes one."""
    return isinstance(want, type) and is_dataclass(want) and not reads_itself(want)


@cache
def keys_of(want: type) -> Mapping[str, Key]:
    """The keys of a dataclass as they are written: `keep_free` is `keep-free`, `from_` `from`."""
    hints = typing.get_type_hints(want)
    return {
        item.name.rstrip("_").replace("_", "-"): Key(
            item.name,
            hints[item.name],
            item.default is MISSING and item.default_factory is MISSING,
        )
        for item in fields(typing.cast(Any, want))
        if hints[item.name] is not Span
    }


def needs_keys(want: type) -> bool:
    """Whether nothing at all would be too little."""
    return any(item.required for item in keys_of(want).values())
