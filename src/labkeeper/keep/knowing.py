"""What lies on a host's tiers, kept known while it runs; who asks gets a number or nothing."""

import fcntl
import os
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import IO, Final

from labkeeper.host import feeds, mounts
from labkeeper.host.feed import Changes, Feed, NoFeed
from labkeeper.storage.index import Index, Sum, file_of, sum_at
from labkeeper.storage.root import Gone
from labkeeper.store import state as states
from labkeeper.store.index import Rows

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
        self._roots = tuple(roots)
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
        for root in self._away:
            self._again.pop(root, None)
            self._close(root)
        if not self._holds():
            return
        self._open()
        is_due = self._table.has_changed() or is_asked
        for feed in {id(feed): feed for feed in self._feeds.values()}.values():
            own = {root: i for root, i in self._indexes.items() if self._feeds[root] is feed}
            now = time.monotonic()
            if is_due or not feed.is_quiet or any(index.is_due(now) for index in own.values()):
                self._take(feed, own)

    def bytes_below(self, path: str) -> int | None:
        """What the files below a folder take, each inode once; none where nobody is sure."""
        for root, index in self._indexes.items():
            if path == root or path.startswith(root.rstrip("/") + "/"):
                with suppress(states.Broken, OSError):
                    below = index.sum_of(path)
                    if index.is_sure and self._feeds[root].is_alive and below.is_known:
                        return below.bytes
        return None

    def close(self) -> None:
        """Know no more."""
        for root in list(self._indexes):
            self._close(root)
        self._table.close()
        if self._lock is not None:
            self._lock.close()

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

    def _open(self) -> None:
        """Indexes are opened only where somebody tells of changes: a walk is as good otherwise."""
        now = time.monotonic()
        there = [r for r in self._roots if r not in self._away and os.path.isdir(r)]
        missing = [r for r in there if not self._is_kept(r) and self._may_try(r, now)]
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


def known_elsewhere(state: Path, root: str, path: str) -> Sum | None:
    """What another process that keeps the index is sure of; none where none does, or is sure."""
    try:
        with (state / "index" / "lock").open() as lock:
            fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
        return None  # nobody holds it
    except BlockingIOError:
        pass
    except OSError:
        return None
    with suppress(states.Broken, OSError):
        rows = Rows.read(file_of(state, root))
        try:
            found = sum_at(rows, root, path) if rows.about("sure") else None
        finally:
            rows.close()
        return found if found is not None and found.is_known else None
    return None


def measured(knowledge: Knowledge, walk: Callable[[str], int]) -> Callable[[str], int]:
    """Ask what is known by now, and walk where nobody is sure."""

    def below(path: str) -> int:
        knowledge.refresh()
        known = knowledge.bytes_below(path)
        return walk(path) if known is None else known

    return below
