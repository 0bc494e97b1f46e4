"""Counting the bytes that pass: progress, a limit, and a stop."""

import time
from collections.abc import Callable
from typing import Final

from labkeeper.storage.batch import Stopped

_TELL_EVERY: Final = 0.1  # seconds


class Passing:
    """Tells of bytes now and then, keeps to a limit, and stops when asked."""

    def __init__(self, tell: Callable[[int], None], limit: int | None) -> None:
        self._tell = tell
        self._limit = limit
        self._since = time.monotonic()
        self._all = 0
        self._untold = 0
        self._told_at = 0.0
        self.is_stopped = False

    def passed(self, count: int) -> None:
        """Note bytes; wait where they came too fast."""
        if self.is_stopped:
            raise Stopped
        self._all += count
        self._untold += count
        now = time.monotonic()
        if self._limit is not None:
            time.sleep(max(0.0, self._all / self._limit - (now - self._since)))
        if now - self._told_at >= _TELL_EVERY:
            self.flush()
            self._told_at = now

    def flush(self) -> None:
        """Tell what was not told yet."""
        if self._untold:
            self._tell(self._untold)
            self._untold = 0

    def stop(self, *_: object) -> None:
        """Stop at the next piece."""
        self.is_stopped = True
