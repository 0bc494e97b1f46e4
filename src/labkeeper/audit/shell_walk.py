"""Walks through a shell script in the order in which it runs, knowing what must hold where."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from labkeeper.audit.shell_words import Value, read_word
from labkeeper.audit.syntax import Syntax
from labkeeper.plan import Command, Redirect, Word

if TYPE_CHECKING:
    from tree_sitter import Node

_DEEPEST: Final = 60
_LEAVING: Final = frozenset({"exit", "return", "continue", "break", "die", "exec"})
# Under `set -e` such a command, alone on its line, ends the script when it fails.
_TESTING: Final = frozenset({"mountpoint", "findmnt", "test", "grep", "systemctl", "stat"})
_SUBSTITUTIONS: Final = frozenset({"command_substitution", "process_substitution"})
_SILENT: Final = frozenset({">&", "<&", ">&-", "<&-"})
_NAME: Final = re.compile(r"\$(?:\{(\w+)\}|(\w+))")


@dataclass(slots=True)
class State:
    """What is known at a point of the script."""

    values: dict[str, Value]
    guards: tuple[str, ...]

    def inner(self, *guards: str) -> "State":
        """The state in a block that runs under more conditions."""
        return State(dict(self.values), (*self.guards, *guards))


@dataclass(slots=True)
class Walk:
    """One script being walked through."""

    syntax: Syntax
    original: str
    errexit: bool
    commands: list[Command] = field(default_factory=list)
    pipelines: int = 0
    depth: int = 0
    # The place in a pipeline that the next command has.
    place: tuple[int, int] | None = None

    def block(self, nodes: "list[Node]", state: State) -> None:
        """Statements that follow each other; what one of them rules out holds for the next."""
        for node in nodes:
            self.statement(node, state)
            state.guards = (*state.guards, *self._outlived(node, state))

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
        number, step = self.place or (self._next(), 0)
        self.place = None
        words: list[Word] = []
        assigns: list[tuple[str, Word]] = []
        redirects: list[Redirect] = []
        for child in node.named_children:
            match child.type:
                case "variable_assignment":
                    assigns.extend(self._assigned(child, state))
                case "file_redirect" | "herestring_redirect":
                    redirects.extend(self._redirect(child, state))
                case _:
                    words.append(self._word(child, state))
        self.commands.append(
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
        given = node if node.type != "variable_assignment" else None
        nodes = given.named_children if given else [node]
        assigns = [
            pair
            for child in nodes
            if child.type == "variable_assignment"
            for pair in self._assigned(child, state)
        ]
        for name, word in assigns:
            # What a command prints is told apart better by the variable's own name.
            if word.text[:1] in {"$", "`"} and not word.literal:
                state.values.pop(name, None)
            else:
                state.values[name] = Value(word.text, word.literal)
        if assigns:
            at = self.syntax.at(node)
            self.commands.append(Command((), (), at, self._next(), 0, tuple(assigns), state.guards))
        self.substitutions(node, state)

    def pipeline(self, node: "Node", state: State, first: int = 0) -> None:
        """Commands that pass their output on; each runs in a shell of its own."""
        number = self.pipelines if first else self._next()
        for step, child in enumerate(node.named_children, start=first):
            self.place = number, step
            self.statement(child, state.inner())
        self.place = None

    def _next(self) -> int:
        self.pipelines += 1
        return self.pipelines

    def redirected(self, node: "Node", state: State) -> None:
        """A statement whose output goes somewhere; for a group that is said of its last command."""
        before = len(self.commands)
        redirects: list[Redirect] = []
        for child in node.named_children:
            match child.type:
                case "file_redirect":
                    redirects.extend(self._redirect(child, state))
                case "heredoc_redirect" | "herestring_redirect":
                    continue
                case _:
                    self.statement(child, state)
        last = self._last_outer(before)
        if last is not None and redirects:
            self.commands[last] = _redirected(self.commands[last], redirects)
        for child in node.named_children:
            if child.type == "heredoc_redirect":
                self._heredoc(child, state)

    def _last_outer(self, before: int) -> int | None:
        """The last command that is not inside a substitution of another one."""
        found = [at for at in range(before, len(self.commands)) if self.commands[at].words]
        if not found:
            return None
        inside = [self.commands[at].at for at in found]
        return next(
            at
            for at in reversed(found)
            if not any(o.start < self.commands[at].at.start and self.commands[at].at.end <= o.end
                       for o in inside)
        )  # fmt: skip

    def _heredoc(self, node: "Node", state: State) -> None:
        for child in node.named_children:
            match child.type:
                case "pipeline":
                    self.pipeline(child, state, first=1)
                case "file_redirect":
                    if found := list(self._redirect(child, state)):
                        last = len(self.commands) - 1
                        self.commands[last:] = [_redirected(c, found) for c in self.commands[last:]]
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
        tests = [child for child in _until(node, "then") if child.is_named]
        for test in tests:
            self.statement(test, state)
        holds = tuple(text for test in tests[-1:] for text in self.holding(test, state))
        fails = self.failing(tests[-1], state) if tests else ()
        assigned: set[str] = set()
        inner = state.inner(*holds)
        body = [
            child
            for child in node.named_children
            if child.type not in {"elif_clause", "else_clause"} and child not in tests
        ]
        self.block(body, inner)
        assigned |= _changed(state, inner)
        for clause in node.named_children:
            if clause.type in {"elif_clause", "else_clause"}:
                other = state.inner(*fails)
                step = self.condition if clause.type == "elif_clause" else self.plain
                step(clause, other)
                assigned |= _changed(state, other)
        _forget(state, assigned)

    def loop(self, node: "Node", state: State) -> None:
        """`for`, `while`, `until`: what is assigned inside is not known before it or after it."""
        inside = set(_assigned_names(self.syntax, node))
        _forget(state, inside)
        inner = state.inner()
        test = node.child_by_field_name("condition")
        body = node.child_by_field_name("body")
        if test is not None:
            self.statement(test, inner)
            if node.type == "while_statement" and self.syntax.text(node)[:5] != "until":
                inner.guards = (*inner.guards, *self.holding(test, inner))
        for value in node.children_by_field_name("value"):
            self.substitutions(value, inner, itself=True)
        if body is not None:
            self.block(body.named_children, inner)
        _forget(state, inside)

    def branches(self, node: "Node", state: State) -> None:
        """`case`, functions, subshells: their own state, and what they assign is forgotten."""
        inside = set(_assigned_names(self.syntax, node))
        if node.type == "function_definition":
            _forget(state, inside)
        for child in node.named_children:
            if child.type in {"word", "string", "concatenation", "extglob_pattern"}:
                self.substitutions(child, state, itself=True)
            else:
                self.statement(child, state.inner())
        if node.type != "subshell":
            _forget(state, inside)

    def listed(self, node: "Node", state: State) -> None:
        """`a && b`, `a || b`: the second runs only when the first went well, or did not."""
        parts = node.named_children
        if not parts:
            return
        self.statement(parts[0], state)
        also = any(child.type == "&&" for child in node.children)
        holds = self.holding(parts[0], state) if also else self.failing(parts[0], state)
        for part in parts[1:]:
            inner = state.inner(*holds)
            self.statement(part, inner)
            _forget(state, _changed(state, inner))

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

    def holding(self, node: "Node", state: State) -> tuple[str, ...]:
        """What is known when a condition held."""
        match node.type:
            case "list" if any(child.type == "&&" for child in node.children):
                return tuple(t for part in node.named_children for t in self.holding(part, state))
            case "redirected_statement" | "compound_statement" | "subshell" if node.named_children:
                return self.holding(node.named_children[0], state)
            case "negated_command" if node.named_children:
                return self.failing(node.named_children[0], state)
        return (self.shown(node, state),)

    def failing(self, node: "Node", state: State) -> tuple[str, ...]:
        """What is known when a condition did not hold."""
        match node.type:
            case "list" if any(child.type == "||" for child in node.children):
                return tuple(t for part in node.named_children for t in self.failing(part, state))
            case "list":
                return ()
            case "redirected_statement" if node.named_children:
                return self.failing(node.named_children[0], state)
            case "negated_command" if node.named_children:
                return self.holding(node.named_children[0], state)
        return (f"! {self.shown(node, state)}",)

    def shown(self, node: "Node", state: State) -> str:
        """A condition's text, with the variables in it that are known."""
        raw = self.original[self.syntax.start(node) : self.syntax.end(node)]

        def value(found: "re.Match[str]") -> str:
            known = state.values.get(found[1] or found[2])
            return known.text if known else found[0]

        return " ".join(_NAME.sub(value, raw).replace('"', "").split())

    def _outlived(self, node: "Node", state: State) -> tuple[str, ...]:
        """What must have held for a script to get past a statement."""
        match node.type:
            case "list" if len(node.named_children) == 2 and _leaves(node.named_children[1]):
                first = node.named_children[0]
                also = any(child.type == "&&" for child in node.children)
                return self.failing(first, state) if also else self.holding(first, state)
            case "if_statement":
                tests = [child for child in _until(node, "then") if child.is_named]
                kinds = {child.type for child in node.named_children}
                if tests and not kinds & {"elif_clause", "else_clause"} and _leaves(node):
                    return self.failing(tests[-1], state)
            case "test_command" if self.errexit:
                return self.holding(node, state)
            case "command" if self.errexit and self._name(node) in _TESTING:
                return self.holding(node, state)
            case "redirected_statement" if node.named_children and self.errexit:
                return self._outlived(node.named_children[0], state)
        return ()

    def _name(self, node: "Node") -> str:
        name = node.child_by_field_name("name")
        return self.syntax.text(name).rsplit("/", 1)[-1] if name else ""

    def _word(self, node: "Node", state: State) -> Word:
        return read_word(self.syntax, self.original, node, state.values)

    def _assigned(self, node: "Node", state: State) -> Iterator[tuple[str, Word]]:
        name = node.child_by_field_name("name")
        value = node.child_by_field_name("value")
        if name is None:
            return
        added = any(child.type == "+=" for child in node.children)
        if value is None:
            yield self.syntax.text(name), Word("", not added, self.syntax.at(node))
        else:
            word = self._word(value, state)
            yield self.syntax.text(name), Word(word.text, word.literal and not added, word.at)

    def _redirect(self, node: "Node", state: State) -> Iterator[Redirect]:
        target = node.child_by_field_name("destination")
        operator = next((c.type for c in node.children if not c.is_named), "")
        if target is not None and operator not in _SILENT:
            yield Redirect(operator, self._word(target, state), self.syntax.at(node))


def _is_errexit(word: str) -> bool:
    return word == "errexit" or (word.startswith("-") and "e" in word and word[1:2] != "-")


def _redirected(command: Command, redirects: list[Redirect]) -> Command:
    return Command(command.words, (*command.redirects, *redirects), command.at, command.pipeline,
                   command.step, command.assigns, command.guards)  # fmt: skip


def _until(node: "Node", word: str) -> "Iterator[Node]":
    for child in node.children:
        if child.type == word:
            return
        yield child


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


def _assigned_names(syntax: Syntax, node: "Node") -> Iterator[str]:
    waiting = [node]
    while waiting:
        here = waiting.pop()
        waiting.extend(here.named_children)
        if here.type in {"variable_assignment", "for_statement", "select_statement"}:
            name = here.child_by_field_name("name") or here.child_by_field_name("variable")
            if name is not None:
                yield syntax.text(name)


def _changed(outer: State, inner: State) -> set[str]:
    return {name for name, value in inner.values.items() if outer.values.get(name) != value}


def _forget(state: State, names: set[str]) -> None:
    for name in names:
        state.values.pop(name, None)


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
