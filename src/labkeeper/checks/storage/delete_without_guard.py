"""A script that runs by itself deletes files without making sure of where it deletes."""

import re
from collections.abc import Iterator
from typing import Final

from labkeeper.checks.check import Check, Fault
from labkeeper.checks.storage.deleting import (
    finds_and_deletes,
    looks_for_dangling_links,
    places_searched,
)
from labkeeper.checks.unattended import Unattended, unattended
from labkeeper.checks.view import View
from labkeeper.plan import Command, Word
from labkeeper.source import Related
from labkeeper.values import regex

_LEADING: Final = regex(r"\$\{?(?P<name>[A-Za-z_]\w*)\}?(?P<rest>/.*)")
# Variables that systemd or the login always fill in.
_FILLED: Final = frozenset(
    {"HOME", "PWD", "RUNTIME_DIRECTORY", "STATE_DIRECTORY", "CACHE_DIRECTORY", "LOGS_DIRECTORY"}
    | {"CONFIGURATION_DIRECTORY", "CREDENTIALS_DIRECTORY", "OLDPWD", "XDG_RUNTIME_DIR"}
)


def check(view: View) -> Iterator[Fault]:
    """Looks at every `find ... -delete` and `rm -r` of scripts that no person starts."""
    for running in unattended(view.plan):
        for command in running.script.commands:
            if finds_and_deletes(command, running.script):
                yield from _found(view, running, command)
            elif command.name == "rm" and _is_recursive(command):
                yield from _emptied(running, command)


def _found(view: View, running: Unattended, command: Command) -> Iterator[Fault]:
    if looks_for_dangling_links(command):
        return
    for place in places_searched(command):
        mount = view.machines.mount_of(place.text, running.script.host)
        if mount is None or running.is_mounted(command, place.text):
            continue
        yield Fault(
            f"this deletes files under `{place.text}` without making sure that `{mount}` is "
            "mounted",
            command.at,
            f"stop first when it is not: `mountpoint -q {mount} || exit 0`\n"
            "then limit how much one run may delete, and spare what is still in use",
            tuple(_measured(running, mount)),
            subject=place.text,
        )


def _measured(running: Unattended, mount: str) -> Iterator[Related]:
    """`df` answers for the file system above when nothing is mounted."""
    for command in running.script.commands:
        if command.name == "df" and mount in command.arguments:
            yield Related(
                f"`df` measures the system's own disk when `{mount}` is not mounted",
                command.at,
            )


def _emptied(running: Unattended, command: Command) -> Iterator[Fault]:
    for word in command.words[1:]:
        found = _LEADING.fullmatch(word.text)
        if not found or word.literal or not _may_be_empty(running, command, found["name"]):
            continue
        yield Fault(
            f"this deletes `{found['rest']}` when `${found['name']}` is empty",
            word.at,
            f"let an empty variable end the script: `${{{found['name']}:?}}{found['rest']}`",
            subject=found["name"],
        )


def _is_recursive(command: Command) -> bool:
    return any(
        word == "--recursive" or (word[:1] == "-" and word[1:2] != "-" and set(word) & {"r", "R"})
        for word in command.arguments[1:]
    )


def _may_be_empty(running: Unattended, command: Command, name: str) -> bool:
    """Only where the script shows it: never set, or set to what a command prints."""
    script, unit = running.script, running.unit
    if name in _FILLED or any(use.defaulted for use in script.reads if use.name == name):
        return False
    if any(re.search(rf"\${{?{name}\b", guard) for guard in command.guards):
        return False
    given = [word for each in script.commands for key, word in each.assigns if key == name]
    if given:
        return all(_is_output(word) for word in given)
    if unit is None or unit.environment_files or unit.environment_open or name in script.sets:
        return False
    return name not in dict(unit.environment)


def _is_output(word: Word) -> bool:
    return word.text.startswith(("$(", "`")) and "mktemp" not in word.text


CHECK = Check("delete-without-guard", "warning", plan=check)
