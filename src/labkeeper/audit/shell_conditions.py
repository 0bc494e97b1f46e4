"""What a shell script's conditions tell: where one held, where it failed, what got past it."""

import re
from typing import TYPE_CHECKING, Final

from labkeeper.audit.shell_state import State
from labkeeper.audit.syntax import Syntax
from labkeeper.values import dataclass, regex

if TYPE_CHECKING:
    from tree_sitter import Node

_LEAVING: Final = frozenset({"exit", "return", "continue", "break", "die", "exec"})
# Under `set -e` such a command, alone on its line, ends the script when it fails.
_TESTING: Final = frozenset({"mountpoint", "findmnt", "test", "grep", "systemctl", "stat"})
_NAME: Final = regex(r"\$(?:\{(\w+)\}|(\w+))")


@dataclass(frozen=True, slots=True)
class Conditions:
    """The conditions of one script; `original` is its text before its holes were marked."""

    syntax: Syntax
    original: str

    def holding(self, node: "Node", state: State) -> tuple[str, ...]:
        """What is known when a condition held."""
        match node.type:
            case "list" if joined_by(node, "&&"):
                return tuple(t for part in node.named_children for t in self.holding(part, state))
            case "redirected_statement" | "compound_statement" | "subshell" if node.named_children:
                return self.holding(node.named_children[0], state)
            case "negated_command" if node.named_children:
                return self.failing(node.named_children[0], state)
        return (self._shown(node, state),)

    def failing(self, node: "Node", state: State) -> tuple[str, ...]:
        """What is known when a condition did not hold."""
        match node.type:
            case "list" if joined_by(node, "||"):
                return tuple(t for part in node.named_children for t in self.failing(part, state))
            case "list":
                return ()
            case "redirected_statement" if node.named_children:
                return self.failing(node.named_children[0], state)
            case "negated_command" if node.named_children:
                return self.holding(node.named_children[0], state)
        return (f"! {self._shown(node, state)}",)

    def outlived(self, node: "Node", state: State, *, errexit: bool) -> tuple[str, ...]:
        """What must have held for a script to get past a statement."""
        match node.type:
            case "list" if len(node.named_children) == 2 and _leaves(node.named_children[1]):
                first = node.named_children[0]
                and_then = joined_by(node, "&&")
                return self.failing(first, state) if and_then else self.holding(first, state)
            case "if_statement":
                tests = tests_of(node)
                kinds = {child.type for child in node.named_children}
                if tests and not kinds & {"elif_clause", "else_clause"} and _leaves(node):
                    return self.failing(tests[-1], state)
            case "test_command" if errexit:
                return self.holding(node, state)
            case "command" if errexit and self._name(node) in _TESTING:
                return self.holding(node, state)
            case "redirected_statement" if errexit and node.named_children:
                return self.outlived(node.named_children[0], state, errexit=errexit)
        return ()

    def _shown(self, node: "Node", state: State) -> str:
        """A condition's text, with the variables in it that are known."""
        raw = self.original[self.syntax.start(node) : self.syntax.end(node)]

        def value(found: "re.Match[str]") -> str:
            known = state.values.get(found[1] or found[2])
            return known.text if known else found[0]

        return " ".join(_NAME.sub(value, raw).replace('"', "").split())

    def _name(self, node: "Node") -> str:
        name = node.child_by_field_name("name")
        return self.syntax.text(name).rsplit("/", 1)[-1] if name else ""


def joined_by(node: "Node", operator: str) -> bool:
    """Whether `&&` or `||` stands between the parts of a list."""
    return any(child.type == operator for child in node.children)


def tests_of(node: "Node") -> "list[Node]":
    """What an `if` or `elif` runs before its `then`."""
    tests: list[Node] = []
    for child in node.children:
        if child.type == "then":
            break
        if child.is_named:
            tests.append(child)
    return tests


def _leaves(node: "Node") -> bool:
    """Whether a statement ends with leaving the script, the function or the round of the loop."""
    while node.named_children and node.type in {
        "if_statement",
        "compound_statement",
        "list",
        "redirected_statement",
    }:
        node = node.named_children[0 if node.type == "redirected_statement" else -1]
    name = node.child_by_field_name("name") if node.type == "command" else None
    return name is not None and name.text is not None and name.text.decode() in _LEAVING
