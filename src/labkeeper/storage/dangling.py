"""Symbolic links that lead nowhere: yes, no or unknown, and unknown stays.

A link whose target is on a disk that is not mounted, on a server that restarts, or in a path that
only a container has, looks the same as one whose target is gone for good.
"""

import errno
import os
from collections.abc import Iterator, Sequence
from typing import Final

from labkeeper.host import mounts, reach
from labkeeper.storage.candidates import Candidate
from labkeeper.storage.reasons import Left
from labkeeper.storage.scan import Found
from labkeeper.storage.tree import Tree
from labkeeper.store.quarantine import Kind

APART: Final = 3600.0  # seconds between two looks, so that they are not one
_AT_ONCE: Final = 200
_THERE, _GONE, _CONTAINER, _EMPTY, _UNKNOWN = b"+", b"-", b"c", b"e", b"?"
_WHY: Final = {
    _CONTAINER: "nothing of its target's path is on this host: it may be a container's",
    _EMPTY: "its target's folder is empty: a disk may be missing there",
    _UNKNOWN: "its target could not be looked at",
}
Seen = dict[tuple[bytes, bytes], float]  # since when, by path and text


def dangling(
    tree: Tree, links: Sequence[Found], since: tuple[float, float], before: Seen, today: Seen
) -> Iterator[Candidate | Left]:
    """Yield links whose target is gone, seen so twice; say why others cannot be judged."""
    older_than, now = since
    for start in range(0, len(links), _AT_ONCE):
        part = links[start : start + _AT_ONCE]
        texts = [os.readlink(n, dir_fd=d) for d, n in (tree.parent(f.path) for f in part)]
        for link, text, why in zip(part, texts, _targets(tree, part, texts), strict=True):
            idle = now - max(link.look.st_mtime, link.look.st_ctime)
            if why == _THERE or idle < older_than:
                continue
            shown = os.path.join(tree.path, link.path)
            if why != _GONE:
                yield Left(shown, "link-unknown", _WHY.get(why, os.fsdecode(why)))
                continue
            first = today[link.path, text] = before.get((link.path, text), now)
            if now - first < APART:
                yield Left(shown, "link-seen-once", "it leads nowhere for the first time")
                continue
            because = f"a link to {os.fsdecode(text)!r}, which is gone"
            yield Candidate((link.path,), link.look, idle, 0, Kind.LINK, because)


def _targets(tree: Tree, links: Sequence[Found], texts: Sequence[bytes]) -> list[bytes]:
    """Return what each link leads to, asked in a child: a target may lie on a dead server."""
    places = [
        os.path.join(tree.path, os.path.dirname(link.path), text)
        for link, text in zip(links, texts, strict=True)
    ]
    try:
        answers = reach.ask(lambda: b"\0".join(_answer(place) for place in places)).split(b"\0")
    except (reach.Silent, OSError):
        return [_UNKNOWN] * len(places)
    promises = mounts.promised()
    now = {mount.point for mount in mounts.mounted()}
    return [_missing(answer[1:], promises, now) or answer[:1] for answer in answers]


def _missing(place: bytes, promises: list[mounts.Promise], now: set[str]) -> bytes:
    promise = mounts.promise_for(os.fsdecode(place), promises)
    if not place or promise is None or promise.point in now:
        return b""
    return os.fsencode(f"{promise.point} is not mounted, and its target is there")


def _answer(place: bytes) -> bytes:
    """Say what is at the end of all links, and where that end is or would be."""
    try:
        os.stat(place)
    except OSError as error:
        if error.errno not in (errno.ENOENT, errno.ENOTDIR):
            return _UNKNOWN
    else:
        return _THERE
    end = os.path.realpath(place)
    above = os.path.dirname(end)
    while not os.path.lexists(above):
        above = os.path.dirname(above)
    if above == b"/":
        return _CONTAINER + end
    is_empty = os.path.isdir(above) and not os.listdir(above)
    return (_EMPTY if is_empty else _GONE) + end
