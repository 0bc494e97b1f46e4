"""The listening half of MQTT 3.1.1: whoever publishes is heard once for sure, and often twice.

A message is acknowledged when the listener has noted it, so that the broker keeps it until then.
"""

import time
from typing import Final

from labkeeper.host.mqtt_wire import LARGEST, Broker, Message, Note, Unheard, Wire

__all__ = ["LARGEST", "Broker", "Listener", "Message", "Unheard", "knock"]

_DELAYS: Final = (1.0, 2.0, 4.0, 8.0, 15.0, 30.0, 60.0)
# A broker takes silence for so long; whoever listens may copy something meanwhile.
_KEEP_ALIVE: Final = 600


class Listener:
    """Hears of one topic, whenever somebody takes a step; it never waits longer than told."""

    def __init__(
        self,
        broker: Broker,
        topic: str,
        note: Note,
        delays: tuple[float, ...] = _DELAYS,
        keep_alive: int = _KEEP_ALIVE,
    ) -> None:
        self.broker = broker
        self._topic = topic
        self._note = note
        self._delays = delays
        self._keep_alive = keep_alive
        self._wire: Wire | None = None
        self._next = 0.0
        # How often it was let in, and how often not since; why it is not heard now.
        self.times = self.failures = 0
        self.unheard: Unheard | None = Unheard(f"{broker.shown} was not reached yet")

    def step(self) -> None:
        """Take what has come; where nobody is reached, try again when it is time to."""
        if self._wire is None and time.monotonic() < self._next:
            return
        try:
            if self._wire is None:
                self._begin()
            while self._wire is not None and self._wire.has_more():
                self._wire.take(self._note)
            if self._wire is not None:
                self._wire.keep_up()
        except Unheard as unheard:
            self.unheard = unheard
            self._end()
            self._next = time.monotonic() + self._delays[min(self.failures, len(self._delays) - 1)]
            self.failures += 1

    def fileno(self) -> int | None:
        """What can be waited for; none where nobody is reached."""
        return None if self._wire is None else self._wire.fileno()

    def close(self) -> None:
        """End; what was not noted is kept by the broker."""
        self._end()

    def _begin(self) -> None:
        self._wire = Wire(self.broker, self._keep_alive)
        self._wire.enter(is_kept=True)
        self._wire.subscribe(self._topic, self._note)
        self.times += 1
        self.failures, self.unheard = 0, None

    def _end(self) -> None:
        if self._wire is not None:
            self._wire.close()
            self._wire = None


def knock(broker: Broker) -> None:
    """Raise Unheard where the broker does not let labkeeper in; nothing is kept of it there."""
    wire = Wire(broker, _KEEP_ALIVE)
    try:
        wire.enter(is_kept=False)
    finally:
        wire.close()
