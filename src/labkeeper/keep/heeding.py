"""What the apps of a host say, turned into what a move or a cleaning leaves alone or may take."""

import os
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import Final

from labkeeper.keep.apps import App, app_of, apps_on, recorders_on
from labkeeper.keep.asking import rescan, truth_of, truths_of, watched_of, withheld
from labkeeper.keep.cleaning import Care, libraries_of
from labkeeper.keep.client import seeding_of
from labkeeper.keep.deciding import is_cache
from labkeeper.keep.rules import Kept
from labkeeper.keep.truth import Truth, Use, finished_by, withheld_by
from labkeeper.plan import Cleanup, Move, Plan
from labkeeper.storage.claims import Claims
from labkeeper.storage.paths import over
from labkeeper.storage.places import look_at
from labkeeper.storage.reasons import Refusal
from labkeeper.storage.seeding import ask
from labkeeper.storage.trust import Named, is_listed_lately, remembered
from labkeeper.storage.withheld import Withheld
from labkeeper.store.journal import Journal

# No client has to do with these.
_NO_FILES: Final = ("broken-links", "empty-folders")


@dataclass(frozen=True, slots=True)
class Heard:
    """What those apps said whose folders touch some path."""

    apps: tuple[App, ...]
    truths: tuple[Truth, ...]

    @property
    def withheld(self) -> Withheld:
        """What stays."""
        return withheld(withheld_by(self.truths))

    def tell(self, changed: Sequence[str]) -> tuple[str, ...]:
        """Have those look again whose libraries were changed; who was told."""
        by_name = {truth.app: truth for truth in self.truths}
        return tuple(app.name for app in self.apps if rescan(app, changed, by_name[app.name]))


def heard(plan: Plan, host: str, paths: Sequence[str], journal: Journal) -> Heard:
    """Ask all that can have to do with some folders; torrent clients are asked at each act."""
    # Each look is a process of its own, and apps have their folders in common.
    real = cache(_real)
    apps = tuple(
        app
        for app in apps_on(plan, host)
        if app.software != "qbittorrent" and any(_meet(app.folders, path, real) for path in paths)
    )
    now = _now()
    return Heard(apps, tuple(kept_in_mind(t, journal, now) for t in truths_of(apps)))


def _now() -> float:
    return time.time()


def kept_in_mind(truth: Truth, journal: Journal, now: float, *, is_kept: bool = True) -> Truth:
    """What it says, and what it said a short while ago: just started, an app has an empty queue."""
    if truth.doubt or not truth.is_asked:
        return truth
    address = f"app {truth.app}"
    named = [Named(os.fsencode(use.path), 0, 0, use.why, is_used=True) for use in truth.uses]
    before = journal.clients.memories_of(address)
    memories = remembered(before, named, now)
    if is_kept:
        journal.clients.believe(address, len(named), memories, before)
    lately = tuple(
        Use(os.fsdecode(each.path), f"a short while ago {each.torrent}")
        for each in memories
        if is_listed_lately(each, now)
    )
    return replace(truth, uses=truth.uses + lately)


def finished(plan: Plan, move: Move) -> frozenset[bytes] | None:
    """What the apps that a rule waits for are done with; None where it waits for none."""
    if not move.finished_by:
        return None
    truths = []
    by_name = {app.name: app for app in apps_on(plan, move.host)}
    for name in move.finished_by:
        if name not in by_name:
            raise Refusal(
                "app-unknown",
                f"`{name}` cannot be asked what it is done with",
                "labkeeper can ask qBittorrent, SABnzbd, Sonarr, Radarr and Lidarr of this host",
            )
        truth = truth_of(by_name[name])
        if truth.doubt:
            raise Refusal("app-unknown", f"`{name}`: {truth.doubt}", truth.help)
        truths.append(truth)
    return frozenset(os.fsencode(path) for path in finished_by(truths, move.category))


def claims_of(
    plan: Plan, kept: Kept, rule: Cleanup, journal: Journal, *, is_trusted: bool
) -> Claims | None:
    """What the lab's download client has to do with; none where it has none of these folders."""
    for move in kept.moves:
        app = app_of(plan, kept.host, move.client) if move.client else None
        # What has a further name elsewhere is never cleaned, so that folders are enough.
        if app is not None and app.folders and not _meet(app.folders, rule.place.path, _real):
            continue
        seeding = seeding_of(plan, move, is_trusted=is_trusted)
        if seeding is not None:
            return ask(seeding, journal)
    return None


def care_for(
    rule: Cleanup, plan: Plan, kept: Kept, journal: Journal, *, is_trusted: bool = False
) -> Care:
    """What keeps a cleaning from going too far; what can be made again is nobody's."""
    recorders = recorders_on(plan, kept.host)
    _check_recorders(rule, recorders)
    folders = [os.fsencode(folder) for app in recorders for folder in app.folders]
    libraries = (*libraries_of(kept), *folders)
    if rule.what == "clips":
        return Care(libraries)  # what labkeeper itself has written is nobody's
    if rule.what in _NO_FILES or is_cache(rule):
        return Care(libraries)
    claims = claims_of(plan, kept, rule, journal, is_trusted=is_trusted)
    said = heard(plan, kept.host, (rule.place.path,), journal)
    watched = frozenset(path for app in said.apps for path in watched_of(app))
    return Care(libraries, claims, said.withheld, watched)


def _check_recorders(rule: Cleanup, recorders: Sequence[App]) -> None:
    """What records lists its files in a database of its own, and removes the oldest itself."""
    path = rule.place.path
    for app in recorders:
        real = tuple(map(_real, app.folders))
        if over(path, app.folders) is not None or over(_real(path), real) is not None:
            raise Refusal(
                "of-recorder",
                f"`{app.name}` keeps a record of its files in {path}, and removes them itself",
                f"say in the settings of `{app.name}` how long it keeps them: `record:`",
            )


def _meet(folders: Sequence[str], path: str, real: Callable[[str], str]) -> bool:
    """Whether one lies in the other, under the names that the lab gives or those of the disk."""
    return _lie(folders, path) or _lie(tuple(map(real, folders)), real(path))


def _lie(folders: Sequence[str], path: str) -> bool:
    return over(path, folders) is not None or any(over(folder, (path,)) for folder in folders)


def _real(path: str) -> str:
    try:
        return os.fsdecode(look_at(path, "folder").real)
    except Refusal:
        return path
