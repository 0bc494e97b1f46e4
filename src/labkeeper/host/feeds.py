"""Whoever tells the most of what changes in folders: fanotify, inotify, or nobody."""

import errno
import os
from collections.abc import Iterator, Sequence
from typing import Final

from labkeeper.host import filesystems, handles
from labkeeper.host.feed import Feed, NoFeed, Watcher
from labkeeper.host.watches import Watches

_WHY: Final = {
    errno.EPERM: "to hear of a whole file system takes CAP_SYS_ADMIN",
    # Before Linux 6.8 fanotify_mark(2) refuses them.
    errno.EXDEV: "this kernel does not tell of a whole subvolume",
}


def listen(roots: Sequence[str]) -> dict[str, Feed]:
    """For each folder, whoever tells of it; several may share one."""
    found: dict[str, Feed] = {}
    refused: dict[str, str] = {}
    for root in roots:
        try:
            unseen, is_understood = _unseen(root), _is_understood(root)
        except OSError as error:
            unseen, is_understood = (error.strerror or str(error)).lower(), False
        if unseen:
            found[root] = NoFeed(unseen)
        elif not is_understood:
            refused[root] = "what the kernel tells of it is not understood"
    whole = [root for root in roots if root not in found and root not in refused]
    for some, heard in _heard(whole):
        if isinstance(heard, Watcher):
            found.update(dict.fromkeys(some, heard))
        else:
            why = _WHY.get(heard.errno or 0, (heard.strerror or str(heard)).lower())
            refused.update(dict.fromkeys(some, why))
    for root, why in refused.items():
        try:
            found[root] = Watches.start(root, len(refused), why)
        except OSError as error:
            found[root] = NoFeed((error.strerror or str(error)).lower())
    return found


def _heard(roots: Sequence[str]) -> Iterator[tuple[Sequence[str], Watcher | OSError]]:
    """One process for all; where it is refused one of them, each has its own."""
    if not roots:
        return
    try:
        yield roots, Watcher.start(roots)
    except OSError as error:
        if len(roots) == 1 or error.errno == errno.EPERM:
            yield roots, error
            return
        for root in roots:
            yield from _heard([root])


def _unseen(root: str) -> str:
    """Why nobody can tell of all that changes in it; nothing where somebody can."""
    found = filesystems.at(root)
    if found.is_told:
        return ""
    return f"what others do to it ({found.kind}) is not told here"


def _is_understood(root: str) -> bool:
    folder = os.open(root, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        return handles.is_understood(folder)
    finally:
        os.close(folder)
