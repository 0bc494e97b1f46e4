"""Walks through a shell script in the order in which it runs, knowing what must hold where."""

from collections.abc import Callable
from dataclasses import field
from typing import TYPE_CHECKING, Final

from labkeeper.audit.shell_commands import Commands
from labkeeper.audit.shell_conditions import Conditions, joined_by, tests_of
from labkeeper.audit.shell_state import State
from labkeeper.audit.shell_variables import assigned_in
from labkeeper.audit.shell_words import Words
from labkeeper.audit.syntax import Syntax
from labkeeper.plan import Command, Redirect, Word
from labkeeper.values import dataclass

if TYPE_CHECKING:
    from tree_sitter import Node

_DEEPEST: Final = 60
_SUBSTITUTIONS: Final = frozenset({"command_substitution", "process_substitution"})


@dataclass(slots=True)
class Walk:
    """One script being walked through."""

    syntax: Syntax
    words: Words
    conditions: Conditions
    errexit: bool
    commands: Commands = field(default_factory=Commands)
    depth: int = 0

    def block(self, nodes: "list[Node]", state: State) -> None:
        """Statements that follow each other; what one of them rules out holds for the next."""
        for node in nodes:
            self.statement(node, state)
            outlived = self.conditions.outlived(node, state, errexit=self.errexit)
            state.guards = (*state.guards, *outlived)

    def statement(self, node: "Node", state: State) -> None:
        """One statement of any kind."""
        if self.depth >= _DEEPEST:
            return
        self.depth += 1
        step = _STATEMENTS.get(node.type, Walk.plain)
        step(self, node, state)
        self.depth -= 1

    def plain(self, node: "Node", state: State) -> None:
        """Whatever holds statements without saying when they run."""
        self.block(node.named_children, state)

    def command(self, node: "Node", state: State) -> None:
        """A simple command."""
        number, step = self.commands.next_place()
        words: list[Word] = []
        assigns: list[tuple[str, Word]] = []
        redirects: list[Redirect] = []
        for child in node.named_children:
            match child.type:
                case "variable_assignment":
                    assigns.extend(self.words.assigned(child, state.values))
                case "file_redirect" | "herestring_redirect":
                    redirects.extend(self.words.redirected(child, state.values))
                case _:
                    words.append(self.words.word(child, state.values))
        self.commands.found.append(
            Command(
                tuple(words),
                tuple(redirects),
                self.syntax.at(node),
                number,
                step,
                tuple(assigns),
                state.guards,
            )
        )
        if words and words[0].text == "set" and any(_is_errexit(word.text) for word in words[1:]):
            self.errexit = True
        self.substitutions(node, state)

    def assignment(self, node: "Node", state: State) -> None:
        """`X=value`, by itself or after `export`."""
        nodes = [node] if node.type == "variable_assignment" else node.named_children
        assigns = [
            pair
            for child in nodes
            if child.type == "variable_assignment"
            for pair in self.words.assigned(child, state.values)
        ]
        state.assign(assigns)
        if assigns:
            at = self.syntax.at(node)
            number = self.commands.next_pipeline()
            self.commands.found.append(Command((), (), at, number, 0, tuple(assigns), state.guards))
        self.substitutions(node, state)

    def pipeline(self, node: "Node", state: State, first: int = 0) -> None:
        """Commands that pass their output on; each runs in a shell of its own."""
        number = self.commands.pipelines if first else self.commands.next_pipeline()
        for step, child in enumerate(node.named_children, start=first):
            self.commands.place = number, step
            self.statement(child, state.inner())
        self.commands.place = None

    def redirected(self, node: "Node", state: State) -> None:
        """A statement whose output goes somewhere; for a group that is said of its last command."""
        before = len(self.commands.found)
        redirects: list[Redirect] = []
        for child in node.named_children:
            match child.type:
                case "file_redirect":
                    redirects.extend(self.words.redirected(child, state.values))
                case "heredoc_redirect" | "herestring_redirect":
                    continue
                case _:
                    self.statement(child, state)
        if redirects:
            self.commands.redirect(redirects, since=before)
        for child in node.named_children:
            if child.type == "heredoc_redirect":
                self._heredoc(child, state)

    def _heredoc(self, node: "Node", state: State) -> None:
        for child in node.named_children:
            match child.type:
                case "pipeline":
                    self.pipeline(child, state, first=1)
                case "file_redirect":
                    if redirects := list(self.words.redirected(child, state.values)):
                        self.commands.redirect_last(redirects)
                case "command":
                    self.command(child, state)
                case "heredoc_body":
                    self.substitutions(child, state)
                case "heredoc_start" | "heredoc_end" | "file_descriptor":
                    pass
                case _:
                    self.statement(child, state)

    def condition(self, node: "Node", state: State) -> None:
        """`if`, with all its branches."""
        tests = tests_of(node)
        for test in tests:
            self.statement(test, state)
        holds = tuple(text for test in tests[-1:] for text in self.conditions.holding(test, state))
        fails = self.conditions.failing(tests[-1], state) if tests else ()
        assigned: set[str] = set()
        inner = state.inner(*holds)
        body = [
            child
            for child in node.named_children
            if child.type not in {"elif_clause", "else_clause"} and child not in tests
        ]
        self.block(body, inner)
        assigned |= state.changed_in(inner)
        for clause in node.named_children:
            if clause.type in {"elif_clause", "else_clause"}:
                other = state.inner(*fails)
                step = self.condition if clause.type == "elif_clause" else self.plain
                step(clause, other)
                assigned |= state.changed_in(other)
        state.forget(assigned)

    def loop(self, node: "Node", state: State) -> None:
        """`for`, `while`, `until`: what is assigned inside is not known before it or after it."""
        inside = set(assigned_in(self.syntax, node))
        state.forget(inside)
        inner = state.inner()
        test = node.child_by_field_name("condition")
        body = node.child_by_field_name("body")
        if test is not None:
            self.statement(test, inner)
            if node.type == "while_statement" and self.syntax.text(node)[:5] != "until":
                inner.guards = (*inner.guards, *self.conditions.holding(test, inner))
        for value in node.children_by_field_name("value"):
            self.substitutions(value, inner, itself=True)
        if body is not None:
            self.block(body.named_children, inner)
        state.forget(inside)

    def branches(self, node: "Node", state: State) -> None:
        """`case`, functions, subshells: their own state, and what they assign is forgotten."""
        inside = set(assigned_in(self.syntax, node))
        if node.type == "function_definition":
            state.forget(inside)
        for child in node.named_children:
            if child.type in {"word", "string", "concatenation", "extglob_pattern"}:
                self.substitutions(child, state, itself=True)
            else:
                self.statement(child, state.inner())
        if node.type != "subshell":
            state.forget(inside)

    def listed(self, node: "Node", state: State) -> None:
        """`a && b`, `a || b`: the second runs only when the first went well, or did not."""
        parts = node.named_children
        if not parts:
            return
        self.statement(parts[0], state)
        known = self.conditions.holding if joined_by(node, "&&") else self.conditions.failing
        holds = known(parts[0], state)
        for part in parts[1:]:
            inner = state.inner(*holds)
            self.statement(part, inner)
            state.forget(state.changed_in(inner))

    def test(self, node: "Node", state: State) -> None:
        """`[ ... ]`: no command of its own, though some may run inside."""
        self.substitutions(node, state)

    def substitutions(self, node: "Node", state: State, *, itself: bool = False) -> None:
        """The commands whose output stands in a word, the outermost ones of them."""
        waiting = [node] if itself else list(node.named_children)
        while waiting:
            here = waiting.pop(0)
            if here.type in _SUBSTITUTIONS:
                self.statement(here, state.inner())
            else:
                waiting = [*here.named_children, *waiting]


def _is_errexit(word: str) -> bool:
    return word == "errexit" or (word.startswith("-") and "e" in word and word[1:2] != "-")


def _nothing(_walk: Walk, _node: "Node", _state: State) -> None:
    """A comment, a word: nothing that runs."""


_STATEMENTS: Final[dict[str, Callable[[Walk, "Node", State], None]]] = {
    "command": Walk.command,
    "variable_assignment": Walk.assignment,
    "variable_assignments": Walk.assignment,
    "declaration_command": Walk.assignment,
    "pipeline": Walk.pipeline,
    "redirected_statement": Walk.redirected,
    "if_statement": Walk.condition,
    "for_statement": Walk.loop,
    "select_statement": Walk.loop,
    "c_style_for_statement": Walk.loop,
    "while_statement": Walk.loop,
    "case_statement": Walk.branches,
    "case_item": Walk.branches,
    "function_definition": Walk.branches,
    "subshell": Walk.branches,
    "list": Walk.listed,
    "test_command": Walk.test,
    "comment": _nothing,
    "word": _nothing,
    "variable_name": _nothing,
}
