"""Sonarr, Radarr and Lidarr: what they took over, what they still wait for, where their roots are.

One program thrice: https://sonarr.tv/docs/api, https://radarr.video/docs/api and
https://lidarr.audio/docs/api differ in names and in the version in the path.
"""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Final, TypeVar

import msgspec

from labkeeper.host.http import PATIENCE, Body, Door, Unanswered
from labkeeper.values import dataclass

_T = TypeVar("_T")
_PAGE: Final = 500
_MOST: Final = 20_000


@dataclass(frozen=True, slots=True)
class Flavour:
    """In what one of them differs from the others."""

    name: str
    api: str
    # Versions of the program that speak this API.
    known: tuple[int, ...]
    # What its history says when a file was taken over.
    imports: frozenset[str]
    # What shows downloads in its queue that it cannot place.
    unknown: str
    rescan: str


SONARR: Final = Flavour(
    "Sonarr", "v3", (3, 4), frozenset({"downloadFolderImported", "seriesFolderImported"}),
    "includeUnknownSeriesItems", "RescanSeries",
)  # fmt: skip
RADARR: Final = Flavour(
    "Radarr", "v3", (3, 4, 5, 6), frozenset({"downloadFolderImported", "movieFolderImported"}),
    "includeUnknownMovieItems", "RescanMovie",
)  # fmt: skip
LIDARR: Final = Flavour(
    "Lidarr", "v1", (1, 2, 3), frozenset({"trackFileImported"}),
    "includeUnknownArtistItems", "RescanFolders",
)  # fmt: skip
# By their names in the catalog.
FLAVOURS: Final = {"sonarr": SONARR, "radarr": RADARR, "lidarr": LIDARR}


@dataclass(frozen=True, slots=True)
class Imported:
    """A file that was taken over: where it was, where it is now, and when that was."""

    title: str
    download: str
    # None where it was not moved or linked from anywhere.
    dropped: str | None
    path: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Awaited:
    """A download that is not taken over yet; `path` is none until its client has said it."""

    title: str
    download: str
    state: str
    path: str | None
    left: int


@dataclass(frozen=True, slots=True)
class Root:
    """A folder that it keeps its library in."""

    path: str
    is_accessible: bool


class Status(msgspec.Struct, frozen=True, rename="camel"):
    """What `system/status` says."""

    version: str | None = None
    app_name: str | None = None


class History(msgspec.Struct, frozen=True, rename="camel"):
    """A row of `history/since`."""

    event_type: str
    date: datetime
    source_title: str | None = None
    download_id: str | None = None
    data: Mapping[str, str | None] | None = None


class QueueRow(msgspec.Struct, frozen=True, rename="camel"):
    """A row of `queue`."""

    id: int
    title: str | None = None
    download_id: str | None = None
    tracked_download_state: str | None = None
    output_path: str | None = None
    sizeleft: float = 0


class Queue(msgspec.Struct, frozen=True, rename="camel"):
    """A page of `queue`."""

    total_records: int
    records: tuple[QueueRow, ...] | None = None


class RootFolder(msgspec.Struct, frozen=True, rename="camel"):
    """A row of `rootfolder`."""

    accessible: bool
    path: str | None = None


class Command(msgspec.Struct, frozen=True, rename="camel"):
    """What becomes of a command that was sent."""

    id: int


class Servarr:
    """One of them; every method raises Unanswered where there is any doubt."""

    def __init__(self, flavour: Flavour, url: str, key: str, patience: float = PATIENCE) -> None:
        self._flavour = flavour
        self._door = Door(flavour.name, url, (key,), patience)
        # As a header: what stands in an address stands in the logs of everything on the way.
        self._door.head["X-Api-Key"] = key
        self.version = ""
        # When the last thing happened that its history has told of, by its own clock.
        self.latest: datetime | None = None

    def enter(self) -> None:
        """See that it is the program that is meant, that the key fits, and that we know its API."""
        status = self._get(Status, "system/status")
        name, text = self._flavour.name, status.version or ""
        if status.app_name is not None and status.app_name != name:
            raise Unanswered(
                f"at the address of {name} answers {self._door.shown(status.app_name)}",
                f"give the address and the key of {name}",
            )
        major = text.partition(".")[0]
        if not major.isdecimal() or int(major[:4]) not in self._flavour.known:
            known = self._flavour.known
            raise Unanswered(
                f"{name} says that it is version `{self._door.shown(text)}`;"
                f" labkeeper knows {known[0]} to {known[-1]}"
            )
        self.version = self._door.shown(text)

    def imports(self, since: datetime) -> list[Imported]:
        """List what was taken over since a time."""
        day = since.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        rows = self._get(tuple[History, ...], "history/since", {"date": day})
        self.latest = max(map(_at, rows), default=None)
        return [each for row in rows for each in self._imported(row)]

    def queue(self) -> list[Awaited]:
        """List every download that it waits for, or that waits for it."""
        rows: dict[int, QueueRow] = {}  # what changes meanwhile may be on two pages
        for number in range(1, _MOST // _PAGE + 1):
            query = {"page": str(number), "pageSize": str(_PAGE), self._flavour.unknown: "true"}
            page = self._get(Queue, "queue", query)
            rows |= {row.id: row for row in page.records or ()}
            if not page.records or len(rows) >= page.total_records:
                break
        if len(rows) < page.total_records:
            raise Unanswered(
                f"{self._flavour.name} shows {len(rows)} of {page.total_records} downloads"
            )
        return [
            Awaited(row.title or "", row.download_id or "", row.tracked_download_state or "",
                    row.output_path or None, int(row.sizeleft))
            for row in rows.values()
        ]  # fmt: skip

    def roots(self) -> list[Root]:
        """List the folders of its library."""
        rows = self._get(tuple[RootFolder, ...], "rootfolder")
        return [Root(row.path, row.accessible) for row in rows if row.path]

    def rescan(self) -> None:
        """Have it look again which files of its library are where."""
        body = Body.json({"name": self._flavour.rescan})
        heard = self._door.ask("POST", self._path("command"), body=body)
        self._door.read(Command, "command", heard)

    def _imported(self, row: History) -> Iterator[Imported]:
        if row.event_type not in self._flavour.imports:
            return
        # The keys are those of a dictionary, and their case has changed between releases.
        data = {key.lower(): value for key, value in (row.data or {}).items()}
        path = data.get("importedpath")
        if path:
            yield Imported(
                row.source_title or "", row.download_id or "", data.get("droppedpath") or None,
                path, _at(row),
            )  # fmt: skip

    def _get(self, kind: type[_T], path: str, query: Mapping[str, str] | None = None) -> _T:
        return self._door.read(kind, path, self._door.ask("GET", self._path(path), query))

    def _path(self, path: str) -> str:
        return f"api/{self._flavour.api}/{path}"


def _at(row: History) -> datetime:
    return row.date if row.date.tzinfo else row.date.replace(tzinfo=UTC)
