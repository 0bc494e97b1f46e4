"""Follows the apps that rules wait for: what one finishes moves soon, and not at the hour."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final

from labkeeper.host.errand import Errand
from labkeeper.keep.apps import App, apps_on
from labkeeper.keep.past import Past
from labkeeper.keep.rules import Kept
from labkeeper.keep.status import ClientNow
from labkeeper.keep.truth import Truth, coming_to, finished_by
from labkeeper.plan import Plan
from labkeeper.storage.paths import over

if TYPE_CHECKING:
    from labkeeper.host.qbittorrent import QBittorrent

EVERY: Final = 30.0
_RAREST: Final = 600.0
_PATIENCE: Final = 3.0  # seconds for one request
_TURN: Final = 0.01
_GIVEN_UP: Final = 60.0  # seconds for all that one app is asked
# They say what they are about to fetch, whether a rule waits for them or not.
_CLIENTS: Final = frozenset({"qbittorrent", "sabnzbd"})


@dataclass
class _Followed:
    """One app, when it is asked again, and what it was done with."""

    app: App
    errand: Errand[Truth]
    next: float = 0.0
    every: float = EVERY
    done: dict[str | None, frozenset[str]] = field(default_factory=dict)
    truth: Truth | None = None


class Follower:
    """The apps that a host's rules wait for, each asked by a process of its own."""

    def __init__(
        self, plan: Plan, kept: Kept, clock: Callable[[], float] = time.monotonic,
        patience: float = _GIVEN_UP,
    ) -> None:  # fmt: skip
        self._moves = [move for move in kept.moves if move.finished_by]
        wanted = {name for move in self._moves for name in move.finished_by}
        self._followed = [
            _Followed(app, Errand(_Asking(app).begin, patience))
            for app in apps_on(plan, kept.host)
            if app.name in wanted or (app.software in _CLIENTS and app.url is not None)
        ]
        self._tiers = {tier.path: tier.name for tier in kept.tiers}
        self._clock = clock

    @property
    def is_asking(self) -> bool:
        """Somebody was asked, and what was said was not looked at yet."""
        return any(followed.errand.is_away for followed in self._followed)

    def news(self) -> frozenset[str]:
        """Rules for which an app has finished something; nobody is waited for."""
        due: set[str] = set()
        for followed in self._followed:
            truth = _taken(followed)
            if truth is not None:
                due |= self._news(followed, truth)
                followed.next = self._clock() + followed.every
            elif not followed.errand.is_away and self._clock() >= followed.next:
                followed.errand.send()
        return frozenset(due)

    def coming(self) -> dict[str, int]:
        """Bytes that clients are about to fetch, by the tier that they are for."""
        known = (followed.truth for followed in self._followed)
        return coming_to(self._tiers, [truth for truth in known if truth is not None])

    def clients(self) -> tuple[ClientNow, ...]:
        """What those said who were asked, as far as they were."""
        known = (followed.truth for followed in self._followed)
        return tuple(_client(truth) for truth in known if truth is not None and truth.is_asked)

    def close(self) -> None:
        """Ask nobody any more."""
        for followed in self._followed:
            followed.errand.end()

    def _news(self, followed: _Followed, truth: Truth) -> set[str]:
        followed.truth = truth
        if truth.doubt:
            followed.every = min(_RAREST, followed.every * 2)
            return set()
        followed.every = EVERY
        due = set()
        for move in self._moves:
            if followed.app.name not in move.finished_by:
                continue
            done = finished_by([truth], move.category)
            # What it had done when it was first asked was looked at when the rules began.
            new = done - followed.done.get(move.category, done)
            if any(over(path, (move.source.path,)) for path in new):
                due.add(move.name)
        for category in {move.category for move in self._moves}:
            followed.done[category] = finished_by([truth], category)
        return due


def _client(truth: Truth) -> ClientNow:
    if truth.doubt:
        return ClientNow(truth.app, truth.doubt, truth.help)
    return ClientNow(truth.app, outstanding=sum(each.bytes for each in truth.coming))


def coming_now(plan: Plan, kept: Kept, patience: float = 5.0) -> dict[str, int]:
    """Ask the clients once, all at a time; one that hangs is about to fetch nothing."""
    follower = Follower(plan, replace(kept, moves=()), patience=patience)
    try:
        follower.news()
        while follower.is_asking:
            time.sleep(_TURN)
            follower.news()
        return follower.coming()
    finally:
        follower.close()


def _taken(followed: _Followed) -> Truth | None:
    try:
        return followed.errand.back()
    except TimeoutError:
        return Truth(followed.app.name, doubt=f"`{followed.app.name}` does not answer")


class _Asking:
    """How one app is asked again and again: nothing twice that did not change."""

    def __init__(self, app: App) -> None:
        self._app = app
        self._client: QBittorrent | None = None
        self._past = Past()

    def begin(self) -> Callable[[], Truth]:
        """Begin with nothing known."""
        self._client, self._past = None, Past()
        return self._torrents if self._app.software == "qbittorrent" else self._all

    def _all(self) -> Truth:
        # This is a process of its own: an agent needs no TLS to wait for what it hears.
        from labkeeper.keep.asking import truth_of  # noqa: PLC0415

        return truth_of(self._app, _PATIENCE, self._past)

    def _torrents(self) -> Truth:
        from labkeeper.host.http import Unanswered  # noqa: PLC0415 - as above
        from labkeeper.host.qbittorrent import QBittorrent  # noqa: PLC0415 - as above
        from labkeeper.keep import logins  # noqa: PLC0415 - as above
        from labkeeper.keep.asking import said_of  # noqa: PLC0415 - as above

        app = self._app
        if app.url is None:
            return self._all()
        try:
            if self._client is None:
                client = QBittorrent(app.url, logins.login(), _PATIENCE)
                client.enter()
                self._client = client
            return said_of(app, tuple(self._client.follow().values()))
        except Unanswered as unanswered:
            self._client = None
            return Truth(app.name, doubt=unanswered.why, help=unanswered.help)
