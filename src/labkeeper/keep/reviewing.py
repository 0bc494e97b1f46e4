"""When one rule's events are asked for: soon after a message, and again and again in any case.

A message says that something ended, and Frigate's own list says what: nobody who can publish has
anything copied that Frigate did not see, and a message that is lost costs an hour at the most.
"""

import time
from collections.abc import Callable
from typing import Final

from labkeeper.host.frigate import Frigate, ended
from labkeeper.host.http import Unanswered
from labkeeper.host.mqtt import Broker, Listener, Message, Unheard
from labkeeper.keep.clipping import Copier
from labkeeper.keep.events import Clipped, Refused

# Seconds between two looks at what Frigate lists: while messages are heard, and while not.
HEARD: Final = 3600.0
UNHEARD: Final = 60.0
_SOON: Final = 5.0  # however many messages there are
_AGAIN: Final = 30.0  # after an answer without the event that a message told of
_TRIES: Final = 4
_MOST: Final = 1000  # messages whose events are waited for
_RESTS: Final = (30.0, 600.0)


class Reviewing:
    """One rule."""

    def __init__(
        self,
        copier: Copier,
        frigate: Frigate,
        told: Clipped,
        broker: Callable[[], tuple[Broker, str] | None],
    ) -> None:
        self._copier = copier
        self._frigate = frigate
        # What is told with nothing in it.
        self._told = told
        self._broker = broker
        self._listener: Listener | None = None
        self._subject: tuple[Broker, str] | None = None
        self._times = 0
        self._next = 0.0
        self._rest = _RESTS[0]
        self._refused = ""
        # Events that somebody told the end of, and how often Frigate did not list them.
        self._hints: dict[str, int] = {}

    def turn(self) -> tuple[list[Clipped], float]:
        """One look: what came of it, and in how many seconds there is to be another."""
        news: list[Clipped] = []
        listener = self._listener
        if listener is not None:
            listener.step()
            if listener.times > self._times:
                self._times, self._next = listener.times, 0.0  # what it missed meanwhile
        if time.monotonic() >= self._next:
            news += self._refusal(self._catch_up())
        told = self._copier.copy()
        if told.clips or told.missing:
            news.append(told)
        if told.refused is not None and not told.clips and not told.missing:
            news += self._refusal(told.refused)
        return news, min(self._next - time.monotonic(), self._copier.waits())

    def fileno(self) -> int | None:
        """What can be waited for, beside the time."""
        return None if self._listener is None else self._listener.fileno()

    def close(self) -> None:
        """Listen no more."""
        if self._listener is not None:
            self._listener.close()
            self._listener = None

    def _refusal(self, refused: Refused | None) -> list[Clipped]:
        """Told once, until it is another."""
        message = refused.message if refused else ""
        was, self._refused = self._refused, message
        if refused is None or message == was:
            return []
        return [Clipped(self._told.rule, self._told.service, self._told.target, refused=refused)]

    def _catch_up(self) -> Refused | None:
        begun = time.monotonic()
        try:
            self._copier.catch_up()
            unheard = self._listen()
        except Unanswered as unanswered:
            self._next = begun + self._rest
            self._rest = min(_RESTS[1], self._rest * 2)
            return Refused("recorder-silent", unanswered.why, unanswered.help)
        self._rest = _RESTS[0]
        is_heard = self._listener is not None and self._listener.unheard is None
        waiting = self._settle_hints()
        self._next = begun + (_AGAIN if waiting else HEARD if is_heard else UNHEARD)
        if unheard is None:
            return None
        why = f"its messages are not heard, so it is asked each minute: {unheard.why}"
        return Refused("broker-silent", why, unheard.help)

    def _settle_hints(self) -> bool:
        """Whether an event is still to be listed; one that never is was none of Frigate's."""
        for review, tries in list(self._hints.items()):
            if self._copier.is_known(review) or tries >= _TRIES:
                self._hints.pop(review, None)
            else:
                self._hints[review] = tries + 1
        return bool(self._hints)

    def _listen(self) -> Unheard | None:
        """Listen where Frigate publishes now; why nothing is heard, where nothing is."""
        try:
            subject = self._broker()
        except Unheard as unheard:
            self.close()
            return unheard
        if subject != self._subject:
            self.close()
            self._subject, self._times = subject, 0
            if subject is not None:
                self._listener = Listener(*subject, self.heard)
                self._listener.step()
                self._times = self._listener.times
        if subject is None:
            return Unheard(
                "Frigate publishes nothing",
                "let it: `mqtt: {enabled: true, host: ...}` in its settings",
            )
        listener = self._listener
        # One that has only just begun is given a minute.
        return listener.unheard if listener is not None and listener.failures > 1 else None

    def heard(self, message: Message) -> None:
        """A message came. What is retained is old, and was heard of before."""
        if message.is_retained:
            return
        review = ended(message.payload)
        if review is None or not self._copier.is_wanted(review) or len(self._hints) >= _MOST:
            return
        self._hints.setdefault(review.id, 0)
        self._next = min(self._next, time.monotonic() + _SOON)
