"""What an app has finished: read whole once, and after that only what is new."""

from collections.abc import Iterable
from typing import Final

from labkeeper.keep.truth import Done

# How far back one looks for what was finished.
KEPT: Final = 90 * 86400.0
# Rows of a history may become visible a little later than they say.
OVERLAP: Final = 600.0
# What was taken out of a history meanwhile is seen once a day.
_WHOLE_EVERY: Final = 86400.0


class Past:
    """The history of one app, as far as it was read."""

    def __init__(self) -> None:
        self._rows: dict[tuple[str, float], Done] = {}
        self._latest: float | None = None
        self._whole_at: float | None = None
        self._is_whole = True

    def since(self, now: float) -> float:
        """From when on to ask: by the app's own clock, where it has said what time it is."""
        is_fresh = self._whole_at is not None and 0 <= now - self._whole_at < _WHOLE_EVERY
        self._is_whole = not is_fresh or self._latest is None
        if self._is_whole or self._latest is None:
            return now - KEPT
        return self._latest - OVERLAP

    def add(self, rows: Iterable[Done], latest: float | None, now: float) -> tuple[Done, ...]:
        """All that is known, after an answer whose last row is of the time `latest`."""
        if self._is_whole:
            self._rows, self._latest, self._whole_at = {}, None, now
        self._rows.update(((row.path, row.at), row) for row in rows)
        for key in [key for key in self._rows if key[1] < now - KEPT]:
            del self._rows[key]
        times = [each for each in (latest, self._latest) if each is not None]
        self._latest = max(times, default=None)
        return tuple(self._rows.values())
