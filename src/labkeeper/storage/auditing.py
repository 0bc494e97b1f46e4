"""Folders are read again, those first that were not for the longest: nobody told of all."""

import time
from typing import Final

from labkeeper.storage.agenda import Agenda
from labkeeper.store.index import Rows

_HOUR: Final = 3600.0
_DAY: Final = 24 * _HOUR
# What no event told of (a write by a mapping) is seen within a week; what happened to a file while
# nobody listened, and left its folder's times alone, within an hour of listening.
_WEEK: Final = 7 * _DAY
_MOST: Final = 20  # folders a turn


class Audit:
    """A disk that sleeps is woken for it once a day, unless there is something to make sure of."""

    def __init__(self, rows: Rows) -> None:
        self._rows = rows
        # How many by now, how many more a second, and how many are worth waking a disk for.
        self._owed = 0.0
        self._rate = 0.0
        self._worth = 1.0
        self._at = time.monotonic()

    def all(self) -> None:
        """Read every folder in the next turn."""
        self._owed = float("inf")

    def is_due(self, now: float) -> bool:
        """It is worth waking a disk for."""
        return self._owed + self._rate * (now - self._at) >= self._worth

    def turn(self, agenda: Agenda, *, is_certain: bool) -> None:
        """Read some; as a disk is awake where there is something else to read, with that."""
        now = time.monotonic()
        count = self._rows.count_folders()
        self._rate = count / (_WEEK if is_certain else _HOUR)
        self._owed += self._rate * (now - self._at)
        self._at = now
        is_all = self._owed == float("inf")
        if not is_all and (self._owed < 1 or not (agenda.is_waiting or self.is_due(now))):
            return
        most = count if is_all else min(int(self._owed), _MOST)
        self._owed = 0.0 if is_all else min(self._owed - most, float(count))
        # Once awake, until nothing is owed.
        is_begun = self._owed >= 1
        self._worth = 1.0 if is_begun or not is_certain else max(1.0, self._rate * _DAY)
        for folder in self._rows.longest_unread(most):
            agenda.folder(folder)
