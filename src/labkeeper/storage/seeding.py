"""Asking a torrent client for all that it shares, and not believing it too easily."""

import os
import time
from collections.abc import Callable
from typing import Protocol

from labkeeper.host.http import Unanswered
from labkeeper.host.qbittorrent import Torrent, TorrentFile
from labkeeper.storage.claims import STOPPED, Claims, Lately, Policy, Shared
from labkeeper.storage.paths import Maps, PathMap, normal
from labkeeper.storage.reasons import Refusal
from labkeeper.storage.trust import (
    Named,
    doubt_of_number,
    doubt_of_paths,
    remembered,
)
from labkeeper.store.journal import Journal
from labkeeper.values import dataclass


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


@dataclass(frozen=True)
class Seeding:
    """The client of a move, and what the user wants of what it shares."""

    policy: Policy
    address: str
    client: Client
    maps: tuple[PathMap, ...] = ()
    is_trusted: bool = False  # the user says that fewer torrents than before are right
    patience: float = 60.0  # seconds that it may do nothing while it goes over
    clock: Callable[[], float] = time.time

    def here(self, path: str) -> str:
        """Return the host's path of one of the client's."""
        return Maps(self.maps).here(path) or normal(path)

    def there(self, path: str) -> str:
        """Return the client's path of one of the host's."""
        return Maps(self.maps).there(path) or normal(path)


def ask(seeding: Seeding, journal: Journal, *, is_kept: bool = True) -> Claims:
    """Ask the client for everything; refuse to begin where its answer cannot be believed.

    An answer that is not kept is not the one that the next is held against.
    """
    try:
        seeding.client.enter()
        torrents = seeding.client.torrents()
        before = journal.clients.torrents_of(seeding.address)
        if not seeding.is_trusted and (doubt := doubt_of_number(len(torrents), before)):
            raise Refusal(doubt.code, doubt.why, doubt.help)
        claims = Claims(seeding.policy)
        missing: list[bytes] = []
        number = 0
        for torrent in torrents:
            for shared, size in _files(seeding, torrent):
                number += _has_to_be_there(torrent)
                claims.by_torrent.setdefault(torrent.hash, []).append(shared)
                _claim(seeding, claims, shared, size, missing)
    except Unanswered as unanswered:
        raise Refusal("client-unknown", unanswered.why, unanswered.help) from None
    if doubt := doubt_of_paths([os.fsdecode(path) for path in missing], number):
        raise Refusal(doubt.code, doubt.why, doubt.help)
    _believe(seeding, journal, claims, len(torrents) if is_kept else None)
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
    if (
        _has_to_be_there(shared.torrent)
        and size >= 0
        and [look.st_size for look in looks] != [size]
    ):
        missing.append(shared.path)


def _has_to_be_there(torrent: Torrent) -> bool:
    """What a torrent at rest had may have moved since: its client is not told, and lists it."""
    return torrent.state not in STOPPED


def _look(path: bytes) -> os.stat_result | None:
    try:
        return os.stat(path)
    except OSError:
        return None


def _believe(seeding: Seeding, journal: Journal, claims: Claims, number: int | None) -> None:
    """Keep the answer in mind, and know what the ones before it named that it does not."""
    now = seeding.clock()
    named = (
        Named(one.path, *inode, one.torrent.name, one.torrent.state not in STOPPED)
        for inode, shared in claims.by_inode.items()
        for one in shared
    )
    before = journal.clients.memories_of(seeding.address)
    memories = remembered(before, named, now)
    if number is not None:
        journal.clients.believe(seeding.address, number, memories, before)
    if not seeding.is_trusted:
        claims.lately = Lately.of(memories, now)
