"""A download client and what imports its downloads have different names for one folder."""

from collections.abc import Iterator
from typing import Final

from labkeeper.checks.check import Check, Fault
from labkeeper.checks.storage.held import Held, covers, held
from labkeeper.checks.view import View
from labkeeper.plan import Container
from labkeeper.source import Related

_IMPORTERS: Final = frozenset({"sonarr", "radarr", "lidarr", "readarr"})
CLIENTS: Final = frozenset({"qbittorrent", "transmission", "deluge", "sabnzbd"})


def check(view: View) -> Iterator[Fault]:
    """Each importer against each client of its host, where all folders they share differ."""
    clients = list(_of(view, CLIENTS))
    for importer, title in _of(view, _IMPORTERS):
        for client, other in clients:
            if client.host != importer.host or not _together(view, importer, client):
                continue
            shared = list(_shared(importer, client))
            if not shared or any(here == there for _, _, here, there in shared):
                continue
            mine, its, here, there = shared[0]
            yield Fault(
                f"what {other} calls `{there}` is `{here}` in `{importer.key}`: without a remote "
                f"path mapping, {title} does not find what has been downloaded",
                mine.mount.at,
                "mount the folder at the same path in both; then it also moves and links files "
                "at once, where it is one mount",
                (Related(f"`{client.key}` has it here", its.mount.at),),
                subject=f"{importer.key} {client.key}",
            )


def importers(view: View) -> Iterator[Container]:
    """What imports downloads into a library."""
    return (container for container, _ in _of(view, _IMPORTERS))


def clients_of(view: View, importer: Container) -> Iterator[Container]:
    """The download clients that are for it."""
    for client, _ in _of(view, CLIENTS):
        if client.host == importer.host and _together(view, importer, client):
            yield client


def _of(view: View, names: frozenset[str]) -> Iterator[tuple[Container, str]]:
    for container in view.plan.containers:
        service = view.reach.service(container)
        if service and service.name in names and container.complete:
            yield container, service.title


def _together(view: View, one: Container, other: Container) -> bool:
    """Whether they are for each other: two stacks of a host may each have their own."""
    return one.project == other.project or view.reach.share_a_network(one, other) is True


def _shared(importer: Container, client: Container) -> Iterator[tuple[Held, Held, str, str]]:
    """The folders that both have, with the name that each has for it."""
    for its in held(client):
        if its.mount.read_only or its.target == "/config":
            continue
        for mine in held(importer):
            if mine.target == "/config":
                continue
            if covers(mine.path, its.path):
                yield mine, its, mine.inside(its.path), its.target
            elif covers(its.path, mine.path):
                yield mine, its, mine.target, its.inside(mine.path)


CHECK = Check("media-path-mismatch", "info", plan=check)
