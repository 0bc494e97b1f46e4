"""What a torrent client shares of what is to be moved: yes, no or unknown, and unknown blocks."""

import os
from collections.abc import Sequence
from dataclasses import field
from enum import StrEnum
from typing import Final, Protocol, assert_never

from labkeeper.host.http import Unanswered
from labkeeper.host.qbittorrent import Torrent, TorrentFile
from labkeeper.storage.reasons import Blocked, Refusal
from labkeeper.store.journal import Journal
from labkeeper.store.units import After, Facts
from labkeeper.values import dataclass

SHARING: Final = frozenset({"uploading", "stalledUP", "queuedUP", "forcedUP"})
STOPPED: Final = frozenset({"pausedUP", "stoppedUP"})
_LOADING: Final = frozenset(
    {"downloading", "metaDL", "forcedMetaDL", "stalledDL", "queuedDL", "forcedDL", "pausedDL",
     "stoppedDL"}
)  # fmt: skip
# A client with fewer torrents than this share of the last time has lost its state, or shows a part.
_LEAST: Final = 0.8
_LEAST_THERE: Final = 0.95


class Policy(StrEnum):
    """What becomes of files that a torrent client shares."""

    WAIT = "wait"
    FOLLOW = "follow"
    COPY = "copy"


class Client(Protocol):
    """A torrent client; every method raises Unanswered where there is any doubt."""

    def enter(self) -> None:
        """Log in."""

    def torrents(self) -> list[Torrent]:
        """List every torrent."""

    def files(self, hash_: str) -> list[TorrentFile]:
        """List a torrent's files."""

    def torrent(self, hash_: str) -> Torrent | None:
        """Return one torrent as it is now."""

    def stop(self, hash_: str) -> None:
        """Stop a torrent."""

    def start(self, hash_: str) -> None:
        """Start a torrent."""

    def recheck(self, hash_: str) -> None:
        """Have it compare its files with the torrent's own hashes."""

    def set_location(self, hash_: str, folder: str) -> None:
        """Point a torrent to another folder."""


@dataclass(frozen=True, slots=True)
class PathMap:
    """A folder as the client names it, in its container, and as this host does."""

    there: str
    here: str

    def to_here(self, path: str) -> str | None:
        """Return the host's path."""
        return _swap(path, self.there, self.here)

    def to_there(self, path: str) -> str | None:
        """Return the client's path."""
        return _swap(path, self.here, self.there)


@dataclass(frozen=True)
class Seeding:
    """The client of a move, and what the user wants of what it shares."""

    policy: Policy
    address: str
    client: Client
    maps: tuple[PathMap, ...] = ()
    is_trusted: bool = False  # the user says that fewer torrents than before are right
    patience: float = 60.0  # seconds that it may do nothing while it goes over

    def here(self, path: str) -> str:
        """Return the host's path of one of the client's."""
        found = (m.to_here(path) for m in self._longest_first("there"))
        return os.path.normpath(next((p for p in found if p is not None), path))

    def there(self, path: str) -> str:
        """Return the client's path of one of the host's."""
        found = (m.to_there(path) for m in self._longest_first("here"))
        return os.path.normpath(next((p for p in found if p is not None), path))

    def _longest_first(self, side: str) -> list[PathMap]:
        return sorted(self.maps, key=lambda m: len(getattr(m, side)), reverse=True)


@dataclass(frozen=True, slots=True)
class Shared:
    """One file of a torrent, where it is on this host."""

    torrent: Torrent
    path: bytes
    name: str
    is_wanted: bool


@dataclass
class Claims:
    """Every file that a torrent client has to do with."""

    policy: Policy
    by_inode: dict[tuple[int, int], list[Shared]] = field(default_factory=dict)
    by_torrent: dict[str, list[Shared]] = field(default_factory=dict)

    def of(self, device: int, inode: int) -> Sequence[Shared]:
        """Return the torrents that an inode belongs to."""
        return self.by_inode.get((device, inode), ())


def state_of(torrent: Torrent) -> str | None:
    """Say why a torrent's files cannot be touched at all; None where they can."""
    if torrent.state in SHARING | STOPPED and torrent.progress >= 1:
        return None
    if torrent.state in _LOADING or torrent.state in SHARING | STOPPED:
        return f"the torrent `{torrent.name}` is not complete ({torrent.progress:.0%})"
    return f"its client says of the torrent `{torrent.name}` only that it is `{torrent.state}`"


def ask(seeding: Seeding, journal: Journal) -> Claims:
    """Ask the client for everything; refuse to begin where its answer cannot be believed."""
    try:
        seeding.client.enter()
        torrents = seeding.client.torrents()
        _check_number(seeding, journal, len(torrents))
        claims = Claims(seeding.policy)
        missing: list[bytes] = []
        number = 0
        for torrent in torrents:
            for shared, size in _files(seeding, torrent):
                number += 1
                claims.by_torrent.setdefault(torrent.hash, []).append(shared)
                _claim(seeding, claims, shared, size, missing)
    except Unanswered as unanswered:
        raise Refusal("client-unknown", unanswered.why, unanswered.help) from None
    _check_paths(missing, number)
    journal.clients.believe(seeding.address, len(torrents))
    return claims


def _files(seeding: Seeding, torrent: Torrent) -> list[tuple[Shared, int]]:
    """Return a torrent's files, each with the size that it must have; -1 while it is loading."""
    found = []
    for file in seeding.client.files(torrent.hash):
        path = os.path.join(seeding.here(torrent.save_path), file.name)
        shared = Shared(torrent, os.fsencode(path), file.name, file.is_wanted)
        is_whole = file.is_wanted and file.progress >= 1 and torrent.progress >= 1
        found.append((shared, file.size if is_whole else -1))
    return found


def _claim(
    seeding: Seeding, claims: Claims, shared: Shared, size: int, missing: list[bytes]
) -> None:
    """Know the file by its inode: what matters is the bytes that are shared, under any name."""
    places = [shared.path]
    if size < 0:
        above = shared.torrent.download_path or shared.torrent.save_path
        loading = os.fsencode(os.path.join(seeding.here(above), shared.name))
        places += [loading, loading + b".!qB", shared.path + b".!qB"]
    looks = [look for place in dict.fromkeys(places) if (look := _look(place)) is not None]
    for look in looks:
        claims.by_inode.setdefault((look.st_dev, look.st_ino), []).append(shared)
    if size >= 0 and [look.st_size for look in looks] != [size]:
        missing.append(shared.path)


def _look(path: bytes) -> os.stat_result | None:
    try:
        return os.stat(path)
    except OSError:
        return None


def _check_number(seeding: Seeding, journal: Journal, now: int) -> None:
    before = journal.clients.torrents_of(seeding.address)
    if seeding.is_trusted or (now and now >= before * _LEAST):
        return
    had = f", and had {before}" if before else ""
    raise Refusal(
        "client-unknown",
        f"the client says that it has {now} torrents{had}: it may not be ready",
        "look at it yourself; if it is right, say --client-is-right once",
    )


def _check_paths(missing: Sequence[bytes], number: int) -> None:
    if not missing or len(missing) <= number * (1 - _LEAST_THERE):
        return
    first = os.fsdecode(missing[0])
    raise Refusal(
        "client-paths",
        f"{len(missing)} of the client's {number} files are not where it says, or have another"
        f" size; the first is {first}",
        "a client in a container has other paths: say --client-path CONTAINER=HOST",
    )


def verdict(claims: Claims, facts: Facts) -> tuple[After, str]:
    """Say what becomes of a source, and of which torrent it is; raise Blocked where it stays."""
    shared = claims.of(facts.device, facts.inode)
    for one in shared:
        if (why := state_of(one.torrent)) is not None:
            raise Blocked("seeding", why)
    sharing = [one.torrent for one in shared if one.torrent.state in SHARING]
    match claims.policy:
        case _ if not shared:
            return After.RETIRE, ""
        case Policy.WAIT if sharing:
            raise Blocked("seeding", f"the torrent `{sharing[0].name}` is being shared")
        case Policy.WAIT:
            return After.RETIRE, ""
        case Policy.COPY:
            return After.KEEP, ""
        case Policy.FOLLOW:
            torrents = {one.torrent.hash for one in shared}
            if len(torrents) > 1:
                raise Blocked("seeding", f"{len(torrents)} torrents share it")
            return (After.FOLLOW if sharing else After.FOLLOW_STOPPED), torrents.pop()
        case never:
            assert_never(never)


def _swap(path: str, old: str, new: str) -> str | None:
    old, new = old.rstrip("/"), new.rstrip("/")
    if path == old:
        return new or "/"
    return new + path[len(old) :] if path.startswith(old + "/") else None
