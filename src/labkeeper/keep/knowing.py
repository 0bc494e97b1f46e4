"""What lies on a host's tiers, kept known while it runs; who asks gets a number or nothing."""

import fcntl
import os
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import IO, Final

from labkeeper.host import feeds, mounts, pools
from labkeeper.host.feed import Changes, Feed, NoFeed
from labkeeper.storage.index import Index, file_of
from labkeeper.storage.root import Gone
from labkeeper.store import state as states

# Seconds until it is tried again; twice as many after each time that it did not last.
_TRY_AGAIN: Final = 60.0
_LONGEST: Final = 3600.0


class Knowledge:
    """The indexes of some folders, and whoever tells what changes in them."""

    def __init__(
        self,
        state: Path,
        roots: Sequence[str],
        listen: Callable[[Sequence[str]], Mapping[str, Feed]] = feeds.listen,
    ) -> None:
        self._state = state
        # Each root, and the folders that it is seen through: itself, or a pool's branches.
        self._parts: dict[str, tuple[str, ...]] = {root: (root,) for root in roots}
        self._parts_at = -_TRY_AGAIN
        self._listen = listen
        self._indexes: dict[str, Index] = {}
        self._feeds: dict[str, Feed] = {}
        self._table = mounts.Table()
        self._lock: IO[str] | None = None
        # When what did not last is tried again, and how long was waited for that.
        self._again: dict[str, tuple[float, float]] = {}
        self._away: frozenset[str] = frozenset()

    def feed(self, root: str) -> Feed:
        """Whoever tells what changes in a root."""
        return self._feeds.get(root) or NoFeed()

    def index(self, root: str) -> Index | None:
        """The index of a root; none where it cannot be had now."""
        return self._indexes.get(root)

    def look(self, away: Collection[str] = ()) -> None:
        """Look at what changed where something did; what is `away` is not touched."""
        self.refresh(away, is_asked=False)

    def refresh(self, away: Collection[str] | None = None, *, is_asked: bool = True) -> None:
        """Look at what changed; what is `away` is not known until it is back."""
        if away is not None:
            self._away = frozenset(away)
        is_due = self._table.has_changed()
        self._find_parts(is_due=is_due)
        there = self._there()
        for root in {*self._feeds, *self._again} - there:
            self._again.pop(root, None)
            self._close(root)
        if not self._holds():
            return
        self._open(there)
        is_due |= is_asked
        for feed in {id(feed): feed for feed in self._feeds.values()}.values():
            own = {root: i for root, i in self._indexes.items() if self._feeds[root] is feed}
            now = time.monotonic()
            if is_due or not feed.is_quiet or any(index.is_due(now) for index in own.values()):
                self._take(feed, own)

    def bytes_below(self, path: str) -> int | None:
        """What the files below a folder take, each inode once; none where nobody is sure."""
        for root, parts in self._parts.items():
            below = os.path.relpath(path, root)
            if below.split("/")[0] != "..":
                found = [self._in_part(part, below, is_alone=len(parts) == 1) for part in parts]
                return None if None in found else sum(filter(None, found))
        return None

    def close(self) -> None:
        """Know no more."""
        for root in list(self._feeds):
            self._close(root)
        self._table.close()
        if self._lock is not None:
            self._lock.close()

    def _in_part(self, part: str, below: str, *, is_alone: bool) -> int | None:
        """Bytes in one of the folders that a root is seen through, which need not have it."""
        index = self._indexes.get(part)
        if index is None:
            return None if is_alone or os.path.isdir(part) else 0
        with suppress(states.Broken, OSError):
            if index.is_sure and self._feeds[part].is_alive:
                path = os.path.normpath(os.path.join(part, below))
                if not is_alone and index.folder_at(path) is None:
                    return 0
                found = index.sum_of(path)
                return found.bytes if found.is_known else None
        return None

    def _find_parts(self, *, is_due: bool) -> None:
        """Pools are asked for their branches now and then: they may get more while they run."""
        now = time.monotonic()
        if now < self._parts_at + _TRY_AGAIN and not is_due:
            return
        self._parts_at = now
        for root in self._parts.keys() - self._away:
            with suppress(OSError):
                self._parts[root] = pools.parts_of(root)

    def _there(self) -> set[str]:
        near = (root for root in self._parts if root not in self._away)
        return {part for root in near for part in self._parts[root] if os.path.isdir(part)}

    def _take(self, feed: Feed, indexes: Mapping[str, Index]) -> None:
        """What one feed tells, to all that it tells it to."""
        changes = feed.take()
        known = {index.filesystem for index in indexes.values()}
        for root, index in indexes.items():
            # btrfs names itself by another number to a subvolume than to events.
            own = [t for t in changes.touched if t.filesystem not in known - {index.filesystem}]
            try:
                index.refresh(Changes(own, changes.is_all), feed.cover)
                index.tell_sure(is_sure=index.is_sure and feed.is_alive)
            except states.Broken as broken:
                self._close(root)
                if not states.is_passing(broken):
                    self._forget(root)
            except (Gone, OSError):
                self._close(root)

    def _open(self, there: set[str]) -> None:
        """Indexes are opened only where somebody tells of changes: a walk is as good otherwise."""
        now = time.monotonic()
        missing = [r for r in sorted(there) if not self._is_kept(r) and self._may_try(r, now)]
        if not missing:
            return
        for root in missing:
            at, waited = self._again.get(root, (0.0, 0.0))
            wait = min(_LONGEST, max(_TRY_AGAIN, 2 * waited if now < at + _LONGEST else 0.0))
            self._again[root] = (now + wait, wait)
            # A new feed has not told what came before it.
            self._close(root)
        for root, feed in self._listen(missing).items():
            self._feeds[root] = feed
            with suppress(OSError, states.Broken):
                if feed.is_alive:
                    self._indexes[root] = index = Index.open(self._state, root)
                    index.hears_all = feed.hears_all

    def _is_kept(self, root: str) -> bool:
        return root in self._indexes and self._feeds[root].is_alive

    def _may_try(self, root: str, now: float) -> bool:
        return now >= self._again.get(root, (0.0, 0.0))[0]

    def _holds(self) -> bool:
        """One process keeps an index."""
        if self._lock is not None:
            return True
        try:
            lock = (file_of(self._state, "").parent / "lock").open("a")
        except (OSError, states.Broken):
            return False
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            lock.close()
            return False
        self._lock = lock
        return True

    def _forget(self, root: str) -> None:
        """An index that is damaged is made from the disk again."""
        for end in ("", "-wal", "-shm"):
            with suppress(OSError):
                Path(f"{file_of(self._state, root)}{end}").unlink(missing_ok=True)

    def _close(self, root: str) -> None:
        index = self._indexes.pop(root, None)
        if index is not None:
            index.close()
        feed = self._feeds.pop(root, None)
        if feed is not None and all(other is not feed for other in self._feeds.values()):
            feed.close()


def measured(knowledge: Knowledge, walk: Callable[[str], int]) -> Callable[[str], int]:
    """Ask what is known by now, and walk where nobody is sure."""

    def below(path: str) -> int:
        knowledge.refresh()
        known = knowledge.bytes_below(path)
        return walk(path) if known is None else known

    return below
