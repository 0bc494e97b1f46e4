"""The torrent client that a move names: where it answers, and how it calls the folders."""

from typing import Final

from labkeeper.host.http import Unanswered
from labkeeper.host.qbittorrent import QBittorrent
from labkeeper.keep import logins
from labkeeper.keep.apps import app_of
from labkeeper.plan import Move, Plan
from labkeeper.storage.claims import Policy
from labkeeper.storage.reasons import Refusal
from labkeeper.storage.seeding import Seeding

# They fetch and share nothing afterwards.
_NEVER_SHARE: Final = frozenset({"sabnzbd", "nzbget"})


def seeding_of(plan: Plan, move: Move, *, is_trusted: bool = False) -> Seeding | None:
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
    app = app_of(plan, move.host, service.key)
    if app is None or app.url is None:
        why, help_ = (app.why, app.help) if app else ("", "")
        raise Refusal("client-unknown", f"{why} what it shares", help_)
    try:
        client = QBittorrent(app.url, logins.login())
    except Unanswered as unanswered:
        raise Refusal("client-unknown", unanswered.why, unanswered.help) from None
    return Seeding(Policy.WAIT, app.url, client, app.maps.every, is_trusted)
