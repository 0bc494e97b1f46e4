"""Jellyfin's API: what is being played, and what has been watched.

https://api.jellyfin.org; which fields a session's item has is in its `SessionManager.cs`.
"""

from collections.abc import Mapping
from typing import Final, TypeVar

import msgspec

from labkeeper.host.http import PATIENCE, Door, Unanswered
from labkeeper.values import dataclass

_T = TypeVar("_T")
_KNOWN: Final = (10,)
_PAGE: Final = 1000
_MOST: Final = 200_000


@dataclass(frozen=True, slots=True)
class Playing:
    """A file that somebody plays now; none where what plays is no file."""

    user: str
    name: str
    path: str | None


class Info(msgspec.Struct, frozen=True, rename="pascal"):
    """What `System/Info` says."""

    version: str | None = None
    product_name: str | None = None


class User(msgspec.Struct, frozen=True, rename="pascal"):
    """A row of `Users`."""

    id: str
    name: str | None = None


class Item(msgspec.Struct, frozen=True, rename="pascal"):
    """A film, an episode, a song."""

    name: str | None = None
    path: str | None = None
    # `FileSystem`, or `Remote` and `Virtual` for what has no file here.
    location_type: str | None = None


class Session(msgspec.Struct, frozen=True, rename="pascal"):
    """A row of `Sessions`."""

    # A list of other things is not one of people who play nothing.
    id: str
    is_active: bool
    user_name: str | None = None
    now_playing_item: Item | None = None


class Items(msgspec.Struct, frozen=True, rename="pascal"):
    """A page of `Items`."""

    items: tuple[Item, ...]
    total_record_count: int


class Jellyfin:
    """One Jellyfin; every method raises Unanswered where there is any doubt."""

    def __init__(self, url: str, key: str, patience: float = PATIENCE) -> None:
        self._door = Door("Jellyfin", url, (key,), patience)
        self._door.head["Authorization"] = f'MediaBrowser Token="{key}"'
        self.version = ""

    def enter(self) -> None:
        """See that it is Jellyfin, that the key fits, and that we know its API."""
        info = self._get(Info, "System/Info")
        if info.product_name is not None and "Jellyfin" not in info.product_name:
            raise Unanswered(
                f"at the address of Jellyfin answers {self._door.shown(info.product_name)}"
            )
        text = info.version or ""
        major = text.partition(".")[0]
        if not major.isdecimal() or int(major[:4]) not in _KNOWN:
            raise Unanswered(
                f"Jellyfin says that it is version `{self._door.shown(text)}`;"
                f" labkeeper knows {_KNOWN[0]}"
            )
        self.version = self._door.shown(text)

    def playing(self) -> list[Playing]:
        """List what somebody plays now."""
        found = []
        for session in self._get(tuple[Session, ...], "Sessions"):
            item = session.now_playing_item
            if item is None:
                continue
            if item.path is None and item.location_type in (None, "FileSystem"):
                raise Unanswered("Jellyfin does not say which file it is that somebody plays")
            is_file = item.location_type in (None, "FileSystem")
            path = item.path if is_file else None
            found.append(Playing(session.user_name or "", item.name or "", path))
        return found

    def watched(self) -> dict[str, int]:
        """Every file that was watched to its end, and by how many."""
        found: dict[str, int] = {}
        for user in self._get(tuple[User, ...], "Users"):
            for path in self._watched_by(user):
                found[path] = found.get(path, 0) + 1
        return found

    def _watched_by(self, user: User) -> list[str]:
        query = {
            "userId": user.id, "recursive": "true", "filters": "IsPlayed", "fields": "Path",
            "includeItemTypes": "Movie,Episode,Audio", "enableImages": "false",
            "limit": str(_PAGE),
        }  # fmt: skip
        found: list[Item] = []
        while len(found) < _MOST:
            page = self._get(Items, "Items", {**query, "startIndex": str(len(found))})
            found += page.items
            if not page.items or len(found) >= page.total_record_count:
                break
        return [item.path for item in found if item.path]

    def _get(self, kind: type[_T], path: str, query: Mapping[str, str] | None = None) -> _T:
        return self._door.read(kind, path, self._door.ask("GET", path, query))
