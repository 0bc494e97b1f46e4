"""Values to YAML text: two spaces, short lists on one line, quotes only where they are needed."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Final, TypeAlias

from labkeeper.values import dataclass, regex

# What every reader of YAML takes for itself, wherever it stands in a block.
_PLAIN: Final = regex(
    r"(?:[A-Za-z0-9/_+]|\./)"
    r"(?:[A-Za-z0-9/_+.@*%=~()$,-]|:(?=[^\s])| (?=[A-Za-z0-9/_+.@*%=~()$,-]))*"
)
_IN_LINE: Final = regex(r"[A-Za-z0-9/_][A-Za-z0-9/_.-]*")
# Text that YAML, of one version or another, takes for something else.
_AMBIGUOUS: Final = regex(
    r"~|null|true|false|yes|no|on|off|y|n|[-+.0-9][-+.0-9_:eExXoO]*|0[xo][0-9a-fA-F]+"
    r"|\.inf|\.nan|\d{4}-\d.*",
    re.IGNORECASE,
)
_WIDTH: Final = 88
_SHORT: Final = {"\b": "\\b", "\t": "\\t", "\n": "\\n", "\f": "\\f", "\r": "\\r"}


@dataclass(frozen=True, slots=True)
class Bare:
    """Text that its reader takes for what it is, so that `8096` and `on` need no quotes."""

    text: str


@dataclass(frozen=True, slots=True)
class Flow:
    """A list or a mapping that is written on one line."""

    value: "list[Writable] | dict[str, Writable]"


@dataclass(frozen=True, slots=True)
class Plain:
    """Text that stood in a YAML block without quotes, and is written so again."""

    text: str


Writable: TypeAlias = (
    "str | Bare | Plain | Flow | bool | int | float | list[Writable] | dict[str, Writable] | None"
)


# Lines that stand above a key, by the keys that lead to it.
Comments: TypeAlias = Mapping[tuple[str, ...], Sequence[str]]


def write_yaml(value: Writable, comments: Comments | None = None) -> str:
    """The text of a document. An empty line among `comments` is a blank line."""
    return "\n".join(_lines(value, "", (), comments or {})) + "\n"


def _lines(
    value: Writable, indent: str, path: tuple[str, ...], comments: Comments
) -> Iterator[str]:
    match value:
        case dict() if value:
            for key, inner in value.items():
                here = (*path, key)
                yield from (comment_line(line, indent) for line in comments.get(here, ()))
                head = f"{indent}{_leaf(Bare(key))}:"
                yield from _under(head, inner, indent + "  ", here, comments)
        case list() if value:
            for inner in value:
                if isinstance(inner, dict) and inner:
                    first, *rest = _lines(inner, indent + "  ", path, {})
                    yield f"{indent}- {first.lstrip()}"
                    yield from rest
                else:
                    yield from _under(f"{indent}-", inner, indent + "  ", path, {})
        case _:
            yield indent + _leaf(value)


def comment_line(text: str, indent: str = "") -> str:
    """A line that no reader takes for anything else, whatever the text holds."""
    if not text:
        return ""
    return f"{indent}# " + "".join(c if c.isprintable() else _character(c) for c in text)


def _under(
    head: str, value: Writable, indent: str, path: tuple[str, ...], comments: Comments
) -> Iterator[str]:
    """A key or a dash, and what belongs to it."""
    match value:
        case None:
            yield head
        case dict() | list() if not value:
            yield f"{head} {'{}' if isinstance(value, dict) else '[]'}"
        case list() if (line := _in_line(value)) and len(head) + len(line) < _WIDTH:
            yield f"{head} {line}"
        case dict() | list():
            yield head
            yield from _lines(value, indent, path, comments)
        case str() if _is_block(value):
            yield f"{head} {'|' if value.endswith(chr(10)) else '|-'}"
            yield from (indent + line if line else "" for line in value.splitlines())
        case _:
            yield f"{head} {_leaf(value)}"


def _in_line(value: "list[Writable]") -> str | None:
    words = [_leaf(item) for item in value if not isinstance(item, list | dict | None)]
    fits = len(words) == len(value) and all(_IN_LINE.fullmatch(word) for word in words)
    return f"[{', '.join(words)}]" if fits else None


def _leaf(value: Writable) -> str:
    match value:
        case Bare(text=text):
            return text if _PLAIN.fullmatch(text) and text != "null" else _quoted(text)
        case Plain(text=text):
            return text
        case Flow():
            return _flow(value)
        case str():
            return _text(value)
        case bool():
            return "on" if value else "off"
        case int() | float():
            return repr(value)
        case _:
            return "{}" if isinstance(value, dict) else "[]"


def _flow(value: Writable) -> str:
    """A value between the brackets of another: commas and colons end words there."""
    match value:
        case Flow(value=inner):
            return _flow(inner)
        case dict():
            return "{" + ", ".join(f"{_flow(Bare(k))}: {_flow(v)}" for k, v in value.items()) + "}"
        case list():
            return "[" + ", ".join(map(_flow, value)) + "]"
        case None:
            return "null"
        case str() | Bare() | Plain():
            text = value if isinstance(value, str) else value.text
            leaf = _leaf(value)
            return leaf if leaf[:1] == '"' or _IN_LINE.fullmatch(leaf) else _quoted(text)
        case _:
            return _leaf(value)


def _text(text: str) -> str:
    plain = _PLAIN.fullmatch(text) and not _AMBIGUOUS.fullmatch(text)
    return text if plain else _quoted(text)


def _quoted(text: str) -> str:
    return '"' + "".join(map(_character, text)) + '"'


def _character(character: str) -> str:
    if character in '"\\':
        return "\\" + character
    if character.isprintable():
        return character
    code = ord(character)
    if short := _SHORT.get(character):
        return short
    return (
        f"\\x{code:02x}" if code < 256 else f"\\u{code:04x}" if code < 65536 else f"\\U{code:08x}"
    )


def _is_block(text: str) -> bool:
    """Whether text reads best line by line, and is read back so."""
    lines = text.splitlines()
    return (
        "\n" in text.rstrip("\n")
        and not text.endswith("\n\n")
        and not text.startswith((" ", "\n"))
        and "\n".join(lines) == text.removesuffix("\n")
        and all(line.isprintable() and line == line.rstrip() for line in lines)
    )
