"""Lines over a socket that never blocks: what came is cut, what does not fit yet waits."""

import socket
from contextlib import suppress
from typing import Final

_CHUNK: Final = 1 << 16


class TooLong(Exception):
    """A line has no end."""


class Lines:
    """One end of a connection."""

    def __init__(self, end: socket.socket, most: int) -> None:
        end.setblocking(False)
        self._end = end
        self._most = most
        self._heard = bytearray()
        self._unsaid = bytearray()
        # Nobody is at the other end any more.
        self.is_over = False

    def fileno(self) -> int:
        """Its number, for whoever waits."""
        return self._end.fileno()

    @property
    def is_waiting(self) -> bool:
        """Whether something could not be said yet."""
        return bool(self._unsaid)

    def hear(self) -> list[bytes]:
        """Whole lines that came; a rest without an end is none."""
        try:
            while not self.is_over:
                part = self._end.recv(_CHUNK)
                self.is_over = not part
                self._heard += part
                if len(self._heard) > self._most:
                    break
        except BlockingIOError:
            pass
        except OSError:
            self.is_over = True
        *lines, rest = bytes(self._heard).split(b"\n")
        if len(rest) > self._most or any(len(each) > self._most for each in lines):
            raise TooLong
        self._heard = bytearray(rest)
        return lines

    def say(self, text: bytes) -> None:
        """Say it, or what fits of it; the rest goes with the next call."""
        self._unsaid += text
        try:
            while self._unsaid:
                sent = self._end.send(self._unsaid)
                del self._unsaid[:sent]
        except BlockingIOError:
            pass
        except OSError:
            self.is_over = True
            self._unsaid.clear()

    def close(self) -> None:
        """End it."""
        with suppress(OSError):
            self._end.close()
