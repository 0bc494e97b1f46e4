"""The apps of the month: a real qBittorrent behind a door, and servers that answer as others."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from urllib import error, request

from tests.host.apps import App, Asked, Sab, Said, serving
from tests.host.test_jellyfin import app as jellyfin
from tests.host.test_servarr import app as servarr
from tests.month.lanes import KEY
from tests.storage.torrents import Server, make_torrent, running

_HISTORY, _QUEUE = "GET /api/v3/history/since", "GET /api/v3/queue"


@dataclass
class Door:
    """Stands before an app; while a lie is set, it answers in its place."""

    answer: Callable[[Asked], Said]
    lie: Callable[[Asked], Said | None] | None = None

    def __call__(self, asked: Asked) -> Said:
        """The lie, or what the app says."""
        said = self.lie(asked) if self.lie else None
        return said or self.answer(asked)


@dataclass
class Apps:
    """What the lab's apps are told by the life in it."""

    profile: Path
    sonarr: App = field(default_factory=lambda: servarr("sonarr"))
    sabnzbd: Sab = field(default_factory=lambda: Sab(KEY))
    jellyfin: App = field(default_factory=jellyfin)
    doors: dict[str, Door] = field(default_factory=dict)
    server: Server | None = None
    _ending: ExitStack = field(default_factory=ExitStack)
    _imports: list[dict[str, object]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.sonarr.answers[_HISTORY] = self._imports
        self.answer_queue([])
        self.jellyfin.answers["GET /Items"] = {"Items": [], "TotalRecordCount": 0}

    def start(self) -> None:
        """The machine is up, and so is its torrent client."""
        self.server = self._ending.enter_context(running(self.profile))

    def stop(self) -> None:
        """The client ends in order: its own disk is not one of those that are cut."""
        self._ending.close()
        self.server = None

    def lie(self, name: str, lie: Callable[[Asked], Said | None] | None) -> None:
        """One of them says something else, or the truth again."""
        self.doors[name].lie = lie

    def share(self, name: str, files: dict[str, bytes], folder: Path) -> str:
        """Share what is there."""
        assert self.server is not None
        hash_, torrent = make_torrent(name, files)
        self.server.add(torrent, folder)
        self.server.until(hash_, "stalledUP", "uploading", "queuedUP", "forcedUP")
        return hash_

    def finish(self, hash_: str) -> None:
        """Share it no more."""
        assert self.server is not None
        self.server.client.stop(hash_)
        self.server.until(hash_, "stoppedUP", "pausedUP")

    def forget(self, hash_: str) -> None:
        """Somebody takes it off the list; its files stay."""
        assert self.server is not None
        self.server.client._tell("delete", hash_, deleteFiles="false")

    def imported(self, path: str, at: float) -> None:
        """Sonarr took a file over."""
        day = f"{datetime.fromtimestamp(at, UTC):%Y-%m-%dT%H:%M:%SZ}"
        self._imports.append(
            {"id": len(self._imports), "date": day,
             "eventType": "downloadFolderImported", "sourceTitle": Path(path).stem,
             "downloadId": f"H{len(self._imports)}",
             "data": {"droppedPath": path, "importedPath": path, "fileId": None}}
        )  # fmt: skip

    def answer_queue(self, paths: list[str]) -> None:
        """What Sonarr waits for."""
        records = [
            {"id": n, "title": Path(path).stem, "downloadId": f"Q{n}", "outputPath": path,
             "trackedDownloadState": "importPending", "sizeleft": 0.0}
            for n, path in enumerate(paths)
        ]  # fmt: skip
        self.sonarr.answers[_QUEUE] = {
            "page": 1, "pageSize": 500, "totalRecords": len(records), "records": records,
        }  # fmt: skip

    def job(self, name: str, at: float) -> None:
        """SABnzbd is done with a job."""
        self.sabnzbd.past.append(
            {"nzo_id": name, "name": name, "status": "Completed", "category": "tv",
             "completed": int(at), "storage": f"/usenet/{name}", "path": "/incomplete"}
        )  # fmt: skip

    def watched(self, paths: list[str]) -> None:
        """What somebody saw to its end, as Jellyfin knows it."""
        films = [{"Name": Path(path).stem, "Path": path} for path in paths]
        self.jellyfin.answers["GET /Items"] = {"Items": films, "TotalRecordCount": len(films)}

    def real_torrents(self, asked: Asked) -> Said:
        """What the real client answers."""
        assert self.server is not None
        query = "&".join(f"{name}={value}" for name, value in asked.query.items())
        url = f"{self.server.url}{asked.path}" + (f"?{query}" if query else "")
        kind = {"Content-Type": "application/x-www-form-urlencoded"}
        body = asked.body if asked.method == "POST" else None
        try:
            with request.urlopen(request.Request(url, body, kind), timeout=30) as answer:
                head = {"Content-Type": answer.headers.get("Content-Type", "text/plain")}
                return Said(answer.read(), answer.status, head)
        except error.HTTPError as refused:
            return Said(refused.read(), refused.code)


@contextmanager
def apps(profile: Path) -> Iterator[tuple[Apps, dict[str, str]]]:
    """Have them, and their ports, which stay the same whatever becomes of the machine."""
    made = Apps(profile)
    answers: dict[str, Callable[[Asked], Said]] = {
        "qbittorrent": made.real_torrents, "sonarr": made.sonarr, "sabnzbd": made.sabnzbd,
        "jellyfin": made.jellyfin,
    }  # fmt: skip
    with ExitStack() as ending:
        ending.callback(made.stop)
        ports = {}
        for name, answer in answers.items():
            made.doors[name] = Door(answer)
            url = ending.enter_context(serving(made.doors[name]))
            ports[name] = url.rpartition(":")[2]
        yield made, ports
