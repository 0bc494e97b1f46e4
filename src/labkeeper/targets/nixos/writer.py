"""Values to Nix that reads back as exactly these values, formatted as nixfmt formats it.

What Nix makes of strings: https://nix.dev/manual/nix/latest/language/string-literals
"""

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from labkeeper.targets.nixos.tree import Apply, Joined, Lines, Nix, Noted, Raw
from labkeeper.values import regex

_WIDTH: Final = 100
_STEP: Final = "  "
_BARE: Final = regex(r"[A-Za-z_][A-Za-z0-9_'-]*")
# `or` is a name to the parser only in some places.
_KEYWORDS: Final = frozenset(
    {"if", "then", "else", "assert", "with", "let", "in", "rec", "inherit", "or"}
)
# Nix 2.8 to 2.3x: any other escape is the letter itself, and the NUL byte ends a string.
_ESCAPES: Final = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\r": "\\r", "\t": "\\t"}
_LARGEST: Final = 2**63 - 1


class UnwritableError(ValueError):
    """A text that no Nix string can hold, and which character it is."""


def write(value: Nix, depth: int = 0) -> str:
    """An expression; what follows its first line is indented by `depth` steps."""
    match value:
        case None:
            return "null"
        case bool():
            return "true" if value else "false"
        case int() | float():
            return _number(value)
        case str():
            return string(value)
        case Raw(text):
            return text
        case Joined(parts):
            return _joined(parts)
        case Lines(parts):
            return _lines(parts, depth) if _is_plain(parts) else _joined(parts)
        case Apply(function, arguments):
            return " ".join((function, *(_argument(each, depth) for each in arguments)))
        case Noted(_, inner):
            return write(inner, depth)
        case Mapping():
            return _set(value, depth)
        case _:
            return _list(value, depth)


def string(text: str) -> str:
    """A string in double quotes."""
    return f'"{_escaped(text)}"'


def name(text: str) -> str:
    """The name of an attribute, in quotes where it needs them."""
    return text if _BARE.fullmatch(text) and text not in _KEYWORDS else string(text)


def bindings(values: Mapping[str, Nix], depth: int, *, airy: bool = False) -> Iterator[str]:
    """The lines of an attribute set; an airy one has empty lines between its longer bindings."""
    previous = ""
    for index, (key, value) in enumerate(values.items()):
        path, inner, note = _path(key, value)
        text = f"{_STEP * depth}{path} = {write(inner, depth)};"
        text = "".join(f"{_STEP * depth}# {line}\n" for line in note.splitlines()) + text
        if airy and index and ("\n" in previous or "\n" in text):
            yield ""
        yield text
        previous = text


def _path(key: str, value: Nix) -> tuple[str, Nix, str]:
    """`a.b.c` where each of them holds nothing else, what it is, and what is said of it."""
    path, note = name(key), ""
    while True:
        if isinstance(value, Noted):
            note, value = value.note, value.value
        if not isinstance(value, Mapping) or len(value) != 1:
            return path, value, note
        ((key, value),) = value.items()
        path += f".{name(key)}"


def _set(values: Mapping[str, Nix], depth: int) -> str:
    if not values:
        return "{ }"
    inner = "\n".join(bindings(values, depth + 1, airy=_is_of_sets(values)))
    return f"{{\n{inner}\n{_STEP * depth}}}"


def _is_of_sets(values: Mapping[str, Nix]) -> bool:
    """Whether each of them is a thing of its own, like a container or a unit."""
    inner = [each.value if isinstance(each, Noted) else each for each in values.values()]
    return all(isinstance(each, Mapping) for each in inner)


def _list(values: Sequence[Nix], depth: int) -> str:
    if not values:
        return "[ ]"
    if len(values) == 1 and not isinstance(values[0], Noted):
        single = _argument(values[0], depth)
        if "\n" not in single and len(single) + len(_STEP) * depth < _WIDTH:
            return f"[ {single} ]"
        if isinstance(values[0], Mapping):
            return f"[\n{_STEP * (depth + 1)}{write(values[0], depth + 1)}\n{_STEP * depth}]"
    lines = [f"{_STEP * (depth + 1)}{each}" for each in _elements(values, depth + 1)]
    return "\n".join(("[", *lines, f"{_STEP * depth}]"))


def _elements(values: Sequence[Nix], depth: int) -> Iterator[str]:
    for each in values:
        if isinstance(each, Noted):
            yield from (f"# {line}" for line in each.note.splitlines())
        yield _argument(each, depth)


def _argument(value: Nix, depth: int) -> str:
    """An expression where a space would end it."""
    text = write(value, depth)
    match value:
        case Noted(_, inner):
            return _argument(inner, depth)
        case Apply():
            return f"({text})"
        case int() | float() if text.startswith("-"):
            return f"({text})"
        case Raw() if " " in text:
            return f"({text})"
        case _:
            return text


def _number(value: float) -> str:
    if isinstance(value, int):
        if abs(value) > _LARGEST:
            raise UnwritableError("a number that needs more than 64 bits")
        return str(value)
    if not math.isfinite(value):
        raise UnwritableError("a number that is not finite")
    # `1e3` is no number to Nix, `1.0e3` is one.
    text = repr(value)
    return text if "." in text or "e" not in text else text.replace("e", ".0e")


def _escaped(text: str) -> str:
    out: list[str] = []
    for at, sign in enumerate(text):
        if sign in _ESCAPES:
            out.append(_ESCAPES[sign])
        elif sign == "$" and text.startswith("{", at + 1):
            out.append("\\$")
        elif _is_refused(sign):
            raise UnwritableError(f"the character U+{ord(sign):04X}")
        else:
            out.append(sign)
    return "".join(out)


def _is_refused(sign: str) -> bool:
    """Whether Nix or what reads its strings would stumble: NUL ends them, `\\b` means `b`."""
    return sign < " " or sign == "\x7f" or "\ud800" <= sign <= "\udfff"


def _joined(parts: Sequence[str | Raw]) -> str:
    texts: list[str] = []
    for index, part in enumerate(parts):
        if isinstance(part, Raw):
            texts.append(f"${{{part.text}}}")
            continue
        text = _escaped(part)
        # Nix takes `$${` for two characters that mean nothing.
        follows = index + 1 < len(parts) and isinstance(parts[index + 1], Raw)
        texts.append(f"{text[:-1]}\\$" if follows and text.endswith("$") else text)
    return f'"{"".join(texts)}"'


def _is_plain(parts: Sequence[str | Raw]) -> bool:
    """Whether an indented string holds it: Nix strips spaces there, and has its own escapes."""
    text = "".join(part if isinstance(part, str) else "x" for part in parts)
    own = "".join(part for part in parts if isinstance(part, str))
    return (
        text.endswith("\n")
        and text.strip() != ""
        and not text.startswith((" ", "\n"))
        and all(line == "" or line.strip(" ") for line in text.split("\n"))
        and not any(map(_is_refused, text.replace("\n", "")))
        and "'''" not in own
        and "'${" not in own
        and "$$" not in own
        and not any(isinstance(part, str) and part.endswith(("'", "$")) for part in parts)
    )


def _lines(parts: Sequence[str | Raw], depth: int) -> str:
    text = "".join(
        part.replace("''", "'''").replace("${", "''${")
        if isinstance(part, str)
        else f"${{{part.text}}}"
        for part in parts
    )
    inner = _STEP * (depth + 1)
    lines = (f"{inner}{line}" if line else "" for line in text.removesuffix("\n").split("\n"))
    return "\n".join(("''", *lines, f"{_STEP * depth}''"))
