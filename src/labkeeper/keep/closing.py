"""A move whose hours are over ends at a safe place."""

import time
from collections.abc import Callable
from dataclasses import replace

from labkeeper.storage.moving import Report, Talk
from labkeeper.storage.planning import Plan


class Closing:
    """Hears all that a move tells, and ends it when it is time; `at` is of the epoch."""

    def __init__(self, talk: Talk, at: float | None) -> None:
        self._talk = talk
        self._at = at
        self._end: Callable[[], None] | None = None
        self.is_over = False

    def talk(self) -> Talk:
        """What the engine tells; it says something every second, if only that nothing came."""
        if self._at is None:
            return self._talk
        return replace(
            self._talk, planned=self._planned, passed=self._passed, outcome=self._outcome,
            silence=self._silence, stopper=self._stopper,
        )  # fmt: skip

    def _look(self) -> None:
        if self._at is not None and not self.is_over and time.time() >= self._at and self._end:
            self.is_over = True
            self._end()

    def _stopper(self, end: Callable[[], None]) -> None:
        self._end = end
        self._talk.stopper(end)

    def _planned(self, plan: Plan) -> None:
        self._talk.planned(plan)
        self._look()

    def _passed(self, count: int) -> None:
        self._talk.passed(count)
        self._look()

    def _outcome(self, report: Report) -> None:
        self._talk.outcome(report)
        self._look()

    def _silence(self, seconds: float) -> None:
        self._talk.silence(seconds)
        self._look()
