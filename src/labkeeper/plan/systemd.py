"""systemd units and the commands in them, and every other script that a stack runs."""

from typing import Literal

from labkeeper.source import Slice, Span
from labkeeper.values import dataclass


@dataclass(frozen=True, slots=True)
class Word:
    """A word of a command as the shell would see it; `literal` where no expansion is left in it."""

    text: str
    literal: bool
    at: Span


@dataclass(frozen=True, slots=True)
class Redirect:
    """Output or input that goes to or comes from a file."""

    operator: str
    target: Word
    at: Span


@dataclass(frozen=True, slots=True)
class Command:
    """One simple command, wherever in the script it stands."""

    words: tuple[Word, ...]
    redirects: tuple[Redirect, ...]
    at: Span
    # Commands of one pipeline share a number; `step` is the place in it.
    pipeline: int
    step: int
    # Variables that this command sets for itself or for the script, by name.
    assigns: tuple[tuple[str, Word], ...] = ()
    # Conditions (`if`, `&&`, `while`, an `exit` before it) that hold where it runs, one text each:
    # `mountpoint -q /mnt/hot`; one that begins with `! ` must have failed.
    guards: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """The program, without its folder and without sudo, nice, ionice and the like."""
        skipped = {"sudo", "nice", "ionice", "exec", "command", "time", "nohup", "env"}
        for word in self.words:
            last = word.text.rsplit("/", 1)[-1]
            if last not in skipped and not last.startswith("-") and "=" not in last:
                return last
        return ""

    @property
    def arguments(self) -> tuple[str, ...]:
        """Its words as text."""
        return tuple(word.text for word in self.words)


@dataclass(frozen=True, slots=True)
class VariableUse:
    """A variable that a script reads."""

    name: str
    # Whether the script itself says what to take when it is not set (`${X:-y}`).
    defaulted: bool
    at: Span


@dataclass(frozen=True, slots=True)
class Script:
    """Shell text, taken apart. `owner` is the unit or container that runs it, where one does."""

    text: Slice
    host: str
    owner: str | None
    at: Span
    commands: tuple[Command, ...]
    reads: tuple[VariableUse, ...]
    # Names set by the script itself: assignments, for-loops, read, functions' locals, export.
    sets: frozenset[str]
    # An example in a guide, typed by hand, as against a script that a machine runs by itself.
    interactive: bool = False


@dataclass(frozen=True, slots=True)
class ListenPort:
    """A TCP port that a unit is told to listen on, and where."""

    number: int
    at: Span


@dataclass(frozen=True, slots=True)
class Unit:
    """A systemd unit, `name` with its suffix; those of NixOS modules too."""

    name: str
    host: str
    at: Span
    kind: Literal["service", "timer", "mount", "automount", "path", "socket", "target", "other"]
    # Units or targets that pull it in (WantedBy, RequiredBy, a timer, a path, a socket, startAt).
    started_by: tuple[str, ...] = ()
    # Whether what starts it may stand in files that are not here.
    started_elsewhere: bool = False
    # Whether it only adds to a unit that is declared where it is not shown.
    partial: bool = False
    activates: str | None = None
    # Units that it pulls in itself (Wants, Requires, OnFailure, Also, a timer's Unit).
    starts: tuple[str, ...] = ()
    calendar: tuple[Slice, ...] = ()
    environment: tuple[tuple[str, Slice], ...] = ()
    environment_files: tuple[Slice, ...] = ()
    # Whether it may have variables that are not shown (a set that a function builds).
    environment_open: bool = False
    requires_mounts: tuple[str, ...] = ()
    conditions: tuple[tuple[str, Slice], ...] = ()
    user: str | None = None
    after: tuple[str, ...] = ()
    requires: tuple[str, ...] = ()
    scripts: tuple[Script, ...] = ()
    # Ports that its settings give it; none where they say nothing.
    listens: tuple[ListenPort, ...] = ()
