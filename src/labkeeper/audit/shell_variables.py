"""The variables of a shell script: which it reads, and which it gives a value."""

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Final

from labkeeper.audit.syntax import Syntax
from labkeeper.plan import Command, VariableUse
from labkeeper.values import regex

if TYPE_CHECKING:
    from tree_sitter import Node

_SETTING: Final = frozenset({"read", "mapfile", "readarray", "getopts", "printf"})
_HANDLED: Final = frozenset({":-", "-", ":=", "=", ":?", "?", ":+", "+"})
_TESTED: Final = regex(r"-[nzv]\s+\"?\$?\{?(\w+)")
_NAME: Final = regex(r"[A-Za-z_]\w*")


def read_in(syntax: Syntax) -> Iterator[VariableUse]:
    """Each place where a variable's value is asked for."""
    tested = set(_TESTED.findall(syntax.source.text))
    for node in _below(syntax.root):
        if node.type not in {"simple_expansion", "expansion"}:
            continue
        name = next((c for c in node.named_children if c.type == "variable_name"), None)
        if name is None or not _NAME.fullmatch(syntax.text(name)):
            continue
        handled = any(child.type in _HANDLED for child in node.children)
        called = syntax.text(name)
        yield VariableUse(called, handled or called in tested, syntax.at(node))


def set_in(syntax: Syntax, commands: Iterable[Command]) -> Iterator[str]:
    """The names that get a value anywhere, be it from a command such as `read`."""
    yield from assigned_in(syntax, syntax.root)
    for node in _below(syntax.root):
        match node.type:
            case "declaration_command":
                yield from (syntax.text(c) for c in node.named_children if c.type != "word")
            case "c_style_for_statement" | "arithmetic_expansion":
                yield from _NAME.findall(syntax.text(node))
    for command in commands:
        if command.name in _SETTING:
            yield from (word for word in command.arguments if _NAME.fullmatch(word))


def assigned_in(syntax: Syntax, node: "Node") -> Iterator[str]:
    """The names that a statement, or one inside it, assigns or loops over."""
    for here in _below(node):
        if here.type in {"variable_assignment", "for_statement", "select_statement"}:
            name = here.child_by_field_name("name") or here.child_by_field_name("variable")
            if name is not None:
                yield syntax.text(name)


def _below(node: "Node") -> "Iterator[Node]":
    waiting = [node]
    while waiting:
        here = waiting.pop()
        yield here
        waiting.extend(reversed(here.children))
