"""Every key of the language as a page, written from the types."""

import typing
from collections.abc import Iterator, Mapping
from dataclasses import MISSING, fields, is_dataclass

from labkeeper.lab.describe import default, described
from labkeeper.lab.dump import members
from labkeeper.lab.lab import Lab
from labkeeper.source import Span

_HEAD = """# Every key of lab.yaml

What `labkeeper schema --markdown` prints; [lab.md](lab.md) explains the language.
**Bold** keys have to be given.
"""
_SIMPLE: Mapping[object, str] = {
    str: "text",
    int: "a whole number",
    float: "a number",
    bool: "`on` or `off`",
}


def keys_page() -> str:
    """The page, in the order in which a lab is read."""
    return "\n".join([_HEAD, *(line for record in _records(Lab, []) for line in _section(record))])


def _records(record: type, seen: list[type]) -> list[type]:
    """A record and those in it, each once."""
    if record not in seen:
        seen.append(record)
        for want in typing.get_type_hints(record).values():
            for inner in _inner(want):
                _records(inner, seen)
    return seen


def _inner(want: object) -> Iterator[type]:
    for member in members(want):
        if _is_record(member):
            yield typing.cast(type, member)
        for part in typing.get_args(member):
            yield from _inner(part)


def _is_record(want: object) -> bool:
    return (
        isinstance(want, type)
        and is_dataclass(want)
        and want is not Span
        and (not hasattr(want, "parse"))
    )


def _section(record: type) -> Iterator[str]:
    hints, texts = typing.get_type_hints(record), described(record)
    yield f"## {_title(record)}\n"
    yield f"{(record.__doc__ or '').strip().splitlines()[0]}\n"
    yield "| key | value | otherwise | |"
    yield "|---|---|---|---|"
    for item in fields(typing.cast(typing.Any, record)):
        if hints[item.name] is Span:
            continue
        key = f"`{item.name.rstrip('_').replace('_', '-')}`"
        if item.default is MISSING and item.default_factory is MISSING:
            key = f"**{key}**"
        otherwise = default(item)
        cells = (key, _words(hints[item.name]), otherwise and f"`{otherwise}`", texts[item.name])
        yield f"| {' | '.join(cell or '' for cell in cells)} |"
    yield ""


def _words(want: object) -> str:
    options = [_word(member) for member in members(want) if member is not type(None)]
    return ", or ".join(options)


def _word(want: object) -> str:
    origin, args = typing.get_origin(want), typing.get_args(want)
    if origin is typing.Literal:
        return ", ".join(f"`{word}`" for word in args)
    if origin is tuple:
        return f"list: {_words(args[0])}"
    if origin is Mapping:
        return f"by name: {_words(args[1])}"
    if want in _SIMPLE:
        return _SIMPLE[want]
    if _is_record(want):
        title = _title(typing.cast(type, want))
        return f"[{title}](#{title.lower().replace(' ', '-')})"
    return str(typing.cast(typing.Any, want).WORDS)


def _title(record: type) -> str:
    """`DeadMansSwitch` as words."""
    letters = [f" {c.lower()}" if c.isupper() else c for c in record.__name__]
    return "".join(letters).strip().capitalize()
