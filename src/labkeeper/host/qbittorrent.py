"""qBittorrent's Web API, version 2: what it shares, and telling it where that has gone.

https://github.com/qbittorrent/qBittorrent/wiki/WebUI-API-(qBittorrent-4.1)
"""

import http.client
import json
from typing import Final
from urllib.parse import urlencode, urlsplit

from labkeeper.values import dataclass

_PATIENCE: Final = 10.0  # seconds for one answer
_LARGEST: Final = 64 * 1024 * 1024
_STOP_HAS_ITS_NAME: Final = (2, 11)  # qBittorrent 5 renamed pause and resume


class Unanswered(Exception):
    """The client gave no answer that can be believed."""

    def __init__(self, why: str, help_: str = "") -> None:
        super().__init__(why)
        self.why = why
        self.help = help_ or "see that the client runs and its Web UI answers; nothing was touched"


@dataclass(frozen=True, slots=True)
class Login:
    """Who asks."""

    user: str
    password: str


@dataclass(frozen=True, slots=True)
class Torrent:
    """A row of `torrents/info`."""

    hash: str
    name: str
    state: str
    progress: float
    save_path: str
    download_path: str = ""  # where it lies until it is complete, if elsewhere


@dataclass(frozen=True, slots=True)
class TorrentFile:
    """A row of `torrents/files`."""

    name: str  # below the torrent's save path
    size: int
    progress: float
    is_wanted: bool


class QBittorrent:
    """One client; every method raises Unanswered where there is any doubt."""

    def __init__(self, url: str, login: Login | None, patience: float = _PATIENCE) -> None:
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise Unanswered(f"`{url}` is not an address like http://127.0.0.1:8080")
        self._address = (parts.hostname, parts.port)
        self._is_tls = parts.scheme == "https"
        self._base = parts.path.rstrip("/") + "/api/v2/"
        self._origin = f"{parts.scheme}://{parts.netloc}"
        self._login = login
        self._patience = patience
        self._cookie = ""
        self._version = (0, 0)

    def enter(self) -> None:
        """Log in, and see that this is an API that we know."""
        if self._login is not None:
            words = {"username": self._login.user, "password": self._login.password}
            said = self._ask("auth/login", words)
            # 4.x says `Ok.` or `Fails.`, 5.2 nothing with status 204.
            if said.strip() not in (b"Ok.", b""):
                raise Unanswered(
                    "the client refuses this user or password",
                    "see the user and password that labkeeper was given",
                )
        text = self._ask("app/webapiVersion").decode(errors="replace").strip()
        numbers = text.split(".")
        if len(numbers) < 2 or not all(part.isdecimal() for part in numbers):
            raise Unanswered(f"the client gives no version of its API, but `{text[:40]}`")
        self._version = int(numbers[0]), int(numbers[1])
        if self._version[0] != 2:
            raise Unanswered(f"the client speaks version {text} of its API; labkeeper knows 2")

    def torrents(self) -> list[Torrent]:
        """List every torrent."""
        return [
            Torrent(
                _text(row, "hash"), _text(row, "name"), _text(row, "state"),
                _number(row, "progress"), _text(row, "save_path"),
                str(row.get("download_path") or ""),  # since 4.4
            )
            for row in self._rows("torrents/info")
        ]  # fmt: skip

    def files(self, hash_: str) -> list[TorrentFile]:
        """List a torrent's files."""
        return [
            TorrentFile(
                _text(row, "name"), int(_number(row, "size")), _number(row, "progress"),
                _number(row, "priority") > 0,
            )
            for row in self._rows("torrents/files", {"hash": hash_})
        ]  # fmt: skip

    def torrent(self, hash_: str) -> Torrent | None:
        """Return one torrent as it is now."""
        return next((t for t in self.torrents() if t.hash == hash_), None)

    def stop(self, hash_: str) -> None:
        """Stop a torrent."""
        self._tell("stop" if self._version >= _STOP_HAS_ITS_NAME else "pause", hash_)

    def start(self, hash_: str) -> None:
        """Start a torrent."""
        self._tell("start" if self._version >= _STOP_HAS_ITS_NAME else "resume", hash_)

    def recheck(self, hash_: str) -> None:
        """Have it compare its files with the torrent's own hashes."""
        self._tell("recheck", hash_)

    def set_location(self, hash_: str, folder: str) -> None:
        """Point a torrent to another folder; files that are there already are kept."""
        self._tell("setLocation", hash_, location=folder)

    def _tell(self, what: str, hash_: str, **words: str) -> None:
        self._ask(f"torrents/{what}", {"hashes": hash_, **words})

    def _rows(self, path: str, words: dict[str, str] | None = None) -> list[dict[str, object]]:
        try:
            answer: object = json.loads(self._ask(path, words))
        except ValueError:
            raise Unanswered(f"the client's answer to {path} is not JSON") from None
        if not isinstance(answer, list) or not all(isinstance(row, dict) for row in answer):
            raise Unanswered(f"the client's answer to {path} is not a list")
        return answer

    def _ask(self, path: str, words: dict[str, str] | None = None) -> bytes:
        """Send a form, and return the body of an answer that is new and complete."""
        kind = http.client.HTTPSConnection if self._is_tls else http.client.HTTPConnection
        host, port = self._address
        connection = kind(host, port, timeout=self._patience)
        head = {
            "Content-Type": "application/x-www-form-urlencoded",
            # The client refuses forms from elsewhere, so that no web page can send one.
            "Referer": self._origin,
            "Cookie": self._cookie,
            "Cache-Control": "no-cache",
        }
        try:
            connection.request("POST", self._base + path, urlencode(words or {}), head)
            answer = connection.getresponse()
            body = answer.read(_LARGEST + 1)
        except (OSError, http.client.HTTPException) as error:
            why = str(error) or type(error).__name__
            raise Unanswered(f"the client does not answer ({why})") from None
        finally:
            connection.close()
        _check(path, answer, body)
        for name, value in answer.getheaders():
            if name.lower() == "set-cookie":
                self._cookie = value.partition(";")[0]
        return body


def _check(path: str, answer: http.client.HTTPResponse, body: bytes) -> None:
    if answer.status in (401, 403):
        raise Unanswered(
            f"the client does not let labkeeper in ({answer.status} to {path})",
            "give its user and password; after too many tries it bans the address for an hour",
        )
    if answer.status not in (200, 204):
        raise Unanswered(f"the client answers {answer.status} to {path}")
    if answer.getheader("Age", "0").strip() != "0":
        raise Unanswered(
            "the answer is an old one that something on the way kept",
            "name the client's own address, not that of a proxy which caches",
        )
    if answer.length:
        raise Unanswered(f"the client's answer to {path} ends in the middle")
    if len(body) > _LARGEST:
        raise Unanswered(f"the answer to {path} is too large to be one")


def _text(row: dict[str, object], key: str) -> str:
    value = row.get(key)
    if not isinstance(value, str):
        raise Unanswered(f"the client's answer has no text for `{key}`")
    return value


def _number(row: dict[str, object], key: str) -> float:
    value = row.get(key)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise Unanswered(f"the client's answer has no number for `{key}`")
    return float(value)
