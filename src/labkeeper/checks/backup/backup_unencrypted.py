"""A repository is made so that everybody who gets at it can read it."""

from collections.abc import Iterator
from typing import Final

from labkeeper.checks.check import Check, Fault
from labkeeper.checks.view import View
from labkeeper.plan import Command, Script
from labkeeper.values import regex

# borg-init(1): `--encryption MODE`; borg 2 calls the command `repo-create`.
_BORG: Final = regex(r"(?:^|\s)(?:-e|--encryption)[= ]?none(?:\s|$)")


def check(view: View) -> Iterator[Fault]:
    """Looks at the commands that make repositories, or keep files in them."""
    scripts = (*view.plan.scripts, *(s for unit in view.plan.units for s in unit.scripts))
    for script in scripts:
        for command in script.commands:
            if flag := _flag(command):
                yield _fault(script, command, flag)


def _flag(command: Command) -> str | None:
    """What switches encryption off."""
    words = command.arguments
    match command.name:
        case "borg" if {"init", "repo-create"} & set(words) and _BORG.search(" ".join(words)):
            return "none"
        # Since 0.17, by its manual's chapter on new repositories.
        case "restic" if "--insecure-no-password" in words:
            return "--insecure-no-password"
        case "duplicity" if "--no-encryption" in words:
            return "--no-encryption"
    return None


def _fault(script: Script, command: Command, flag: str) -> Fault:
    at = next((word.at for word in command.words if flag in word.text), command.at)
    return Fault(
        f"`{command.name}` keeps these backups without encryption: whoever gets at the place where"
        " they lie can read everything",
        at,
        "let it encrypt them, and keep a copy of the key somewhere else",
        subject=f"{script.owner or script.at.file} {command.name}",
    )


CHECK = Check("backup-unencrypted", "warning", plan=check)
