"""Shell scripts to their commands: what runs, on what, under which conditions."""

from collections.abc import Iterator

from labkeeper.audit.folder import Skipped
from labkeeper.audit.hosts import host_of
from labkeeper.audit.opened import Opened
from labkeeper.audit.shell_conditions import Conditions
from labkeeper.audit.shell_metrics import produced
from labkeeper.audit.shell_state import State
from labkeeper.audit.shell_variables import read_in, set_in
from labkeeper.audit.shell_walk import Walk
from labkeeper.audit.shell_words import HOLE, Words
from labkeeper.audit.syntax import Syntax
from labkeeper.plan import HostEngine, Plan, Script
from labkeeper.source import Slice


def open_shell(source: Slice, inside: bool) -> Opened:
    """A script file, or commands that a guide shows to be typed."""
    # A guide that shows a script with its first line shows a file to be made of it.
    typed = inside and not source.text.lstrip().startswith("#!")
    script = read_script(source, host_of(source.file), None, interactive=typed)
    if script is None:
        # The grammar does not know all that bash does: nothing is wrong with the file for sure.
        reason = "not a shell script that can be read here"
        return Opened(skipped=() if inside else (Skipped(source.file, reason, meant=True),))
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
    walk = Walk(syntax, Words(syntax, text.text), Conditions(syntax, text.text), errexit)
    walk.statement(syntax.root, State({}, ()))
    return Script(
        text=text,
        host=host,
        owner=owner,
        at=text.span,
        commands=tuple(walk.commands.found),
        reads=tuple(read_in(syntax)),
        sets=frozenset(set_in(syntax, walk.commands.found)),
        interactive=interactive,
    )


def _marked(text: Slice, holes: tuple[tuple[int, int], ...]) -> Slice:
    """The text with its holes covered, so that the shell's reader takes them for plain words."""
    marked = text.text
    for start, end in holes:
        marked = marked[:start] + HOLE * (end - start) + marked[end:]
    return Slice(marked, text.file, text.pieces, text.end)


def _engines(script: Script) -> Iterator[HostEngine]:
    """Commands of podman or docker that a guide has its reader type."""
    for command in script.commands:
        at = next((w.at for w in command.words if w.text == command.name), command.at)
        if command.name == "podman":
            yield HostEngine("podman", script.host, at)
        elif command.name == "docker":
            yield HostEngine("docker", script.host, at)
