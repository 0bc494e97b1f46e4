"""Follows the apps that rules wait for: what one finishes moves soon, and not at the hour."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from labkeeper.host.http import Unanswered
from labkeeper.host.qbittorrent import QBittorrent
from labkeeper.keep import logins
from labkeeper.keep.apps import App, apps_on
from labkeeper.keep.asking import said_of, truth_of
from labkeeper.keep.rules import Kept
from labkeeper.keep.truth import Truth, finished_by
from labkeeper.plan import Plan
from labkeeper.storage.paths import over

EVERY: Final = 30.0
_RAREST: Final = 600.0
_PATIENCE: Final = 3.0  # seconds; the rest waits as long


@dataclass
class _Followed:
    """One app, when it is asked again, and what it was done with."""

    app: App
    next: float = 0.0
    every: float = EVERY
    done: dict[str | None, frozenset[str]] = field(default_factory=dict)
    client: QBittorrent | None = None


class Follower:
    """The apps that a host's rules wait for."""

    def __init__(
        self, plan: Plan, kept: Kept, clock: Callable[[], float] = time.monotonic
    ) -> None:  # fmt: skip
        self._moves = [move for move in kept.moves if move.finished_by]
        wanted = {name for move in self._moves for name in move.finished_by}
        self._followed = [_Followed(a) for a in apps_on(plan, kept.host) if a.name in wanted]
        self._clock = clock

    def news(self) -> frozenset[str]:
        """Rules for which an app has finished something since it was asked before."""
        due: set[str] = set()
        for followed in self._followed:
            if self._clock() >= followed.next:
                due |= self._news(followed)
                followed.next = self._clock() + followed.every
        return frozenset(due)

    def _news(self, followed: _Followed) -> set[str]:
        truth = _ask(followed)
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


def _ask(followed: _Followed) -> Truth:
    """Of a torrent client only what has changed is asked for."""
    app = followed.app
    if app.software != "qbittorrent" or app.url is None:
        return truth_of(app, _PATIENCE)
    try:
        if followed.client is None:
            client = QBittorrent(app.url, logins.login(), _PATIENCE)
            client.enter()
            followed.client = client
        return said_of(app, tuple(followed.client.follow().values()))
    except Unanswered as unanswered:
        followed.client = None
        return Truth(app.name, doubt=unanswered.why, help=unanswered.help)
