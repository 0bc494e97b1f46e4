"""Cron tables to scripts: each line is a command that the machine runs by itself."""

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from labkeeper.audit.hosts import host_of
from labkeeper.audit.opened import Opened
from labkeeper.audit.shell import read_script
from labkeeper.audit.shell_metrics import produced
from labkeeper.plan import Plan, Script
from labkeeper.source import Slice
from labkeeper.values import regex

# crontab(5).
_FIELD: Final = r"[\d*,/A-Za-z~-]+"
_ENTRY: Final = regex(
    rf"[ \t]*(?:@(?:reboot|yearly|annually|monthly|weekly|daily|midnight|hourly)"
    rf"|(?:{_FIELD}[ \t]+){{4}}{_FIELD})[ \t]+(?P<command>\S.*)"
)
_VARIABLE: Final = regex(r"[ \t]*(?P<name>[A-Za-z_]\w*)[ \t]*=")
_USER: Final = regex(r"(?P<user>[a-z_][a-z0-9_-]*\$?)[ \t]+(?=\S)")
_SYSTEM: Final = regex(r"(?:.*/)?(?:etc/crontab|cron\.d/[^/]+)")
_COMMENT: Final = "#"


def open_crontab(source: Slice, _inside: bool) -> Opened:
    """The commands of a table, each a script of its own."""
    scripts = tuple(_scripts(source))
    return Opened(Plan(scripts=scripts, produced=tuple(produced(scripts))))


def system_entry(line: Slice, host: str) -> Script | None:
    """The command of one line of a system's table, which names its user."""
    entry = _ENTRY.fullmatch(line.text)
    if entry is None:
        return None
    command = line.cut(entry.start("command"), entry.end("command"))
    return _script(_without_user(command), host, frozenset())


def _scripts(source: Slice) -> Iterator[Script]:
    host = host_of(source.file)
    commands, names = _commands(source)
    # A table of the system has one more column, the user; a user's own has not.
    system = _SYSTEM.fullmatch(source.file) or all(
        command.text.startswith("root ") for command in commands
    )
    for command in commands:
        script = _script(_without_user(command) if system else command, host, names)
        if script:
            yield script


def _commands(source: Slice) -> tuple[list[Slice], frozenset[str]]:
    commands: list[Slice] = []
    names: set[str] = set()
    at = 0
    for line in source.text.split("\n"):
        if not line.lstrip().startswith(_COMMENT):
            entry, variable = _ENTRY.fullmatch(line.rstrip()), _VARIABLE.match(line)
            if entry:
                commands.append(source.cut(at + entry.start("command"), at + entry.end("command")))
            elif variable:
                names.add(variable["name"])
        at += len(line) + 1
    return commands, frozenset(names)


def _without_user(command: Slice) -> Slice:
    found = _USER.match(command.text)
    return command.cut(found.end(), len(command.text)) if found else command


def _script(command: Slice, host: str, names: frozenset[str]) -> Script | None:
    found = read_script(_shell(command), host, None)
    return replace(found, sets=found.sets | names) if found else None


def _shell(command: Slice) -> Slice:
    """What the shell gets: the first bare `%` ends the command, `\\%` is a percent sign."""
    escapes: list[tuple[int, int, str]] = []
    end = len(command.text)
    for found in re.finditer(r"\\?%", command.text):
        if found[0] == "%":
            end = found.start()
            break
        escapes.append((found.start(), found.end(), "%"))
    return command.cut(0, end).filled(escapes)
