"""Folders that outlive their containers: where they are made, and whose they are."""

from collections.abc import Iterator
from typing import Final

from labkeeper.plan import Folder, Service
from labkeeper.targets.systemd import filled_in, quoted, specified, word
from labkeeper.values import regex

_PLAIN: Final = regex(r"[^\s\"'\\\x00-\x1f\x7f]+")
# A shell in the unit rather than tmpfiles.d: that runs before a slow disk is there, and would make
# the folder below its mount point. Only what is missing is made: what is there may be a file.
_MAKE: Final = '[ -e "$1" ] || install -d -m {mode} {owner}"$1"'


def tmpfiles(services: tuple[Service, ...], head: str) -> str | None:
    """The tmpfiles.d file of a host's own folders; none where all of them are on tiers.

    A `:` before a mode or an owner: for what is made, never for what is there already
    (tmpfiles.d(5); tried with systemd 252 and 257).
    """
    lines: dict[str, str] = {}
    for service in services:
        for folder in service.folders:
            if not _on_mount(folder, service):
                path = folder.source.text
                lines.setdefault(path, _line(path, folder, service))
    if not lines:
        return None
    legend = "# Made where they are missing; what is there keeps its mode and its owner.\n"
    return head + legend + "".join(f"{lines[path]}\n" for path in sorted(lines))


def _line(path: str, folder: Folder, service: Service) -> str:
    user, group = service.owner or (0, 0)
    shown = path if _PLAIN.fullmatch(path) else quoted(path)
    return f"d {specified(shown)} :{_mode(folder, service):04o} :{user} :{group} -"


def making(service: Service) -> Iterator[str]:
    """The lines of `[Service]` that make its folders on tiers, once those are mounted."""
    for folder in service.folders:
        if _on_mount(folder, service) and folder.source.text not in service.requires_mounts:
            user_group = service.owner
            owner = f"-o {user_group[0]} -g {user_group[1]} " if user_group else ""
            script = _MAKE.format(mode=f"{_mode(folder, service):04o}", owner=owner)
            path = word(folder.source.text)
            yield f"ExecStartPre=/bin/sh -c '{filled_in(script)}' sh {path}"


def _on_mount(folder: Folder, service: Service) -> bool:
    """Whether it lies on a disk that has to be mounted first."""
    path = folder.source.text + "/"
    return any(path.startswith(mount.rstrip("/") + "/") for mount in service.requires_mounts)


def _mode(folder: Folder, service: Service) -> int:
    """State is its service's own; media is everybody's who shares it."""
    if folder.kind != "media":
        return 0o750
    return 0o777 & ~(service.umask if service.umask is not None else 0o022)
