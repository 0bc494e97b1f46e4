"""A script moves one name of a file to another disk, and its other name stays behind."""

from collections.abc import Iterator
from typing import Final

from labkeeper.checks.check import Check, Fault
from labkeeper.checks.storage.held import Held, covers, held
from labkeeper.checks.storage.media_path_mismatch import CLIENTS
from labkeeper.checks.storage.moving import Moved, moved
from labkeeper.checks.unattended import unattended
from labkeeper.checks.view import View
from labkeeper.plan import Container
from labkeeper.source import Related

# They import by a hard link where downloads and library are on one mount
# (https://wiki.servarr.com/sonarr/settings#importing, "Use Hardlinks instead of Copy").
_LINKERS: Final = frozenset({"sonarr", "radarr", "lidarr", "readarr"})


def check(view: View) -> Iterator[Fault]:
    """Movers of a library whose files a torrent client still has under other names."""
    clients = [each for c in _of(view, CLIENTS - {"sabnzbd"}) for each in held(c)]
    linkers = [each for c in _of(view, _LINKERS) for each in held(c)]
    for running in unattended(view.plan):
        for command in running.script.commands:
            move = moved(command)
            if (
                move is None
                or not move.source.literal
                or not _leaves(view, move, running.script.host)
            ):
                continue
            for mine in linkers:
                if mine.container.host != running.script.host:
                    continue
                if its := _left_behind(move.source.text.rstrip("/") or "/", mine, clients):
                    yield _fault(move, mine, its)
                    break


def _of(view: View, names: frozenset[str]) -> Iterator[Container]:
    for container in view.plan.containers:
        service = view.reach.service(container)
        if service and service.name in names:
            yield container


def _leaves(view: View, move: Moved, host: str) -> bool:
    there = view.machines.mount_of(move.target.text, host)
    here = view.machines.mount_of(move.source.text, host)
    return there is not None and here is not None and there != here


def _left_behind(source: str, linker: Held, clients: list[Held]) -> Held | None:
    """What a client has on the same mount beside what is moved."""
    if not covers(linker.path, source) or source == linker.path:
        return None
    for its in clients:
        beside = not covers(source, its.path) and not covers(its.path, source)
        if its.container.host == linker.container.host and covers(linker.path, its.path) and beside:
            return its
    return None


def _fault(move: Moved, linker: Held, client: Held) -> Fault:
    return Fault(
        f"moving `{move.source.text}` to another disk parts it from `{client.path}`: "
        f"`{linker.container.key}` has both on one mount and imports by hard link, so that a file "
        "then takes its room on both disks",
        move.source.at,
        "move what the client no longer has, or let the client move its files as well",
        (
            Related(f"`{linker.container.key}` has both here", linker.mount.at),
            Related(f"`{client.container.key}` has the other names here", client.mount.at),
        ),
        subject=f"{linker.container.key} {move.source.text}",
    )


CHECK = Check("move-breaks-hardlinks", "warning", plan=check)
