"""Follows what records pictures, in a process of its own: no broker and no disk holds up the loop.

It is killed at any time, and loses nothing by it: each step of a clip is noted before it begins.
"""

import os
import select
import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from labkeeper.host.errand import Errand
from labkeeper.host.frigate import Frigate
from labkeeper.host.mqtt import Broker
from labkeeper.keep.apps import App, recorder_of
from labkeeper.keep.broker import broker_for
from labkeeper.keep.clipping import Copier, Source
from labkeeper.keep.events import Clipped, Refused
from labkeeper.keep.known import known_elsewhere
from labkeeper.keep.measuring import bytes_below, usage_of
from labkeeper.keep.reviewing import Reviewing
from labkeeper.keep.rules import Kept
from labkeeper.keep.usage import Usage
from labkeeper.plan import Clips as Rule
from labkeeper.plan import Plan, Tier
from labkeeper.storage.paths import over
from labkeeper.store import state as states
from labkeeper.store.clips import Clips

# A clip takes a quarter of an hour at the most, and twenty are copied in one go.
_GIVEN_UP: Final = 6 * 3600.0
_REST: Final = 30.0
_LOOK: Final = 20.0  # seconds that one look waits for something to happen
_LEAST: Final = 0.5
_MEASURED: Final = 2.0


class Cameras:
    """Every rule of a host that has clips copied."""

    def __init__(
        self, plan: Plan, kept: Kept, state: Path, clock: Callable[[], float] = time.monotonic,
    ) -> None:  # fmt: skip
        self._kept = kept
        self._clock = clock
        self._errand = Errand(Filming(plan, kept, state).begin, _GIVEN_UP)
        self._next = 0.0
        self._told = ""

    def news(self) -> list[Clipped]:
        """What happened since it was asked before; nobody is waited for."""
        if not self._kept.clips:
            return []
        try:
            said = self._errand.back()
        except TimeoutError:
            self._next = self._clock() + _REST
            why = "the process that copies clips ended early, or hangs"
            return self._once(Refused("worker", why, "look at the disk that they go to: `dmesg`"))
        if said is not None and said.refused is not None:
            self._next = self._clock() + _REST
            return self._once(said.refused)
        if not self._errand.is_away and self._clock() >= self._next:
            self._errand.send()
        if said is None:
            return []
        self._told = ""
        return list(said.news)

    def close(self) -> None:
        """End it where it is."""
        self._errand.end()

    def _once(self, refused: Refused) -> list[Clipped]:
        was, self._told = self._told, refused.message
        if was == refused.message:
            return []
        return [nothing(self._kept.clips[0], self._kept, refused)]


@dataclass(frozen=True, slots=True)
class Look:
    """What one look comes to."""

    news: tuple[Clipped, ...] = ()
    refused: Refused | None = None


class Filming:
    """The process itself; it lives for as long as somebody calls what `begin` returns."""

    def __init__(self, plan: Plan, kept: Kept, state: Path) -> None:
        self._plan = plan
        self._kept = kept
        self._state = state
        self._followed: list[Reviewing] | None = None
        self._first: list[Clipped] = []
        self._measured: dict[str, tuple[float, Usage]] = {}
        self._held = ExitStack()

    def begin(self) -> Callable[[], Look]:
        """Begin with nothing."""
        return self._look

    def _look(self) -> Look:
        """Wait until something happens, or for a while."""
        try:
            followed = self._open()
            news = self._first
            self._first = []
            deadline = time.monotonic() + _LOOK
            while not news and time.monotonic() < deadline:
                waits = [deadline - time.monotonic()]
                for each in followed:
                    told, wait = each.turn()
                    news += told
                    waits.append(wait)
                if not news:
                    heard = [f for each in followed if (f := each.fileno()) is not None]
                    select.select(heard, [], [], max(_LEAST, min(waits)))
            return Look(tuple(news))
        except states.Busy as busy:
            why = f"another labkeeper copies clips (process {busy.holder})"
            return Look(refused=Refused("busy", why, "end it, or give this one another --state"))
        except (states.Broken, OSError) as error:
            why = f"the record of clips cannot be used: {error}"
            return Look(refused=Refused("journal", why, "see that its disk has room and is sound"))

    def _open(self) -> list[Reviewing]:
        if self._followed is None:
            folder = self._state / "clips"
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            # Until the process ends, which it does by being killed.
            self._held.enter_context(states.lock(folder))
            record = Clips.open(folder)
            begun = (self._begin(rule, record) for rule in self._kept.clips)
            self._followed = [each for each in begun if each is not None]
        return self._followed

    def _begin(self, rule: Rule, record: Clips) -> Reviewing | None:
        app = recorder_of(self._plan, self._kept.host, rule.service)
        refused = misplaced(rule, app)
        if refused is not None or app is None or app.url is None:
            self._first.append(nothing(rule, self._kept, refused))
            return None
        frigate = Frigate(app.url)
        tier = self._kept.tier(rule.target.tier)
        source = Source(rule, self._kept, frigate, lambda: self._usage(tier))
        return Reviewing(
            Copier(source, record), frigate, nothing(rule, self._kept, None),
            lambda: topic_of(self._plan, self._kept.host, rule.service, frigate),
        )  # fmt: skip

    def _usage(self, tier: Tier | None) -> Usage:
        """How full a tier is; one that is counted is not counted anew for each clip."""
        if tier is None:
            return Usage(why="the host has no such tier")
        now = time.monotonic()
        at, known = self._measured.get(tier.name, (-_MEASURED, Usage()))
        if tier.size is None or now - at > _MEASURED:
            known = usage_of(tier, self._below)
            self._measured[tier.name] = (now, known)
        return known

    def _below(self, path: str) -> int:
        found = known_elsewhere(self._state, path, path)
        return bytes_below(path) if found is None else found.bytes


def nothing(rule: Rule, kept: Kept, refused: Refused | None) -> Clipped:
    """What is told of a rule by which nothing was copied."""
    return Clipped(rule.name, rule.service, kept.shown(rule.target), refused=refused)


def topic_of(
    plan: Plan, host: str, service: str, frigate: Frigate
) -> tuple[Broker, str] | None:  # fmt: skip
    """The broker that Frigate publishes its reviews to, and under which topic."""
    publishing = frigate.publishing()
    if publishing is None:
        return None
    return broker_for(plan, host, service, publishing), f"{publishing.prefix}/reviews"


def misplaced(rule: Rule, app: App | None) -> Refused | None:
    """Why no clip of a rule can be copied at all."""
    if app is None:
        return Refused(
            "recorder-unknown", f"`{rule.service}` cannot be asked for clips",
            "labkeeper can ask Frigate",
        )  # fmt: skip
    if app.url is None:
        return Refused("recorder-unknown", app.why, app.help)
    path, real = rule.target.path, os.path.realpath
    folders = (*app.folders, *map(real, app.folders))
    if over(path, folders) is not None or over(real(path), folders) is not None:
        return Refused(
            "inside-recorder",
            f"its clips would lie in a folder of `{rule.service}` itself",
            "give `to:` a folder that Frigate does not have",
        )
    return None
