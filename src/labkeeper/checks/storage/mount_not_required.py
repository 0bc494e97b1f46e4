"""A unit works on a mount, and starts without it as well."""

from collections.abc import Iterator
from typing import Final

from labkeeper.checks.check import Check, Fault
from labkeeper.checks.spoken import listed
from labkeeper.checks.storage.held import Held, covers, held
from labkeeper.checks.unattended import Unattended
from labkeeper.checks.view import View
from labkeeper.plan import Command, Container, Unit, Word
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
                    _help(unit, path),
                    (Related(f"`{path}` is mounted by this", mount.at),),
                    subject=f"{unit.name} {path}",
                )
                break
    yield from _containers(view, mounts)


def _help(unit: Unit, path: str) -> str:
    if unit.at.file.endswith(".nix"):
        return f'give it `unitConfig.RequiresMountsFor = "{path}";`'
    return f"add `RequiresMountsFor={path}` under `[Unit]`"


def _containers(view: View, mounts: list[tuple[str, Unit]]) -> Iterator[Fault]:
    """Containers of NixOS whose units are known to wait for no disk: one finding a disk."""
    if not view.plan.knows("mounts"):
        return
    for path, mount in mounts:
        found = [
            (taken, units[0])
            for container in view.plan.containers
            if container.host == mount.host
            and (taken := next((h for h in held(container) if _fills(h, path)), None))
            and (units := _units(view, container))
            # What it waits for is told by the whole unit, which only an evaluation shows.
            and any(_is_whole(unit) for unit in units)
            and not any(_waits(unit, path, mount) for unit in units)
        ]
        if found:
            yield _unguarded(found, path, mount)


def _units(view: View, container: Container) -> list[Unit]:
    names = {f"{engine}-{container.key}.service" for engine in ("podman", "docker")}
    return [u for u in view.plan.units if u.host == container.host and u.name in names]


def _is_whole(unit: Unit) -> bool:
    return unit.partial and unit.started_elsewhere and not unit.scripts


def _fills(taken: Held, path: str) -> bool:
    """Podman does not start without the folder; the mount's own is there in any case."""
    if taken.mount.read_only or not covers(path, taken.path):
        return False
    return taken.container.engine == "docker" or taken.path == path


def _waits(unit: Unit, path: str, mount: Unit) -> bool:
    if mount.name in (*unit.after, *unit.requires, *unit.starts):
        return True
    return any(covers(path, each) for each in unit.requires_mounts)


def _unguarded(found: list[tuple[Held, Unit]], path: str, mount: Unit) -> Fault:
    (taken, unit), *others = found
    name = unit.name.removesuffix(".service")
    who = listed([each.container.key for each, _ in found])
    does = "have {}, and start" if others else "has {}, and starts"
    filling = "they then fill" if others else "it then fills"
    return Fault(
        f"{who} {does.format(f'`{taken.path}`')} too when `{path}` is not mounted: {filling} the "
        "disk below",
        taken.mount.at,
        f'set `systemd.services.{name}.unitConfig.RequiresMountsFor = "{path}";`'
        + (", and so for the others" if others else ""),
        (
            Related(f"`{path}` is mounted by this, and may fail", mount.at),
            *(Related(f"`{each.container.key}` has it too", each.mount.at)
              for each, _ in others[:4]),
        ),
        subject=f"{taken.container.host} {path}",
    )  # fmt: skip


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
