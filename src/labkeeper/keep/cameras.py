"""Follows what records pictures, on threads of its own: no broker and no disk holds up the loop."""

import threading
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import Final

from labkeeper.host.frigate import Frigate
from labkeeper.host.mqtt import Broker
from labkeeper.keep.apps import App, recorder_of
from labkeeper.keep.broker import broker_for
from labkeeper.keep.clipping import Copier, Source
from labkeeper.keep.events import Clipped, Refused
from labkeeper.keep.reviewing import Reviewing
from labkeeper.keep.rules import Kept
from labkeeper.keep.usage import Usage
from labkeeper.plan import Clips as Rule
from labkeeper.plan import Plan
from labkeeper.storage.paths import over
from labkeeper.store import state as states
from labkeeper.store.clips import Clips

_REST: Final = 30.0
_LEAST: Final = 0.5
_END: Final = 30.0


class Cameras:
    """Every rule of a host that has clips copied."""

    def __init__(
        self, plan: Plan, kept: Kept, state: Path, usage: Callable[[str], Usage],
    ) -> None:  # fmt: skip
        self._plan = plan
        self._kept = kept
        self._folder = state / "clips"
        self._usage = usage
        self._told: SimpleQueue[Clipped] = SimpleQueue()
        self._ending = threading.Event()
        self._wake = threading.Event()
        self._thread: threading.Thread | None = None

    def news(self) -> list[Clipped]:
        """What happened since it was asked before; the first time, it begins."""
        if self._thread is None and self._kept.clips:
            self._thread = threading.Thread(target=self._run, name="cameras", daemon=True)
            self._thread.start()
        found = []
        while True:
            try:
                found.append(self._told.get_nowait())
            except Empty:
                return found

    def close(self) -> None:
        """End at the next safe place; what is not copied yet is noted."""
        self._ending.set()
        self._wake.set()
        if self._thread is not None:
            self._thread.join(_END)

    def _run(self) -> None:
        told = ""
        while not self._ending.is_set():
            try:
                self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
                with states.lock(self._folder):
                    told = ""
                    self._follow()
                continue
            except states.Busy as busy:
                why = f"another labkeeper copies clips (process {busy.holder})"
                refused = Refused("busy", why, "end it, or give this one another --state")
            except (states.Broken, OSError) as error:
                why = f"the record of clips cannot be used: {error}"
                refused = Refused("journal", why, "see that its disk has room and is sound")
            if refused.message != told:
                told = refused.message
                self._told.put(self._nothing(self._kept.clips[0], refused))
            self._ending.wait(_REST)

    def _follow(self) -> None:
        with ExitStack() as ending:
            record = Clips.open(self._folder)
            ending.callback(record.close)
            followed = [f for rule in self._kept.clips if (f := self._begin(rule, record))]
            for each in followed:
                ending.callback(each.close)
            while not self._ending.is_set():
                self._wake.clear()
                waits = [_REST]
                for each in followed:
                    news, wait = each.turn()
                    waits.append(wait)
                    for told in news:
                        self._told.put(told)
                self._wake.wait(max(_LEAST, min(waits)))

    def _begin(self, rule: Rule, record: Clips) -> Reviewing | None:
        app = recorder_of(self._plan, self._kept.host, rule.service)
        refused = misplaced(rule, app)
        if refused is not None or app is None or app.url is None:
            self._told.put(self._nothing(rule, refused))
            return None
        frigate = Frigate(app.url)
        source = Source(
            rule, self._kept, frigate, lambda: self._usage(rule.target.tier),
            is_ending=self._ending.is_set,
        )  # fmt: skip
        return Reviewing(
            Copier(source, record), frigate, self._nothing(rule, None),
            lambda: topic_of(self._plan, self._kept.host, rule.service, frigate), self._wake.set,
        )  # fmt: skip

    def _nothing(self, rule: Rule, refused: Refused | None) -> Clipped:
        return Clipped(rule.name, rule.service, self._kept.shown(rule.target), refused=refused)


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
    if over(rule.target.path, app.folders) is not None:
        return Refused(
            "inside-recorder",
            f"its clips would lie in a folder of `{rule.service}` itself",
            "give `to:` a folder that Frigate does not have",
        )
    return None
