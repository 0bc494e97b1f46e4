"""A torrent client of the demo: it answers as qBittorrent's Web API does, of files that are there.

https://github.com/qbittorrent/qBittorrent/wiki/WebUI-API-(qBittorrent-4.1)
"""

import errno
import json
import threading
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Final, TypeAlias
from urllib.parse import parse_qs

_API = "/api/v2/"
_PATIENCE: Final = 10.0  # seconds
Row: TypeAlias = dict[str, str | int | float]


class Shares:
    """What the client has, by the hash of each torrent: its row, and those of its files."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._torrents: dict[str, tuple[Row, list[Row]]] = {}

    def put(self, torrent: Row, files: list[Row]) -> None:
        """Have a torrent, or have it as it is now."""
        with self._lock:
            self._torrents[str(torrent["hash"])] = (torrent, files)

    def torrents(self) -> list[Row]:
        """All of them."""
        with self._lock:
            return [torrent for torrent, _ in self._torrents.values()]

    def files(self, hash_: str) -> list[Row]:
        """The files of one."""
        with self._lock:
            return self._torrents[hash_][1] if hash_ in self._torrents else []


def serve(port: int, shares: Shares) -> Callable[[], None]:
    """Answer on a port from now on; what comes back ends it."""

    class _Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            length = int(self.headers.get("Content-Length") or 0)
            words = parse_qs(self.rfile.read(length).decode("utf-8", "replace"))
            body = _answer(self.path, words, shares)
            self.send_response(404 if body is None else 200)
            self.end_headers()
            self.wfile.write(body or b"")

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002  the parent's name
            """Say nothing: the terminal belongs to the demo."""

    server = _listening(port, _Handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()

    def end() -> None:
        server.shutdown()
        server.server_close()

    return end


def _listening(port: int, handler: type[BaseHTTPRequestHandler]) -> ThreadingHTTPServer:
    """On a port that may still be held by the client of a demo that was killed a moment ago."""
    until = time.monotonic() + _PATIENCE
    while True:
        try:
            return ThreadingHTTPServer(("127.0.0.1", port), handler)
        except OSError as error:
            if error.errno != errno.EADDRINUSE or time.monotonic() > until:
                raise
        time.sleep(0.1)


def _answer(path: str, words: dict[str, list[str]], shares: Shares) -> bytes | None:
    match path.removeprefix(_API):
        case "app/webapiVersion":
            return b"2.11.2"
        case "torrents/info":
            return json.dumps(shares.torrents()).encode()
        case "torrents/files":
            return json.dumps(shares.files(words.get("hash", [""])[0])).encode()
    return None
