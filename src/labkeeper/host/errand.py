"""A child that is asked the same again and again, and is given up where it does not answer.

Not a thread: whoever forks next (each move does) has to be alone, and a thread that waits for a
name server or a dead mount cannot be ended.
"""

import os
import signal
import time
import traceback
from collections.abc import Callable
from contextlib import suppress
from multiprocessing.connection import Connection, Pipe, wait
from typing import Generic, TypeVar

T = TypeVar("T")
# What the answer is made with is made in the child, once for all of its questions.
Making = Callable[[], Callable[[], T]]


class Errand(Generic[T]):
    """One such child; it is started when there is something to ask."""

    def __init__(self, making: Making[T], patience: float) -> None:
        self._making = making
        self._patience = patience
        self._pipe: Connection | None = None
        self._child = 0
        self._asked_at: float | None = None

    @property
    def is_away(self) -> bool:
        """It was asked, and its answer was not taken yet."""
        return self._asked_at is not None

    def send(self) -> None:
        """Ask it; nobody waits."""
        if self._pipe is None:
            self._start()
        self._asked_at = time.monotonic()
        with suppress(OSError):  # one that has ended is seen when its answer is taken
            self._sure().send_bytes(b"?")

    def back(self, seconds: float = 0.0) -> T | None:
        """Its answer, where it is here; raise TimeoutError where it is given up."""
        if self._asked_at is None:
            return None
        if not wait([self._sure()], seconds):
            if time.monotonic() - self._asked_at < self._patience:
                return None
            self.end()
            raise TimeoutError
        try:
            said: T = self._sure().recv()
        except (EOFError, OSError):
            self.end()
            raise TimeoutError from None
        self._asked_at = None
        return said

    def end(self) -> None:
        """Leave it; one that is stuck in the kernel is waited for by nobody."""
        self._asked_at = None
        if self._pipe is None:
            return
        self._pipe.close()
        self._pipe = None
        with suppress(ProcessLookupError):
            os.kill(self._child, signal.SIGKILL)
        for _ in range(20):
            with suppress(ChildProcessError):
                if not os.waitpid(self._child, os.WNOHANG)[0]:
                    time.sleep(0.005)
                    continue
            return

    def _start(self) -> None:
        ours, theirs = Pipe()
        self._child = os.fork()
        if self._child == 0:
            _serve(self._making, theirs)
        theirs.close()
        self._pipe = ours

    def _sure(self) -> Connection:
        assert self._pipe is not None  # noqa: S101  it was asked
        return self._pipe


def _serve(making: Making[T], pipe: Connection) -> None:
    """Answer until nobody asks any more."""
    try:
        # Ctrl-C is for whoever asks: its end of the pipe is closed then.
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        for number in (signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, signal.SIG_DFL)
        # A lock that its parent held is not to be held by a child that lives on.
        for each in map(int, os.listdir("/proc/self/fd")):
            if each > 2 and each != pipe.fileno():
                with suppress(OSError):  # the listing's own
                    os.close(each)
        answer = making()
        while pipe.recv_bytes():
            pipe.send(answer())
    except (EOFError, OSError):
        pass  # nobody asks any more
    except Exception:
        traceback.print_exc()
    finally:
        os._exit(0)
