"""A lab in its canonical way of writing: only what differs from what goes without saying."""

import typing
from collections.abc import Mapping
from dataclasses import MISSING, fields, is_dataclass

from labkeeper.lab.lab import Lab
from labkeeper.source import Bare, Span, Writable, write_yaml


def dump(lab: Lab) -> str:
    """Text that is read as an equal lab."""
    return write_yaml(written(lab))


def written(lab: Lab) -> Writable:
    """The values of that text."""
    return _written(lab, Lab)


def _written(value: object, want: object) -> Writable:
    if isinstance(value, bool | int | float | str):
        return value
    if isinstance(value, tuple):
        [inner] = [m for m in members(want) if typing.get_origin(m) is tuple]
        return [_written(item, typing.get_args(inner)[0]) for item in value]
    if isinstance(value, Mapping):
        inner = next(m for m in members(want) if typing.get_origin(m) is Mapping)
        item = typing.get_args(inner)[1]
        return {str(k): _entry(_written(v, item), item) for k, v in value.items()}
    if is_dataclass(value) and not isinstance(value, type) and not hasattr(value, "parse"):
        return _record(value)
    return Bare(str(value))


def _record(value: object) -> Writable:
    hints = typing.get_type_hints(type(value))
    said: dict[str, Writable] = {}
    for item in fields(typing.cast(typing.Any, value)):
        part = getattr(value, item.name)
        default = item.default
        if default is MISSING and item.default_factory is not MISSING:
            default = item.default_factory()
        if hints[item.name] is Span or (default is not MISSING and _same(part, default)):
            continue
        key = item.name.rstrip("_").replace("_", "-")
        said[key] = _entry(_written(part, hints[item.name]), hints[item.name])
    return said


def _same(part: object, default: object) -> bool:
    # `1 == True`, and a tuple's type tells `()` from a name.
    return type(part) is type(default) and part == default


def _entry(written: Writable, want: object) -> Writable:
    """An empty record as nothing at all, where nothing is read as that record."""
    empty = isinstance(written, dict) and not written
    return None if empty and type(None) not in members(want) else written


def members(want: object) -> tuple[object, ...]:
    """The types of a union; a type alone is its only member."""
    args = typing.get_args(want)
    return (
        args
        if args and typing.get_origin(want) not in {tuple, Mapping, typing.Literal}
        else (want,)
    )
