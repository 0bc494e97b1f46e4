"""What lies on a host's tiers, kept known while it runs; who asks gets a number or nothing."""

import fcntl
import os
import time
from collections.abc import Callable, Collection, Sequence
from contextlib import suppress
from pathlib import Path
from typing import IO, Final

from labkeeper.host.feed import Changes, Feed, NoFeed, Watcher
from labkeeper.storage.index import Gone, Index, Sum, file_of, sum_at
from labkeeper.store import state as states
from labkeeper.store.index import Rows

_TRY_AGAIN: Final = 60.0  # seconds


class Knowledge:
    """The indexes of some folders, and whoever tells what changes in them."""

    def __init__(self, state: Path, roots: Sequence[str], feed: Feed | None = None) -> None:
        self._state = state
        self._roots = tuple(roots)
        self._indexes: dict[str, Index] = {}
        self._lock: IO[str] | None = None
        self._feed: Feed = feed or NoFeed()
        self._is_given = feed is not None
        self._next_try = 0.0
        self._away: frozenset[str] = frozenset()

    @property
    def how(self) -> str:
        """Whoever tells of changes, in a word."""
        return self._feed.how if self._feed.is_alive else NoFeed.how

    def index(self, root: str) -> Index | None:
        """The index of a root; none where it cannot be had now."""
        return self._indexes.get(root)

    def refresh(self, away: Collection[str] | None = None) -> None:
        """Look at what changed; what is `away` is not touched, and not known until it is back."""
        if away is not None:
            self._away = frozenset(away)
        for root in self._away:
            self._close(root)
        if not self._holds() or not self._listens():
            return
        changes = self._feed.take()
        known = {index.filesystem for index in self._indexes.values()}
        for root, index in list(self._indexes.items()):
            # btrfs names itself by another number to a subvolume than to events.
            own = [t for t in changes.touched if t.filesystem not in known - {index.filesystem}]
            try:
                index.refresh(Changes(own, changes.is_all), self._feed.cover)
                index.tell_sure(is_sure=index.is_sure and self._feed.is_alive)
            except states.Broken:
                self._begin_anew(root, index)
            except (Gone, OSError):
                self._close(root)

    def bytes_below(self, path: str) -> int | None:
        """What the files below a folder take, each inode once; none where nobody is sure."""
        for root, index in self._indexes.items():
            if path == root or path.startswith(root.rstrip("/") + "/"):
                with suppress(states.Broken, OSError):
                    below = index.sum_of(path)
                    if index.is_sure and self._feed.is_alive and below.is_known:
                        return below.bytes
        return None

    def close(self) -> None:
        """Know no more."""
        for root in list(self._indexes):
            self._close(root)
        if not self._is_given:
            self._feed.close()
        if self._lock is not None:
            self._lock.close()

    def _listens(self) -> bool:
        """Indexes are opened only where somebody tells of changes: a walk is as good otherwise."""
        there = [root for root in self._roots if root not in self._away and os.path.isdir(root)]
        if self._feed.is_alive and self._indexes.keys() >= {*there}:
            return True
        if not there or time.monotonic() < self._next_try:
            return self._feed.is_alive
        self._next_try = time.monotonic() + _TRY_AGAIN
        if not self._is_given:
            self._feed.close()
            self._feed = Watcher.start(there) or NoFeed()
        # A new feed has not told what came before it.
        for root in list(self._indexes):
            self._close(root)
        for root in there if self._feed.is_alive else ():
            with suppress(OSError, states.Broken):
                self._indexes[root] = Index.open(self._state, root)
        return self._feed.is_alive

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

    def _begin_anew(self, root: str, index: Index) -> None:
        """An index that cannot be read or written is made from the disk again, if it can."""
        self._close(root)
        for end in ("", "-wal", "-shm"):
            with suppress(OSError):
                Path(f"{file_of(self._state, root)}{end}").unlink(missing_ok=True)

    def _close(self, root: str) -> None:
        index = self._indexes.pop(root, None)
        if index is not None:
            index.close()


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
