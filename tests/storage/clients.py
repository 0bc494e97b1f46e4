"""A torrent client in memory, that shares files as a real one does and lies when it is told to."""

from dataclasses import dataclass, field, replace
from pathlib import Path

from labkeeper.host.http import Unanswered
from labkeeper.host.qbittorrent import Torrent, TorrentFile


@dataclass
class FakeClient:
    """One torrent per folder below where it shares; `mood` says how it answers."""

    torrents_: dict[str, Torrent] = field(default_factory=dict)
    files_: dict[str, list[TorrentFile]] = field(default_factory=dict)
    mood: str = "honest"
    before: list[Torrent] = field(default_factory=list)

    def share(self, folder: Path, name: str) -> None:
        """Begin to share all that is below `folder/name`."""
        paths = sorted(p for p in (folder / name).rglob("*") if p.is_file())
        self.files_[name] = [
            TorrentFile(str(p.relative_to(folder)), p.stat().st_size, 1.0, is_wanted=True)
            for p in paths
        ]
        self.torrents_[name] = Torrent(name, name, "stalledUP", 1.0, str(folder))

    def is_whole(self, name: str) -> bool:
        """Its files are all where it says, with their sizes."""
        root = Path(self.torrents_[name].save_path)
        return all(
            (root / f.name).is_file() and (root / f.name).stat().st_size == f.size
            for f in self.files_[name]
        )

    def enter(self) -> None:
        self._answer()

    def torrents(self) -> list[Torrent]:
        self._answer()
        now = list(self.torrents_.values())
        match self.mood:
            case "empty":
                return []
            case "moving":
                return [replace(t, state="moving") for t in now]
            case "stale":
                return self.before
        return now

    def files(self, hash_: str) -> list[TorrentFile]:
        self._answer()
        return self.files_[hash_]

    def torrent(self, hash_: str) -> Torrent | None:
        return next((t for t in self.torrents() if t.hash == hash_), None)

    def stop(self, hash_: str) -> None:
        self._change(hash_, state="pausedUP")

    def start(self, hash_: str) -> None:
        self._change(hash_, state="stalledUP")

    def recheck(self, hash_: str) -> None:
        is_whole = self.is_whole(hash_)
        self._change(hash_, progress=float(is_whole), state="pausedUP" if is_whole else "pausedDL")

    def set_location(self, hash_: str, folder: str) -> None:
        self._change(hash_, save_path=folder, progress=0.0, state="pausedDL")

    def _change(self, hash_: str, **changes: object) -> None:
        self._answer()
        self.torrents_[hash_] = replace(self.torrents_[hash_], **changes)  # type: ignore[arg-type]

    def _answer(self) -> None:
        if self.mood == "403":
            raise Unanswered("the client does not let labkeeper in (403)")
