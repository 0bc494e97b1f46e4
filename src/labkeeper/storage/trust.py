"""Whether what a client says is ground enough to take anything away. Nothing here asks anybody.

Most files that were lost to tools which clean were lost to an answer that was empty, old or about
other paths: a client that was just started, a mount that was away. So an answer has to hold against
the one before it and against the disk, and what it leaves out stays for a while all the same.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Final

from labkeeper.store.clients import Memory
from labkeeper.values import dataclass

# A client with fewer torrents than this share of the last time has lost its state, or shows a part.
LEAST: Final = 0.8
LEAST_THERE: Final = 0.95
# Seconds for which what a trusted answer named stays after one that does not name it any more.
APART: Final = 600.0
_NEVER: Final = float("-inf")


@dataclass(frozen=True, slots=True)
class Doubt:
    """Why an answer is not believed, and what to do."""

    code: str
    why: str
    help: str


def doubt_of_number(now: int, before: int) -> Doubt | None:
    """A list that is empty, or suddenly shorter, is one of a client that is not ready."""
    if now and now >= before * LEAST:
        return None
    had = f", and had {before}" if before else ""
    return Doubt(
        "client-unknown",
        f"the client says that it has {now} torrents{had}: it may not be ready",
        "look at it yourself; if it is right, say --client-is-right once",
    )


def doubt_of_paths(missing: Sequence[str], number: int) -> Doubt | None:
    """A list whose files are elsewhere is one of other paths, or of a disk that is away."""
    if not missing or len(missing) <= number * (1 - LEAST_THERE):
        return None
    return Doubt(
        "client-paths",
        f"{len(missing)} of the client's {number} files are not where it says, or have another"
        f" size; the first is {missing[0]}",
        "a client in a container has other paths: say --client-path CONTAINER=HOST",
    )


@dataclass(frozen=True, slots=True)
class Named:
    """A file that a trusted answer names, and whether it is more than at rest there."""

    path: bytes
    device: int
    inode: int
    torrent: str
    is_used: bool


def remembered(before: Iterable[Memory], named: Iterable[Named], now: float) -> list[Memory]:
    """What to keep in mind after an answer that is trusted."""
    known = {memory.path: memory for memory in before}
    kept = [_named(known.pop(each.path, None), each, now) for each in _strictest(named).values()]
    for memory in known.values():
        missing = now if memory.missing_since is None else min(memory.missing_since, now)
        if now - missing < APART:
            kept.append(replace(memory, missing_since=missing))
    return kept


def _strictest(named: Iterable[Named]) -> Mapping[bytes, Named]:
    """One of each path: of two torrents that have it, the one that uses it."""
    found: dict[bytes, Named] = {}
    for each in named:
        if each.path not in found or each.is_used:
            found[each.path] = each
    return found


def _named(before: Memory | None, named: Named, now: float) -> Memory:
    quiet: float | None = None
    if not named.is_used:
        was = _NEVER if before is None else before.quiet_since
        quiet = now if was is None else min(was, now)
    return Memory(named.path, named.device, named.inode, named.torrent, quiet, None)


def is_listed_lately(memory: Memory, now: float) -> bool:
    """Whether it was named, is not any more, and that may still be a mistake."""
    return memory.missing_since is not None and now - memory.missing_since < APART


def is_used_lately(memory: Memory, now: float) -> bool:
    """Whether it was in use, is not any more, and that may still be a mistake."""
    return memory.quiet_since is not None and now - memory.quiet_since < APART
