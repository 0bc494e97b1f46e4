"""Children that act, and say line by line what comes of it."""

import ctypes
import gc
import os
import signal
import sys
import traceback
from collections.abc import Callable
from contextlib import suppress
from typing import Final, Self

from labkeeper.host import kernel

_CHUNK: Final = 1 << 16
_SET_PDEATHSIG: Final = 1  # prctl(2)


class Child:
    """One of them."""

    def __init__(self, process: int, pipe: int) -> None:
        self.process = process
        self.pipe = pipe
        self.name = ""
        self.is_over = False
        # Whether its last line was one that says what came of it.
        self.has_said_all = False
        self._heard = b""
        self._status: int | None = None

    @classmethod
    def start(cls, work: Callable[[int], None], let_go: Callable[[], None]) -> Self:
        """Fork it; it works, and is gone. `let_go` closes in it what is its parent's."""
        inside, outside = os.pipe2(os.O_CLOEXEC)
        parent = os.getpid()
        process = os.fork()
        if process == 0:
            _live(work, let_go, (inside, outside), parent)
        os.close(outside)
        os.set_blocking(inside, False)
        return cls(process, inside)

    def hear(self) -> list[bytes]:
        """Whole lines that it said."""
        with suppress(BlockingIOError):
            while part := os.read(self.pipe, _CHUNK):
                self._heard += part
            self.is_over = True
        *lines, self._heard = self._heard.split(b"\n")
        if lines:
            self.has_said_all = not lines[-1].startswith(b'{"say":"doing"')
        return lines

    def end(self) -> None:
        """Have it end at a safe place."""
        with suppress(ProcessLookupError):
            os.kill(self.process, signal.SIGTERM)

    def wake(self) -> None:
        """Something has changed that it may want to look at."""
        with suppress(ProcessLookupError):
            os.kill(self.process, signal.SIGUSR1)

    def kill(self) -> None:
        """End it where it is."""
        with suppress(ProcessLookupError):
            os.kill(self.process, signal.SIGKILL)

    def is_gone(self) -> bool:
        """Whether it has ended; processes of its own may hang, and hold its end of the pipe."""
        if self._status is None:
            try:
                process, status = os.waitpid(self.process, os.WNOHANG)
            except ChildProcessError:
                process, status = self.process, 0
            self._status = status if process else None
        return self._status is not None

    def fate(self) -> str:
        """How it ended."""
        code = os.waitstatus_to_exitcode(self._status or 0)
        return f"signal {-code}" if code < 0 else f"status {code}"

    def close(self) -> None:
        """It is over."""
        os.close(self.pipe)
        if not self.is_gone():
            # It has closed its end, so that this is a moment.
            with suppress(ChildProcessError):
                self._status = os.waitpid(self.process, 0)[1]


def _live(
    work: Callable[[int], None], let_go: Callable[[], None], pipe: tuple[int, int], parent: int
) -> None:
    status = 1
    try:
        # Whoever is nobody's child any more ends at a safe place, too.
        prctl = kernel.door("prctl", ctypes.c_int, ctypes.c_ulong)
        prctl(_SET_PDEATHSIG, signal.SIGTERM)
        let_go()
        os.close(pipe[0])
        for each in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(each, signal.SIG_DFL)
        # Who has no use for being woken sleeps on.
        signal.signal(signal.SIGUSR1, signal.SIG_IGN)
        if os.getppid() == parent:
            gc.freeze()
            work(pipe[1])
            status = 0
    except SystemExit as ended:
        status = ended.code if isinstance(ended.code, int) else 1
    except BaseException:
        traceback.print_exc()
    finally:
        sys.stderr.flush()
        os._exit(status)
