"""What is known of a host, gathered from its records; what takes a while is asked now and then."""

import os
import time
from collections import Counter
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from labkeeper.keep import seen
from labkeeper.keep.ages import ages_elsewhere
from labkeeper.keep.aside import Aside
from labkeeper.keep.backed import of_every
from labkeeper.keep.deciding import Go, Moment, decide_move
from labkeeper.keep.events import Cleaned, Event, Moved
from labkeeper.keep.idling import Idle
from labkeeper.keep.known import known_elsewhere
from labkeeper.keep.rules import Kept, zone_of
from labkeeper.keep.seen import Due, Seen
from labkeeper.keep.status import Status
from labkeeper.keep.usage import Usage
from labkeeper.plan import Move, Plan
from labkeeper.storage.index import Sum, file_of
from labkeeper.store.hashes import Hashes, Looked
from labkeeper.store.log import Log, Total
from labkeeper.store.state import Broken

_EVERY: Final = 30.0
# A count of files by age goes over all of a folder's.
_SELDOM: Final = 300.0


@dataclass
class _Slow:
    """An answer, and when it is asked for again."""

    ask: Callable[[], None]
    every: float
    next: float = 0.0


@dataclass
class Gathering:
    """The records of a host."""

    plan: Plan
    kept: Kept
    state: Path
    began: float = field(default_factory=time.time)

    def __post_init__(self) -> None:
        self._aside = Aside(self.state)
        self._refused: Counter[tuple[str, str]] = Counter()
        self._status = Status((), ())
        self._due: dict[str, Due] = {}
        self._done: tuple[Total, ...] | None = ()
        self._sums: dict[str, Sum] = {}
        self._scrubs: dict[str, Looked] = {}
        self._backups: tuple[seen.Kept, ...] = ()
        self._slow = (
            _Slow(self._ask_log, _EVERY), _Slow(self._ask_index, _EVERY),
            _Slow(self._ask_backups, _EVERY), _Slow(self._ask_due, _SELDOM),
        )  # fmt: skip
        self._roots = {os.path.realpath(tier.path): tier.name for tier in self.kept.tiers}

    def event(self, event: Event) -> None:
        """Something happened: what could not be done is counted."""
        if isinstance(event, (Moved, Cleaned)) and event.refused is not None:
            work = "move" if isinstance(event, Moved) else "clean"
            self._refused[work, event.refused.code] += 1
        for slow in self._slow[:2]:
            slow.next = 0.0

    def look(self, status: Status) -> Seen:
        """All that is known at this moment."""
        self._status = status
        now = time.monotonic()
        for slow in self._slow:
            if now >= slow.next:
                slow.ask()
                slow.next = time.monotonic() + slow.every
        kept = self.kept
        return Seen(
            time.time(), self.began, status,
            frozenset(tier.name for tier in kept.tiers if kept.is_counted(tier.name)),
            {move.name: (move.source.tier, move.target.tier) for move in kept.moves},
            frozenset(rule.name for rule in kept.cleanups),
            {m.name: self._sums[m.target.path] for m in kept.moves if m.target.path in self._sums},
            {t.name: self._sums[t.path] for t in kept.tiers if t.path in self._sums},
            self._due, self._done, self._roots, self._held(), self._scrubs, self._refused,
            self._backups,
        )  # fmt: skip

    def _held(self) -> Mapping[str, tuple[int, int]] | None:
        self._aside.look()
        # Of a folder that may not be read nobody knows that there is no record in it.
        if self._aside.note or not _is_open(self.state):
            return None
        found = {name: [0, 0] for name in self._roots.values()}
        for item in self._aside.held:
            place = os.fsdecode(item.root)
            over = [r for r in self._roots if f"{place}/".startswith(r.rstrip("/") + "/")]
            if over:
                of = found[self._roots[max(over, key=len)]]
                of[0] += 1
                of[1] += item.frees
        return {name: (files, size) for name, (files, size) in found.items()}

    def _ask_log(self) -> None:
        try:
            self._done = tuple(Log(self.state).totals())
        except (Broken, OSError):
            self._done = None
        self._scrubs = {}
        for tier in self.kept.tiers:
            with suppress(Broken, OSError):
                looked = Hashes.looked(file_of(self.state, tier.path))
                if looked is not None:
                    self._scrubs[tier.name] = looked

    def _ask_index(self) -> None:
        self._sums = {}
        paths = [(tier.path, tier.path) for tier in self.kept.tiers]
        for move in self.kept.moves:
            tier = self.kept.tier(move.target.tier)
            paths += [(tier.path, move.target.path)] if tier else []
        for root, path in paths:
            known = known_elsewhere(self.state, root, path)
            if known is not None:
                self._sums[path] = known

    def _ask_due(self) -> None:
        self._due = {}
        for move in self.kept.moves:
            found = self._due_of(move)
            if found is not None:
                self._due[move.name] = found

    def _due_of(self, move: Move) -> Due | None:
        """What an app is done with only the app knows."""
        tier = self.kept.tier(move.source.tier)
        if tier is None or move.finished_by:
            return None
        tiers = {each.name: each for each in self._status.tiers}
        unknown = Usage(why="it is not known")
        source, target = (
            tiers[name].usage if name in tiers else unknown
            for name in (move.source.tier, move.target.tier)
        )
        forecast = tiers[move.source.tier].forecast if move.source.tier in tiers else None
        full_in = forecast.full_in if forecast else None
        # What waits for idle disks is not due.
        found = decide_move(move, source, target, Moment(self._clock(), full_in, Idle()))
        if not source.is_known:
            return None
        if not isinstance(found, Go):
            return Due(0, 0, 0.0) if target.is_known else None
        age = found.older_than or 0.0
        now = time.time()
        ages = ages_elsewhere(self.state, tier.path, move.source.path, now - age)
        if ages is None:
            return None
        files, size, oldest = ages
        return Due(files, size, max(0.0, now - age - oldest) if files else 0.0)

    def _clock(self) -> datetime:
        return datetime.now(UTC).astimezone(zone_of(self.kept.timezone))

    def _ask_backups(self) -> None:
        self._backups = ()
        with suppress(Broken, OSError):
            self._backups = of_every(
                self.plan, self.kept.host, self.state, self._clock(), self.began
            )


def _is_open(folder: Path) -> bool:
    try:
        folder.lstat()
    except FileNotFoundError:
        return True
    except OSError:
        return False
    return os.access(folder, os.R_OK | os.X_OK)
