"""The torrent client that a move names: where it answers, and how it calls the folders."""

import os
from dataclasses import dataclass
from typing import Final

from labkeeper.host.http import Unanswered
from labkeeper.host.qbittorrent import Login, QBittorrent
from labkeeper.plan import Container, Move, Plan, Service
from labkeeper.storage.claims import Policy
from labkeeper.storage.reasons import Refusal
from labkeeper.storage.seeding import PathMap, Seeding

# They fetch and share nothing afterwards.
_NEVER_SHARE: Final = frozenset({"sabnzbd", "nzbget"})
_USUAL: Final = 8080
_USER: Final = "LABKEEPER_CLIENT_USER"
_PASSWORD: Final = "LABKEEPER_CLIENT_PASSWORD"  # noqa: S105  the variable's name


@dataclass(frozen=True, slots=True)
class Place:
    """Where a client answers on this host, and its folders there and here."""

    url: str
    maps: tuple[PathMap, ...]


def seeding_of(plan: Plan, move: Move) -> Seeding | None:
    """The client to ask before anything moves; none where none is named or none shares.

    A client that cannot be asked blocks the move: what it shares is unknown.
    """
    service = next(
        (each for each in plan.services if each.key == move.client and each.host == move.host), None
    )
    if move.client is None or (service and service.software in _NEVER_SHARE):
        return None
    if service is None or service.software != "qbittorrent":
        raise Refusal(
            "client-unknown",
            f"`{move.client}` cannot be asked what it shares",
            "labkeeper can ask qBittorrent; move by hand what another client does not share",
        )
    place = _place(plan, service)
    user = os.environ.get(_USER)
    login = Login(user, os.environ.get(_PASSWORD, "")) if user else None
    try:
        client = QBittorrent(place.url, login)
    except Unanswered as unanswered:
        raise Refusal("client-unknown", unanswered.why, unanswered.help) from None
    return Seeding(Policy.WAIT, place.url, client, place.maps)


def _place(plan: Plan, service: Service) -> Place:
    maps = tuple(PathMap(folder.target, folder.source.text) for folder in service.folders)
    port = service.health.port if service.health and service.health.port else _USUAL
    if service.form == "native":
        return Place(f"http://127.0.0.1:{port}", ())
    names = (service.key, service.through)
    for container in plan.containers:
        if container.host == service.host and container.key in names:
            found = _published(container, port)
            if found:
                return Place(found, maps)
    raise Refusal(
        "client-unknown",
        f"`{service.key}` publishes no port on this host, so it cannot be asked what it shares",
        f'publish it: `{service.key}: {{ports: ["127.0.0.1:{port}:{port}"]}}`',
    )


def _published(container: Container, port: int) -> str | None:
    for each in container.ports:
        if each.protocol == "tcp" and each.host and port in each.container:
            number = each.host.first + port - each.container.first
            address = each.address if each.address not in (None, "0.0.0.0", "::") else "127.0.0.1"  # noqa: S104  what is looked for
            return f"http://{address}:{number}"
    return None
