"""Waiting for whatever comes first: an answer, a signal, a time."""

import os
import selectors
import signal
import time
from collections.abc import Callable


class Wakes:
    """What a process waits for."""

    def __init__(self) -> None:
        self._selector = selectors.DefaultSelector()
        self._alarms: dict[int, tuple[float, Callable[[], None]]] = {}
        self._number = 0
        self._inside, self._outside = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
        self.on(self._inside, self._drain)

    def on(self, file: int, call: Callable[[], None], *, writes: bool = False) -> None:
        """Call it when something can be read there, or written too."""
        events = selectors.EVENT_READ | (selectors.EVENT_WRITE if writes else 0)
        if file in self._selector.get_map():
            self._selector.modify(file, events, call)
        else:
            self._selector.register(file, events, call)

    def off(self, file: int) -> None:
        """Wait for it no more."""
        if file in self._selector.get_map():
            self._selector.unregister(file)

    def at(self, when: float, call: Callable[[], None]) -> int:
        """Call it at a time of the monotonic clock; the number takes it back."""
        self._number += 1
        self._alarms[self._number] = (when, call)
        return self._number

    def forget(self, number: int) -> None:
        """Do not call it."""
        self._alarms.pop(number, None)

    def heed_signals(self) -> None:
        """A signal ends a wait, so that what it asked for is seen to."""
        os.set_blocking(self._outside, False)
        signal.set_wakeup_fd(self._outside, warn_on_full_buffer=False)

    def wait(self, seconds: float) -> None:
        """Wait so long at most, and call whoever is to be called."""
        now = time.monotonic()
        first = min((when for when, _ in self._alarms.values()), default=now + seconds)
        for key, _ in self._selector.select(max(0.0, min(seconds, first - now))):
            # An earlier one of this round may have taken it away.
            if key.fd in self._selector.get_map():
                key.data()
        now = time.monotonic()
        for number, (when, call) in list(self._alarms.items()):
            if when <= now and number in self._alarms:
                del self._alarms[number]
                call()

    def close(self) -> None:
        """Wait for nothing."""
        signal.set_wakeup_fd(-1)
        self._selector.close()
        os.close(self._inside)
        os.close(self._outside)

    def _drain(self) -> None:
        try:
            while os.read(self._inside, 4096):
                pass
        except BlockingIOError:
            pass
