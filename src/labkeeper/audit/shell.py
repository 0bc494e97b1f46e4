"""Shell scripts to their commands: what runs, on what, under which conditions."""

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from labkeeper.audit.folder import Skipped
from labkeeper.audit.hosts import host_of
from labkeeper.audit.opened import Opened
from labkeeper.audit.shell_metrics import produced
from labkeeper.audit.shell_walk import State, Walk
from labkeeper.audit.shell_words import HOLE
from labkeeper.audit.syntax import Syntax
from labkeeper.plan import HostEngine, Plan, Script, VariableUse
from labkeeper.source import Slice

if TYPE_CHECKING:
    from tree_sitter import Node

_SETTING: Final = frozenset({"read", "mapfile", "readarray", "getopts", "printf"})
_HANDLED: Final = frozenset({":-", "-", ":=", "=", ":?", "?", ":+", "+"})
_TESTED: Final = re.compile(r"-[nzv]\s+\"?\$?\{?(\w+)")
_NAME: Final = re.compile(r"[A-Za-z_]\w*")


def open_shell(source: Slice, inside: bool) -> Opened:
    """A script file, or commands that a guide shows to be typed."""
    # A guide that shows a script with its first line shows a file to be made of it.
    typed = inside and not source.text.lstrip().startswith("#!")
    script = read_script(source, host_of(source.file), None, interactive=typed)
    if script is None:
        reason = "not a shell script that can be read here"
        return Opened(skipped=() if inside else (Skipped(source.file, reason),))
    engines = tuple(_engines(script)) if typed else ()
    return Opened(Plan(scripts=(script,), engines=engines, produced=tuple(produced([script]))))


def read_script(  # noqa: PLR0913 - each is a fact of its own, and all but three have a default
    text: Slice,
    host: str,
    owner: str | None,
    *,
    interactive: bool = False,
    holes: tuple[tuple[int, int], ...] = (),
    errexit: bool = False,
) -> Script | None:
    """A script taken apart; none where it is no shell. `holes` are filled in by another language.

    A guide's `<name>` is no shell either, so what is typed by hand is read as far as it goes.
    """
    syntax = Syntax("bash", _marked(text, holes))
    if syntax.broken and not interactive:
        return None
    walk = Walk(syntax, text.text, errexit)
    walk.statement(syntax.root, State({}, ()))
    return Script(
        text=text,
        host=host,
        owner=owner,
        at=text.span,
        commands=tuple(walk.commands),
        reads=tuple(_reads(syntax)),
        sets=frozenset(_sets(syntax, walk)),
        interactive=interactive,
    )


def _marked(text: Slice, holes: tuple[tuple[int, int], ...]) -> Slice:
    """The text with its holes covered, so that the shell's reader takes them for plain words."""
    marked = text.text
    for start, end in holes:
        marked = marked[:start] + HOLE * (end - start) + marked[end:]
    return Slice(marked, text.file, text.pieces, text.end)


def _walk(node: "Node") -> "Iterator[Node]":
    waiting = [node]
    while waiting:
        here = waiting.pop()
        yield here
        waiting.extend(reversed(here.children))


def _reads(syntax: Syntax) -> Iterator[VariableUse]:
    tested = set(_TESTED.findall(syntax.source.text))
    for node in _walk(syntax.root):
        if node.type not in {"simple_expansion", "expansion"}:
            continue
        name = next((c for c in node.named_children if c.type == "variable_name"), None)
        if name is None or not _NAME.fullmatch(syntax.text(name)):
            continue
        handled = any(child.type in _HANDLED for child in node.children)
        called = syntax.text(name)
        yield VariableUse(called, handled or called in tested, syntax.at(node))


def _sets(syntax: Syntax, walk: Walk) -> Iterator[str]:
    for node in _walk(syntax.root):
        match node.type:
            case "variable_assignment" | "for_statement" | "select_statement":
                name = node.child_by_field_name("name") or node.child_by_field_name("variable")
                if name is not None:
                    yield syntax.text(name)
            case "declaration_command":
                yield from (syntax.text(c) for c in node.named_children if c.type != "word")
            case "c_style_for_statement" | "arithmetic_expansion":
                yield from _NAME.findall(syntax.text(node))
    for command in walk.commands:
        if command.name in _SETTING:
            yield from (word for word in command.arguments if _NAME.fullmatch(word))


def _engines(script: Script) -> Iterator[HostEngine]:
    """Commands of podman or docker that a guide has its reader type."""
    for command in script.commands:
        at = next((w.at for w in command.words if w.text == command.name), command.at)
        if command.name == "podman":
            yield HostEngine("podman", script.host, at)
        elif command.name == "docker":
            yield HostEngine("docker", script.host, at)
