"""qBittorrent's Web API, version 2: what it shares, and telling it where that has gone.

https://github.com/qbittorrent/qBittorrent/wiki/WebUI-API-(qBittorrent-4.1)
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Final, TypeVar

import msgspec
from msgspec import UNSET, UnsetType

from labkeeper.host.http import PATIENCE, Body, Door, Heard, Unanswered
from labkeeper.values import dataclass

_T = TypeVar("_T")
_STOP_HAS_ITS_NAME: Final = (2, 11)  # qBittorrent 5 renamed pause and resume


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
    download_path: str = ""  # since 4.4: where it lies until it is complete, if elsewhere
    category: str = ""
    amount_left: int = 0
    content_path: str = ""  # its one file, or the folder of all


@dataclass(frozen=True, slots=True)
class TorrentFile:
    """A row of `torrents/files`."""

    name: str  # below the torrent's save path
    size: int
    progress: float
    is_wanted: bool


class _File(msgspec.Struct, frozen=True):
    name: str
    size: int
    progress: float
    priority: int


class Row(msgspec.Struct, frozen=True):
    """What of one torrent is another than when it was last asked for."""

    name: str | UnsetType = UNSET
    state: str | UnsetType = UNSET
    progress: float | UnsetType = UNSET
    save_path: str | UnsetType = UNSET
    download_path: str | UnsetType = UNSET
    category: str | UnsetType = UNSET
    amount_left: int | UnsetType = UNSET
    content_path: str | UnsetType = UNSET


class Changes(msgspec.Struct, frozen=True):
    """An answer to `sync/maindata`: what has changed since the one that `rid` numbers."""

    rid: int
    full_update: bool = False
    torrents: dict[str, Row] = {}
    torrents_removed: tuple[str, ...] = ()


class QBittorrent:
    """One client; every method raises Unanswered where there is any doubt."""

    def __init__(self, url: str, login: Login | None, patience: float = PATIENCE) -> None:
        secrets = (login.password,) if login else ()
        self._door = Door("the client", url, secrets, patience)
        # The client refuses forms from elsewhere, so that no web page can send one.
        self._door.head["Referer"] = self._door.origin
        self._login = login
        self._version = (0, 0)
        self._rid = 0
        self._known: dict[str, Torrent] = {}

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
        if len(numbers) < 2 or not all(part.isdecimal() and len(part) < 5 for part in numbers):
            shown = self._door.shown(text)
            raise Unanswered(f"the client gives no version of its API, but `{shown}`")
        self._version = int(numbers[0]), int(numbers[1])
        if self._version[0] != 2:
            shown = self._door.shown(text)
            raise Unanswered(f"the client speaks version {shown} of its API; labkeeper knows 2")

    @property
    def version(self) -> str:
        """That of its API, once it was entered."""
        return ".".join(map(str, self._version))

    def torrents(self) -> list[Torrent]:
        """List every torrent as it is now."""
        return self._read(list[Torrent], "torrents/info")

    def follow(self) -> Mapping[str, Torrent]:
        """Every torrent by its hash; only what has changed since the last time is sent.

        It lags behind `torrents` by the client's own interval, 1.5 s: good for knowing when to look
        and what is still to come, and never the ground on which a file is touched.
        """
        rid, self._rid = self._rid, 0  # an answer that is none begins it anew
        changes = self._read(Changes, "sync/maindata", {"rid": str(rid)})
        known = {} if rid == 0 or changes.full_update else self._known
        if rid == 0 and not changes.full_update:
            raise Unanswered("the client sends changes to a list that it never gave")
        self._known = merged(known, changes)
        self._rid = changes.rid
        return self._known

    def files(self, hash_: str) -> list[TorrentFile]:
        """List a torrent's files."""
        rows = self._read(list[_File], "torrents/files", {"hash": hash_})
        return [TorrentFile(row.name, row.size, row.progress, row.priority > 0) for row in rows]

    def torrent(self, hash_: str) -> Torrent | None:
        """Return one torrent as it is now."""
        rows = self._read(list[Torrent], "torrents/info", {"hashes": hash_})
        return next((torrent for torrent in rows if torrent.hash == hash_), None)

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

    def _read(self, kind: type[_T], path: str, words: dict[str, str] | None = None) -> _T:
        return self._door.read(kind, path, self._hear(path, words))

    def _ask(self, path: str, words: dict[str, str] | None = None) -> bytes:
        return self._hear(path, words).content

    def _hear(self, path: str, words: dict[str, str] | None) -> Heard:
        """Send a form, and keep the session that an answer may begin."""
        heard = self._door.ask("POST", f"api/v2/{path}", body=Body.form(words or {}))
        if heard.cookie is not None:
            self._door.head["Cookie"] = heard.cookie
        return heard


def merged(known: Mapping[str, Torrent], changes: Changes) -> dict[str, Torrent]:
    """The list after some changes; a torrent that is new comes with all that it needs."""
    now = dict(known)
    for hash_, row in changes.torrents.items():
        given = {
            name: value for name, value in msgspec.structs.asdict(row).items() if value is not UNSET
        }
        try:
            now[hash_] = (
                replace(now[hash_], **given) if hash_ in now else Torrent(hash=hash_, **given)
            )
        except TypeError:
            raise Unanswered("the client sends a change to a torrent that it never gave") from None
    for hash_ in changes.torrents_removed:
        now.pop(hash_, None)
    return now
