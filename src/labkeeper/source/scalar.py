"""What a piece of text says when a certain type is expected of it."""

import typing
from collections.abc import Callable, Mapping
from typing import Any, Final, Literal

from labkeeper.source.nearness import did_you_mean
from labkeeper.source.text import Slice
from labkeeper.source.tree import Scalar
from labkeeper.values import dataclass, regex

# Python's own `int` and `float` also take `1_000`, `nan` and digits of other scripts.
_WHOLE: Final = regex(r"[-+]?[0-9]+")
_NUMBER: Final = regex(r"[-+]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][-+]?[0-9]+)?")


@dataclass(frozen=True, slots=True)
class Refused:
    """Why a text is not what was expected."""

    message: str
    help: str | None = None


class UnreadableError(ValueError):
    """What a `parse` raises that knows how to put it right."""

    def __init__(self, message: str, hint: str | None = None) -> None:
        super().__init__(message)
        self.hint = hint


def read_scalar(node: Scalar, want: Any) -> Any:
    """The value, or a `Refused`. A class with a `parse(text)` reads its own text.

    Where such a value has a method `placed(span)`, it is told where it stands.
    """
    if typing.get_origin(want) is Literal:
        return _word(node, typing.get_args(want))
    if reader := _READERS.get(want):
        found = reader(node)
        return _expected(want, node) if found is None else found
    try:
        value = want.parse(node.value)
    except ValueError as error:
        return Refused(str(error), error.hint if isinstance(error, UnreadableError) else None)
    return value.placed(node.span) if hasattr(value, "placed") else value


def reads_itself(want: type) -> bool:
    """Whether text alone makes one, though it may be a record inside."""
    return want in _READERS or hasattr(want, "parse")


def words_for(want: Any) -> str:
    """What is expected, in words."""
    if typing.get_origin(want) is Literal:
        return "one of " + ", ".join(f"`{word}`" for word in typing.get_args(want))
    return _WORDS.get(want) or getattr(want, "WORDS", None) or f"a {want.__name__.lower()}"


def _word(node: Scalar, words: tuple[Any, ...]) -> Any:
    if node.value in words:
        return node.value
    listed = ", ".join(f"`{word}`" for word in words)
    return Refused(
        f"expected one of {listed}, found `{node.value}`", did_you_mean(node.value, words)
    )


def _expected(want: Any, node: Scalar) -> Refused:
    return Refused(f"expected {_WORDS[want]}, found `{node.value}`")


def _whole(node: Scalar) -> int | None:
    # Python refuses to read more than 4,300 digits.
    fits = len(node.value) < 20 and _WHOLE.fullmatch(node.value)
    return int(node.value) if fits else None


def _number(node: Scalar) -> float | None:
    return float(node.value) if _NUMBER.fullmatch(node.value) else None


_READERS: Final[Mapping[Any, Callable[[Scalar], Any]]] = {
    str: lambda node: node.value,
    Slice: lambda node: node.text,
    int: _whole,
    float: _number,
    bool: lambda node: node.truth,
}
_WORDS: Final[Mapping[Any, str]] = {
    str: "text",
    Slice: "text",
    int: "a whole number",
    float: "a number",
    bool: "`true` or `false`",
}
