"""The language as a JSON Schema, for editors. What only reading can tell is left to `check`."""

import re
import typing
from collections.abc import Mapping
from dataclasses import MISSING, fields
from typing import Final, TypeAlias

from labkeeper.lab.describe import default, described
from labkeeper.lab.dump import members
from labkeeper.lab.lab import Lab
from labkeeper.source import Span

Json: TypeAlias = "dict[str, object]"

# YAML gives `8080` and `no` types of their own, and a text may be either.
_SIMPLE: Final[Mapping[object, Json]] = {
    str: {"type": ["string", "number", "boolean"]},
    int: {"type": "integer"},
    float: {"type": "number"},
    bool: {"enum": [True, False, "on", "off", "yes", "no"]},
}


def schema() -> Json:
    """The whole language."""
    known: dict[str, Json] = {}
    root = _of(Lab, known)
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "lab.yaml",
        **root,
        "$defs": dict(sorted(known.items())),
    }


def _of(want: object, known: dict[str, Json]) -> Json:
    options = [_single(member, known) for member in members(want)]
    return options[0] if len(options) == 1 else {"anyOf": options}


def _single(want: object, known: dict[str, Json]) -> Json:
    origin, args = typing.get_origin(want), typing.get_args(want)
    if want is type(None):
        return {"type": "null"}
    if want in _SIMPLE:
        return dict(_SIMPLE[want])
    if origin is typing.Literal:
        return {"enum": list(args)}
    if origin is tuple:
        return {"type": ["array", "null"], "items": _of(args[0], known)}
    if origin is Mapping:
        names = {"pattern": typing.cast(typing.Any, args[0]).PATTERN} if args[0] is not str else {}
        return {
            "type": ["object", "null"],
            "propertyNames": names,
            "additionalProperties": _of(args[1], known),
        }
    return _named(typing.cast(type, want), known)


def _named(want: type, known: dict[str, Json]) -> Json:
    if want.__name__ not in known:
        known[want.__name__] = {}
        known[want.__name__] = _text(want) if hasattr(want, "parse") else _record(want, known)
    return {"$ref": f"#/$defs/{want.__name__}"}


def _text(want: type) -> Json:
    pattern: str = typing.cast(typing.Any, want).PATTERN
    bare = any(re.search(pattern, number) for number in ("1", "1.5", "002"))
    kind: list[str] | str = ["string", "number"] if bare else "string"
    return {"type": kind, "pattern": pattern, "description": _first_line(want)}


def _record(want: type, known: dict[str, Json]) -> Json:
    hints, texts = typing.get_type_hints(want), described(want)
    properties: Json = {}
    required: list[str] = []
    for item in fields(typing.cast(typing.Any, want)):
        if hints[item.name] is Span:
            continue
        key = item.name.rstrip("_").replace("_", "-")
        said = _of(hints[item.name], known)
        otherwise = default(item)
        properties[key] = {**said, "description": _sentence(texts[item.name], otherwise)}
        if item.default is MISSING and item.default_factory is MISSING:
            required.append(key)
    found: Json = {
        "type": "object" if required else ["object", "null"],
        "description": _first_line(want),
        "properties": properties,
        "additionalProperties": False,
    }
    return {**found, "required": required} if required else found


def _sentence(text: str, otherwise: str | None) -> str:
    return f"{text} Otherwise: {otherwise}." if otherwise else text


def _first_line(want: type) -> str:
    return (want.__doc__ or "").strip().split("\n", 1)[0]
