"""A page of text over HTTP, and nothing else: who asks slowly, much or wrongly keeps nobody.

A thread of its own answers one after the other of a few open connections; none is kept open for
longer than a scrape takes, and none may send more than a short request.
"""

import selectors
import socket
import threading
import time
from contextlib import suppress
from typing import Final

from labkeeper.values import dataclass

_MOST: Final = 16  # connections
_LONGEST: Final = 4096  # bytes of a request
_PATIENCE: Final = 10.0  # seconds for all of it
_TURN: Final = 1.0
_PIECE: Final = 1 << 16
_TEXT: Final = "text/plain; version=0.0.4; charset=utf-8"
_PLAIN: Final = "text/plain; charset=utf-8"


@dataclass
class _Caller:
    """One connection: what it has asked so far, and what it has still to be told."""

    socket: socket.socket
    until: float
    asked: bytes = b""
    told: bytes = b""


class Exposer:
    """Serves the text that it was given last."""

    def __init__(self, address: str, port: int) -> None:
        is_six = ":" in address
        self._door = socket.socket(socket.AF_INET6 if is_six else socket.AF_INET)
        self._door.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            self._door.bind((address, port))
            self._door.listen(_MOST)
        except OSError:
            self._door.close()
            raise
        self._door.setblocking(False)
        self.port = int(self._door.getsockname()[1])
        self._text: bytes | None = None
        self._callers: dict[int, _Caller] = {}
        self._is_over = False
        self._wake, self._woken = socket.socketpair()
        self._thread = threading.Thread(target=self._run, name="metrics", daemon=True)
        self._thread.start()

    def show(self, text: str) -> None:
        """Serve this from now on."""
        self._text = text.encode()

    def close(self) -> None:
        """Serve nobody any more."""
        self._is_over = True
        self._wake.send(b"x")
        self._thread.join()
        for each in (self._door, self._wake, self._woken):
            each.close()

    def _run(self) -> None:
        with selectors.DefaultSelector() as selector:
            selector.register(self._woken, selectors.EVENT_READ)
            is_open = False
            while not self._is_over:
                # Whoever comes while all places are taken waits in the kernel's queue.
                if is_open != (len(self._callers) < _MOST):
                    is_open = not is_open
                    if is_open:
                        selector.register(self._door, selectors.EVENT_READ)
                    else:
                        selector.unregister(self._door)
                for key, _ in selector.select(_TURN):
                    if key.fileobj is self._door:
                        self._enter(selector)
                    elif key.fileobj is not self._woken:
                        self._serve(selector, self._callers[key.fd])
                now = time.monotonic()
                for caller in [c for c in self._callers.values() if c.until < now]:
                    self._leave(selector, caller)
            for caller in list(self._callers.values()):
                self._leave(selector, caller)

    def _enter(self, selector: selectors.BaseSelector) -> None:
        try:
            connection, _ = self._door.accept()
        except OSError:
            return  # it is gone again, or there is no room for one more
        connection.setblocking(False)
        caller = _Caller(connection, time.monotonic() + _PATIENCE)
        self._callers[connection.fileno()] = caller
        selector.register(connection, selectors.EVENT_READ)

    def _leave(self, selector: selectors.BaseSelector, caller: _Caller) -> None:
        del self._callers[caller.socket.fileno()]
        selector.unregister(caller.socket)
        caller.socket.close()

    def _serve(self, selector: selectors.BaseSelector, caller: _Caller) -> None:
        try:
            is_done = self._tell(caller) if caller.told else self._hear(selector, caller)
        except BlockingIOError:
            return
        except OSError:
            is_done = True
        if is_done:
            self._leave(selector, caller)

    def _hear(self, selector: selectors.BaseSelector, caller: _Caller) -> bool:
        piece = caller.socket.recv(_LONGEST)
        if not piece:
            return True
        caller.asked += piece
        is_whole = b"\r\n\r\n" in caller.asked or b"\n\n" in caller.asked
        if not is_whole and len(caller.asked) <= _LONGEST:
            return False
        caller.told = self._answer(caller.asked) if is_whole else _answer(431, b"too long\n")
        selector.modify(caller.socket, selectors.EVENT_WRITE)
        return False

    def _tell(self, caller: _Caller) -> bool:
        sent = caller.socket.send(caller.told[:_PIECE])
        caller.told = caller.told[sent:]
        if caller.told:
            return False
        with suppress(OSError):
            caller.socket.shutdown(socket.SHUT_WR)
        return True

    def _answer(self, asked: bytes) -> bytes:
        words = asked.split(b"\r\n", 1)[0].split(b"\n", 1)[0].split()
        if len(words) != 3 or not words[2].startswith(b"HTTP/1."):
            return _answer(400, b"not understood\n")
        method, path = words[0], words[1].partition(b"?")[0]
        if method not in (b"GET", b"HEAD"):
            return _answer(405, b"only GET and HEAD\n")
        is_short = method == b"HEAD"
        if path == b"/-/healthy":
            return _answer(200, b"ok\n", is_short=is_short)
        if path != b"/metrics":
            return _answer(404, b"here is /metrics\n", is_short=is_short)
        if self._text is None:
            return _answer(503, b"nothing is known yet\n", is_short=is_short)
        return _answer(200, self._text, _TEXT, is_short=is_short)


_WORDS: Final = {
    200: "OK", 400: "Bad Request", 404: "Not Found", 405: "Method Not Allowed",
    431: "Request Header Fields Too Large", 503: "Service Unavailable",
}  # fmt: skip


def _answer(status: int, body: bytes, kind: str = _PLAIN, *, is_short: bool = False) -> bytes:
    head = (
        f"HTTP/1.1 {status} {_WORDS[status]}\r\nContent-Type: {kind}\r\n"
        f"Content-Length: {len(body)}\r\nX-Content-Type-Options: nosniff\r\nConnection: close\r\n"
    )
    if status == 405:
        head += "Allow: GET, HEAD\r\n"
    return f"{head}\r\n".encode() + (b"" if is_short else body)
