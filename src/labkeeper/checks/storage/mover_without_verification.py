"""A mover deletes its source before anything has read the copy back."""

from collections.abc import Iterator

from labkeeper.checks.check import Check, Fault
from labkeeper.checks.unattended import Unattended, unattended
from labkeeper.checks.view import View
from labkeeper.plan import Command, Script, Word
from labkeeper.source import Related


def check(view: View) -> Iterator[Fault]:
    """Looks at rsync, rclone and mv in scripts that no person starts."""
    for running in unattended(view.plan):
        for command in running.script.commands:
            if tool := _mover(view, command, running.script):
                yield _fault(view, tool, running, command)


def _mover(view: View, command: Command, script: Script) -> str | None:
    match command.name:
        case "rsync" if "--remove-source-files" in command.arguments:
            if "-n" in command.arguments or "--dry-run" in command.arguments:
                return None
            return None if _copied_before(command, script) else "rsync --remove-source-files"
        case "rclone" if {"move", "moveto"} & set(command.arguments[:4]):
            return "rclone move" if command.words[-1].text.startswith("/") else None
        case "mv":
            operands = _operands(command)
            between = {
                view.machines.mount_of(word.text, script.host)
                for word in (*operands[:1], *operands[-1:])
            }
            return "mv" if len(between) == 2 and None not in between else None
    return None


def _operands(command: Command) -> list[Word]:
    return [word for word in command.words[1:] if not word.text.startswith("-")]


def _copied_before(command: Command, script: Script) -> bool:
    """Whether the same files were copied before without deleting: this run then compares."""
    ends = [word.text for word in command.words[-2:]]
    if not {"--checksum", "-c"} & set(command.arguments):
        return False
    return any(
        other.name == "rsync"
        and "--remove-source-files" not in other.arguments
        and [word.text for word in other.words[-2:]] == ends
        and other.at.start < command.at.start
        for other in script.commands
    )


def _fault(view: View, tool: str, running: Unattended, command: Command) -> Fault:
    target = command.words[-1]
    return Fault(
        f"`{tool}` deletes the files before their copies have been read back",
        command.at,
        "copy first without deleting, `sync`, compare again with `rsync --checksum`, delete last",
        tuple(_also(view, tool, running, command, target)),
        subject=target.text,
    )


def _also(
    view: View, tool: str, running: Unattended, command: Command, target: Word
) -> Iterator[Related]:
    mount = view.machines.mount_of(target.text, running.script.host)
    if mount and not running.is_mounted(command, target.text):
        yield Related(f"nothing makes sure that `{mount}` is mounted", target.at)
    flags = [w for w in command.arguments if w.startswith("-") and not w.startswith("--")]
    hard = "--hard-links" in command.arguments or any("H" in flag for flag in flags)
    if tool.startswith("rsync") and not hard:
        yield Related("without `-H`, files that are hard links become copies", command.words[0].at)


CHECK = Check("mover-without-verification", "warning", plan=check)
