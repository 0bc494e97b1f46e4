"""Files are moved away from a torrent client that still has them."""

import re
from collections.abc import Iterator
from typing import Final

from labkeeper.checks.check import Check, Fault
from labkeeper.checks.storage.places import is_below
from labkeeper.checks.unattended import unattended
from labkeeper.checks.view import View
from labkeeper.plan import Command, Container, Mount, Plan, Script, Word
from labkeeper.source import Related
from labkeeper.values import regex

_CLIENTS: Final = frozenset({"qbittorrent", "transmission", "deluge"})
# A script that talks to the client may well tell it where the files are now.
_TELLING: Final = regex(
    r"setLocation|/api/v2/|transmission-remote|deluge-console|\bqbt\b|torrent-set-location"
)
# A whole disk that the client sees holds other things as well.
_DOWNLOADS: Final = regex(r"download|torrent|seed|complete", re.IGNORECASE)


def check(view: View) -> Iterator[Fault]:
    """Looks for movers whose source is in a folder that a torrent client mounts."""
    clients = list(_clients(view))
    for running in unattended(view.plan):
        if not clients or _TELLING.search(running.script.text.text):
            continue
        for command in running.script.commands:
            if source := _moved_from(command):
                yield from _faults(source, command, running.script, clients)
    yield from _moves(view.plan)


def _moves(plan: Plan) -> Iterator[Fault]:
    """A lab's own moves know how to ask a client, where they are told which one it is."""
    for move in plan.moves:
        for service in plan.services if move.client is None else ():
            if service.host != move.host or service.software not in _CLIENTS:
                continue
            sees = [f for f in service.folders if is_below(move.source.path, f.source.text)]
            if sees and not sees[0].read_only:
                yield Fault(
                    f"`{move.name}` moves files out of `{sees[0].source.text}`, where"
                    f" `{service.key}` has its torrents",
                    move.at,
                    f"say whose they are: `client: {service.key}`; what is still shared then waits",
                    (Related(f"`{service.key}` has it at `{sees[0].target}`", sees[0].at),),
                    subject=f"{service.key} {move.name}",
                )
                break


def _clients(view: View) -> Iterator[tuple[Container, Mount]]:
    for container in view.plan.containers:
        service = view.reach.service(container)
        if service is None or service.name not in _CLIENTS:
            continue
        for mount in container.mounts:
            named = f"{mount.source.text if mount.source else ''} {mount.target.text}"
            if mount.kind == "bind" and not mount.read_only and _DOWNLOADS.search(named):
                yield container, mount


def _moved_from(command: Command) -> Word | None:
    words = [word for word in command.words[1:] if not word.text.startswith("-")]
    match command.name:
        case "rsync" if "--remove-source-files" in command.arguments:
            return words[-2] if len(words) > 1 else None
        case "rclone" if {"move", "moveto"} & set(command.arguments[:4]):
            return words[-2] if len(words) > 2 else None
        case "mv":
            return words[0] if len(words) > 1 else None
    return None


def _faults(
    source: Word, command: Command, script: Script, clients: list[tuple[Container, Mount]]
) -> Iterator[Fault]:
    for container, mount in clients:
        folder = mount.source.text.rstrip("/") if mount.source else ""
        inside = folder and mount.source and mount.source.is_literal
        if container.host != script.host or not inside:
            continue
        if not f"{source.text}/".startswith(f"{folder}/"):
            continue
        yield Fault(
            f"this moves files out of `{folder}`, where `{container.key}` has its torrents",
            source.at,
            "have the client move them (a category's save path, or set location over its API):\n"
            "what it does not find it stops seeding, or fetches again",
            (Related(f"`{container.key}` has it at `{mount.target.text}`", mount.at),),
            subject=f"{container.key} {command.name}",
        )
        return


CHECK = Check("move-while-seeding", "warning", plan=check)
