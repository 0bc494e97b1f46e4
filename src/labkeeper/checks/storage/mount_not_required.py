"""A unit works on a mount, and starts without it as well."""

from collections.abc import Iterator
from typing import Final

from labkeeper.checks.check import Check, Fault
from labkeeper.checks.storage.held import covers
from labkeeper.checks.unattended import Unattended
from labkeeper.checks.view import View
from labkeeper.plan import Command, Unit, Word
from labkeeper.source import Related
from labkeeper.values import regex

# What these do to a mount that is away has checks of its own.
_JUDGED: Final = frozenset({"find", "rm", "rsync", "mv", "rclone"})
# Looking at a mount does no harm where it is away.
_LOOKING: Final = frozenset(
    {
        "df",
        "du",
        "ls",
        "stat",
        "test",
        "[",
        "[[",
        "mountpoint",
        "findmnt",
        "echo",
        "printf",
        "mount",
    }
    | {"umount", "mkdir", "cd", "logger"}
)
_HEX: Final = regex(r"\\+x([0-9a-fA-F]{2})")


def check(view: View) -> Iterator[Fault]:
    """Services whose commands name a path on a mount that a unit of their host makes."""
    mounts = [(path, unit) for unit in view.plan.units if (path := _path(unit))]
    for unit in view.plan.units:
        for path, mount in mounts:
            if unit.kind != "service" or unit.host != mount.host or unit.partial:
                continue
            if mount.name in (*unit.after, *unit.requires, *unit.starts):
                continue
            if word := _named(unit, path):
                yield Fault(
                    f"`{unit.name}` works on `{word.text}`, and starts too when `{path}` is not "
                    "mounted: it then fills the disk below",
                    word.at,
                    f"add `RequiresMountsFor={path}` under `[Unit]`",
                    (Related(f"`{path}` is mounted by this", mount.at),),
                    subject=f"{unit.name} {path}",
                )
                break


def _path(unit: Unit) -> str | None:
    """Where a mount unit mounts: its name says so (systemd.mount(5), systemd-escape(1))."""
    if unit.kind != "mount" or unit.name == "-.mount":
        return None
    # What `local-fs.target` pulls in may stop the boot where it fails.
    if "local-fs.target" in unit.started_by:
        return None
    bare = unit.name.removesuffix(".mount").replace("-", "/")
    return "/" + _HEX.sub(lambda found: chr(int(found[1], 16)), bare)


def _named(unit: Unit, path: str) -> Word | None:
    for script in unit.scripts:
        running = Unattended(script, unit)
        for command in script.commands:
            word = _on(command, path)
            if word and not running.is_mounted(command, word.text):
                return word
    return None


def _on(command: Command, path: str) -> Word | None:
    if command.name in _JUDGED | _LOOKING:
        words: tuple[Word, ...] = ()
    else:
        words = command.words[1:]
    written = [each.target for each in command.redirects if ">" in each.operator]
    return next((w for w in (*words, *written) if w.literal and covers(path, w.text)), None)


CHECK = Check("mount-not-required", "warning", plan=check)
