"""Folders that people keep for good, which a cleaning of something above them leaves alone."""

from collections.abc import Iterable
from dataclasses import field
from typing import Final

from labkeeper.values import dataclass

# The folders that the guides of Jellyfin, Plex, Sonarr, Radarr, Lidarr and Immich name.
_NAMES: Final = frozenset(
    b"library libraries media movies films tv shows series tv-shows anime music audiobooks books"
    b" comics photos pictures library-photos home-videos".split()
)
# Below one of these such a name is a category of downloads.
_PASSING: Final = frozenset(
    b"download downloads complete completed incomplete torrent torrents usenet nzb seeding cache"
    b" transcode transcodes".split()
)


@dataclass(frozen=True)
class Libraries:
    """Which folders below a root are libraries: those that are told, and those by their names."""

    root: bytes = b""
    told: frozenset[bytes] = field(default_factory=frozenset)  # below the root

    @classmethod
    def below(cls, root: bytes, told: Iterable[bytes]) -> "Libraries":
        """Take those of the told that are below the root; the root itself was named."""
        start = root.rstrip(b"/") + b"/"
        paths = (path.rstrip(b"/") for path in told)
        return cls(root, frozenset(p[len(start) :] for p in paths if p.startswith(start)))

    def over(self, path: bytes, *, is_folder: bool) -> bytes | None:
        """Return the library that a path is, or is in."""
        parts = path.split(b"/")
        above = self.root.lower().split(b"/")
        # Where a library itself was named, all that is in it was.
        passing = above[-1] in _NAMES or not _PASSING.isdisjoint(above)
        for number, part in enumerate(parts):
            place = b"/".join(parts[: number + 1])
            if place in self.told:
                return place
            passing = passing or part.lower() in _PASSING
            is_folder_here = is_folder or number < len(parts) - 1
            if is_folder_here and not passing and part.lower() in _NAMES:
                return place
        return None

    def why(self, library: bytes) -> str:
        """Say why it is taken for one."""
        if library in self.told:
            return "the lab keeps a library there"
        return "its name says that it is a library"
