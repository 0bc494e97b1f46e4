"""What a torrent client has to do with files, and what that means for them: unknown blocks."""

from collections.abc import Sequence
from dataclasses import field
from enum import StrEnum
from typing import Final, assert_never

from labkeeper.host.qbittorrent import Torrent
from labkeeper.storage.reasons import Blocked
from labkeeper.storage.trust import is_listed_lately, is_used_lately
from labkeeper.store.clients import Memory
from labkeeper.store.units import After, Facts
from labkeeper.values import dataclass

SHARING: Final = frozenset({"uploading", "stalledUP", "queuedUP", "forcedUP"})
STOPPED: Final = frozenset({"pausedUP", "stoppedUP"})
_LOADING: Final = frozenset(
    {"downloading", "metaDL", "forcedMetaDL", "stalledDL", "queuedDL", "forcedDL", "pausedDL",
     "stoppedDL"}
)  # fmt: skip


class Policy(StrEnum):
    """What becomes of files that a torrent client shares."""

    WAIT = "wait"
    FOLLOW = "follow"
    COPY = "copy"


@dataclass(frozen=True, slots=True)
class Shared:
    """One file of a torrent, where it is on this host."""

    torrent: Torrent
    path: bytes
    name: str
    is_wanted: bool


@dataclass
class Lately:
    """What trusted answers said a short while ago, and the last one does not: by inode and path.

    The numbers of devices may be others after a start, which is when clients show only a part.
    """

    listed: dict[tuple[int, int] | bytes, str] = field(default_factory=dict)
    used: dict[tuple[int, int] | bytes, str] = field(default_factory=dict)

    @classmethod
    def of(cls, memories: Sequence[Memory], now: float) -> "Lately":
        """Sort what is remembered."""
        found = cls()
        for memory in memories:
            keys: tuple[tuple[int, int] | bytes, ...] = (
                (memory.device, memory.inode), memory.path,
            )  # fmt: skip
            if is_listed_lately(memory, now):
                found.listed |= dict.fromkeys(keys, memory.torrent)
            if is_used_lately(memory, now):
                found.used |= dict.fromkeys(keys, memory.torrent)
        return found

    def why(self, facts: Facts, paths: Sequence[bytes], *, is_removed: bool) -> str | None:
        """Say what was said of a file; of one that is moved it matters only whose it was."""
        keys: tuple[tuple[int, int] | bytes, ...] = ((facts.device, facts.inode), *paths)
        for key in keys:
            if (name := self.listed.get(key)) is not None:
                return f"it was the torrent `{name}`'s, which the client does not list any more"
            if is_removed and (name := self.used.get(key)) is not None:
                return f"the torrent `{name}` used it a short while ago"
        return None


@dataclass
class Claims:
    """Every file that a torrent client has to do with."""

    policy: Policy
    by_inode: dict[tuple[int, int], list[Shared]] = field(default_factory=dict)
    by_torrent: dict[str, list[Shared]] = field(default_factory=dict)
    lately: Lately = field(default_factory=Lately)

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


def verdict(
    claims: Claims, facts: Facts, paths: Sequence[bytes] = (), *, is_removed: bool = False
) -> tuple[After, str]:
    """Say what becomes of a source, and of which torrent it is; raise Blocked where it stays."""
    if why := claims.lately.why(facts, paths, is_removed=is_removed):
        raise Blocked("client-changed", why)
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
