"""Nix texts to syntax trees, with what Nix allows and the grammar does not know."""

from typing import TYPE_CHECKING, Final

from labkeeper.audit.syntax import Syntax
from labkeeper.source import Slice
from labkeeper.values import regex

if TYPE_CHECKING:
    from tree_sitter import Node

# nixfmt ends the last name of a function's pattern with a comma when it breaks the line; Nix takes
# it (parser.y, `formals`), tree-sitter-nix 0.1.0 does not.
_LAST_COMMA: Final = regex(r",(?=(?:\s|#[^\n]*\n)*\})")


def parsed(source: Slice) -> Syntax:
    """The tree of a text, read again without last commas where it seems broken."""
    syntax = Syntax("nix", source)
    if not syntax.broken:
        return syntax
    text = source.text
    for found in _LAST_COMMA.finditer(source.text):
        if not _in_string(syntax, found.start()):
            text = f"{text[: found.start()]} {text[found.end() :]}"
    if text == source.text:
        return syntax
    again = Syntax("nix", Slice(text, source.file, source.pieces, source.end))
    return syntax if again.broken else again


def _in_string(syntax: Syntax, at: int) -> bool:
    byte = len(syntax.source.text[:at].encode("utf-8", "surrogatepass"))
    here: Node | None = syntax.root.descendant_for_byte_range(byte, byte + 1)
    while here is not None:
        if here.type in {"string_expression", "indented_string_expression", "comment"}:
            # A function inside `${...}` is code again.
            return True
        if here.type == "interpolation":
            return False
        here = here.parent
    return False
