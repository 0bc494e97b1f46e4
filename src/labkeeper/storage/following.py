"""FOLLOW: a torrent client goes over to the copies, and only then may the sources go.

Until then both are whole: the client shares one or the other at every moment of it.
"""

import os
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import field
from typing import Final

from labkeeper.host.http import Unanswered
from labkeeper.host.qbittorrent import Torrent
from labkeeper.storage.claims import SHARING, STOPPED, Shared, state_of
from labkeeper.storage.reasons import Blocked, Left
from labkeeper.storage.seeding import Seeding
from labkeeper.store.units import After, Pair, Unit
from labkeeper.values import dataclass

_TICK: Final = 0.25
_BEGINS: Final = 10.0  # seconds that a check may take to begin


@dataclass
class Followed:
    """Units whose client has gone over, and those that wait for it."""

    ready: list[Unit] = field(default_factory=list)
    left: list[Left] = field(default_factory=list)


def follow(seeding: Seeding | None, units: Iterable[Unit], pairs: Mapping[int, Pair]) -> Followed:
    """Have the client go over to what was published, a torrent at a time."""
    groups: dict[str, list[Unit]] = {}
    for unit in units:
        groups.setdefault(unit.torrent, []).append(unit)
    followed = Followed()
    for hash_, group in groups.items():
        try:
            if seeding is None:
                raise Blocked("client-not-asked", "its torrent client has not gone over to it yet")
            _switch(seeding, hash_, group, pairs)
        except Blocked as blocked:
            _leave(followed, group, pairs, blocked)
        except Unanswered as unanswered:
            _leave(followed, group, pairs, Blocked("client-silent", unanswered.why))
        else:
            followed.ready += group
    return followed


def new_folder(units: Iterable[Unit], pairs: Mapping[int, Pair], shared: Iterable[Shared]) -> bytes:
    """Return the folder that the client has to be pointed to, or say why there is none."""
    copies = {
        os.path.join(pairs[name.pair].source, name.source): os.path.join(
            pairs[name.pair].target, name.target
        )
        for unit in units
        for name in unit.names
    }
    wanted = [one for one in shared if one.is_wanted]
    found = [(one, copies.get(_real(one.path))) for one in wanted]
    if missing := [one for one, copy in found if copy is None]:
        count = f"{len(wanted) - len(missing)} of {len(wanted)} files of its torrent"
        raise Blocked("seeding", f"only {count} are in what is moved")
    heads = {
        copy[: -len(os.fsencode(one.name)) - 1]
        for one, copy in found
        if copy is not None and copy.endswith(b"/" + os.fsencode(one.name))
    }
    if len(heads) != 1 or not all(c and c.endswith(b"/" + os.fsencode(o.name)) for o, c in found):
        raise Blocked("seeding", "its torrent could not find its files there under these names")
    return heads.pop()


def _real(path: bytes) -> bytes:
    head, base = os.path.split(path)
    return os.path.join(os.path.realpath(head), base)


def _switch(seeding: Seeding, hash_: str, units: list[Unit], pairs: Mapping[int, Pair]) -> None:
    """Point the torrent to the copies, have it check them, and let it go on."""
    client = seeding.client
    torrent = client.torrent(hash_)
    if torrent is None:
        return  # a client that was believed has it no more: nobody shares the source
    old = _now_at(seeding, torrent)
    published = {os.path.join(pairs[n.pair].target, n.target) for unit in units for n in unit.names}
    names = [os.fsencode(file.name) for file in client.files(hash_) if file.is_wanted]
    if (there := _folder_of(published, names)) is None:
        raise Blocked("seeding", "not every file of its torrent could be copied")
    if os.path.realpath(old) != os.path.realpath(there):
        if (why := state_of(torrent)) is not None:
            raise Blocked("seeding", why)
        _point(seeding, torrent, there)
    _check(seeding, hash_, torrent, there)
    if units[0].after is After.FOLLOW:
        client.start(hash_)
        _wait(seeding, hash_, lambda t: t.state in SHARING and t.progress >= 1)


def _now_at(seeding: Seeding, torrent: Torrent) -> bytes:
    """Return where the client has a torrent's files now."""
    return os.fsencode(seeding.here(torrent.save_path))


def _folder_of(published: set[bytes], names: list[bytes]) -> bytes | None:
    """Return the folder below which all of a torrent's names were published."""
    if not names:
        return None
    for path in published:
        if path.endswith(b"/" + names[0]):
            head = path[: -len(names[0]) - 1]
            if all(os.path.join(head, name) in published for name in names):
                return head
    return None


def _point(seeding: Seeding, torrent: Torrent, there: bytes) -> None:
    """Point a torrent to another folder; where it does not go, it runs on as it was."""
    client, hash_ = seeding.client, torrent.hash
    client.stop(hash_)
    _wait(seeding, hash_, lambda t: t.state in STOPPED)
    try:
        client.set_location(hash_, seeding.there(os.fsdecode(there)))
    except Unanswered:
        if torrent.state in SHARING:
            client.start(hash_)
        raise
    _wait(seeding, hash_, lambda t: t.state != "moving" and _is_at(seeding, t, there))


def _check(seeding: Seeding, hash_: str, before: Torrent, there: bytes) -> None:
    """The client compares every piece of the copy with the torrent's own hashes.

    Where it does not find them, it goes back to the source.
    """
    client = seeding.client
    now = client.torrent(hash_)
    if now is not None and now.progress >= 1 and now.state in SHARING:
        return  # it was checked before a crash, and shares the copy
    ended = _recheck(seeding, hash_)
    if ended.progress >= 1 and ended.state in STOPPED | SHARING:
        return
    why = f"its client finds {ended.progress:.0%} of its torrent in the copy"
    if not _is_at(seeding, before, there):
        client.set_location(hash_, before.save_path)
        _wait(seeding, hash_, lambda t: t.state != "moving" and t.save_path == before.save_path)
        _recheck(seeding, hash_)
        if before.state in SHARING:
            client.start(hash_)
        why += ", and went back to the source"
    raise Blocked("client-refused", why)


def _recheck(seeding: Seeding, hash_: str) -> Torrent:
    """Have the client check, and return what it found."""
    seeding.client.recheck(hash_)
    seen = False
    since = time.monotonic()

    def is_done(torrent: Torrent) -> bool:
        nonlocal seen
        is_checking = torrent.state.startswith("checking") or torrent.state == "moving"
        seen = seen or is_checking
        # It begins a moment later; a small torrent's check may be over before one looks.
        is_sure = seen or torrent.progress >= 1 or time.monotonic() - since > _BEGINS
        return is_sure and not is_checking

    return _wait(seeding, hash_, is_done)


def _is_at(seeding: Seeding, torrent: Torrent, there: bytes) -> bool:
    return os.path.realpath(_now_at(seeding, torrent)) == os.path.realpath(there)


def _wait(seeding: Seeding, hash_: str, is_done: Callable[[Torrent], bool]) -> Torrent:
    """Ask until it is so, as long as anything goes on."""
    seen: tuple[str, float] | None = None
    until = 0.0
    while True:
        torrent = seeding.client.torrent(hash_)
        if torrent is None:
            raise Unanswered("the client does not know the torrent any more")
        if is_done(torrent):
            return torrent
        if (torrent.state, torrent.progress) != seen:
            seen = (torrent.state, torrent.progress)
            until = time.monotonic() + seeding.patience
        elif time.monotonic() > until:
            raise Unanswered(f"the client has been `{torrent.state}` for {seeding.patience:.0f} s")
        time.sleep(_TICK)


def _leave(
    followed: Followed, units: list[Unit], pairs: Mapping[int, Pair], blocked: Blocked
) -> None:
    followed.left += [
        Left(os.path.join(pairs[name.pair].source, name.source), blocked.code, blocked.why)
        for unit in units
        for name in unit.names
    ]
