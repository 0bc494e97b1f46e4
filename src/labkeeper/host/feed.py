"""What changed on file systems since it was asked the last time, from whoever can tell it."""

import errno
import os
import select
import socket
import subprocess
import sys
from collections.abc import Sequence
from typing import Final, NamedTuple, Protocol, Self

from labkeeper.host import watcher
from labkeeper.host.fanotify import Touched

# Where a service manager has a watcher for whoever may ask it.
SOCKET: Final = "/run/labkeeper/watcher.sock"
_PATIENCE: Final = 10.0  # seconds
_CHUNK: Final = 1 << 16


class Changes(NamedTuple):
    """What was touched; where not all is known, everything has to be looked at."""

    touched: Sequence[Touched] = ()
    is_all: bool = True


MISSED: Final = Changes(is_all=False)


class Feed(Protocol):
    """Tells what changed."""

    # Whether what it does not tell did not happen.
    is_alive: bool
    # How it knows, in a word, and why it knows no better.
    how: str
    why: str
    # Whether it tells of what happens by names outside the roots, too.
    hears_all: bool

    def take(self) -> Changes:
        """All that happened until now and was not told before."""

    @property
    def is_quiet(self) -> bool:
        """Nothing waits to be told, as far as is known without asking anybody."""

    def cover(self, path: bytes, inode: int) -> None:
        """Tell of this folder from now on."""

    def close(self) -> None:
        """Tell no more."""


class NoFeed:
    """Nobody tells."""

    is_alive = False
    how = "walks"
    hears_all = False
    is_quiet = True

    def __init__(self, why: str = "") -> None:
        self.why = why

    def take(self) -> Changes:
        """Everything may have changed."""
        return MISSED

    def cover(self, path: bytes, inode: int) -> None:
        """Nobody listens."""

    def close(self) -> None:
        """Nobody listened."""


class _Spawned:
    """A watcher that is our own child."""

    def __init__(self, process: "subprocess.Popen[bytes]") -> None:
        assert process.stdin is not None  # noqa: S101  it is a pipe
        assert process.stdout is not None  # noqa: S101  it is a pipe
        self._process = process
        self.process = process.pid
        self.says, self.hears = process.stdin.fileno(), process.stdout.fileno()

    def close(self) -> None:
        """It ends, and is waited for."""
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                pipe.close()
        try:
            self._process.wait(_PATIENCE)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()


class _Served:
    """A watcher that the service manager started for this connection."""

    process = 0

    def __init__(self, end: socket.socket) -> None:
        self._end = end
        self.says = self.hears = end.fileno()

    def close(self) -> None:
        """It ends."""
        self._end.close()


class Watcher:
    """Asks the process that hears of every change of whole file systems (`watcher.py`)."""

    how = "fanotify"
    why = ""
    hears_all = True

    def __init__(self, ends: "_Spawned | _Served") -> None:
        self._ends = ends
        self.is_alive = True

    @classmethod
    def start(cls, paths: Sequence[str]) -> Self:
        """Have it listen; OSError where the system does not let it."""
        return cls._served(paths) or cls._spawned(paths)

    @classmethod
    def _served(cls, paths: Sequence[str]) -> Self | None:
        """The service's, where there is one, it lets us ask, and it hears of all of these."""
        end = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM | socket.SOCK_CLOEXEC)
        end.settimeout(_PATIENCE)
        self = cls(_Served(end))
        try:
            end.connect(SOCKET)
            end.setblocking(True)
            self._read(len(watcher.READY))
            (length,) = watcher.COVERED.unpack(self._read(watcher.COVERED.size))
            covered = self._read(length).split(b"\0")
        except OSError:
            self.close()
            return None
        if {os.fsencode(path) for path in paths} <= {*covered}:
            return self
        self.close()
        return None

    @classmethod
    def _spawned(cls, paths: Sequence[str]) -> Self:
        # Run for its own name, it must not import itself a second time.
        command = [sys.executable, "-c", "from labkeeper.host.watcher import run; run()", *paths]
        place = os.pathsep.join(path for path in sys.path if path)
        process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
            bufsize=0, start_new_session=True, cwd="/", env={**os.environ, "PYTHONPATH": place},
        )  # fmt: skip
        self = cls(_Spawned(process))
        try:
            self._read(len(watcher.READY))
        except OSError:
            self.close()
            # What it was refused is its exit status.
            refused = max(0, process.returncode) or errno.EIO
            raise OSError(refused, os.strerror(refused)) from None
        return self

    @property
    def process(self) -> int:
        """Its number; none of one that the service manager started."""
        return self._ends.process

    def take(self) -> Changes:
        """Ask it; one that does not answer is never asked again."""
        if not self.is_alive:
            return MISSED
        try:
            return self._answer()
        except OSError:
            self.close()
            return MISSED

    @property
    def is_quiet(self) -> bool:
        """It has said nothing by itself since it was asked; where it died, that shows too."""
        if not self.is_alive:
            return False
        poll = select.poll()
        poll.register(self._ends.hears, select.POLLIN)
        return not poll.poll(0)

    def cover(self, path: bytes, inode: int) -> None:
        """It tells of the whole file system."""

    def close(self) -> None:
        """It ends when nobody can ask it any more."""
        self.is_alive = False
        self._ends.close()

    def _answer(self) -> Changes:
        os.write(self._ends.says, b"?")
        while self._read(1) == watcher.NEWS:
            continue
        length, is_all = watcher.ANSWER.unpack(self._read(watcher.ANSWER.size))
        words = self._read(length)
        touched: list[Touched] = []
        at, size, unpack = 0, watcher.RECORD.size, watcher.RECORD.unpack_from
        while at < length:
            filesystem, folder, file, more = unpack(words, at)
            at += size
            touched.append(Touched(filesystem, folder, file, words[at : at + more]))
            at += more
        return Changes(touched, is_all)

    def _read(self, length: int) -> bytes:
        file = self._ends.hears
        poll = select.poll()
        poll.register(file, select.POLLIN)
        parts = []
        while length:
            if not poll.poll(_PATIENCE * 1000):
                raise TimeoutError
            part = os.read(file, min(length, _CHUNK))
            if not part:
                raise BrokenPipeError
            parts.append(part)
            length -= len(part)
        return b"".join(parts)
