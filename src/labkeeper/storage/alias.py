"""Are source and destination one storage under two paths? Asked with a file that only we know.

A branch and its pool (mergerfs) or two bind mounts show one file twice; a tool that takes the
second for a good copy and removes the first has removed both. Inode numbers do not tell: a pool
makes its own.
"""

import os
from collections.abc import Iterable
from contextlib import suppress

from labkeeper.storage.planning import Origin
from labkeeper.storage.reasons import Refusal


def check(origins: Iterable[Origin], tag: str, *, keep_source: bool) -> None:
    """Refuse where a file made on one side shows on the other."""
    for origin in origins:
        source = origin.ground.source.root
        try:
            target = origin.ground.target.folder(origin.prefix.rstrip(b"/"))
        except FileNotFoundError:
            continue  # a folder that does not exist holds nothing
        if _is_one_folder(origin, source, target):
            continue
        for folder in (target,) if keep_source else (source, target):
            _clear(folder, tag)  # what a crash just here left
        from_source = not keep_source and _shows(source, target, tag)
        if from_source or _shows(target, source, tag):
            shown = os.fsdecode(origin.pair.source)
            raise Refusal(
                "same-storage",
                f"{shown} and the destination are the same storage under two paths",
                "name the destination by the path that the source has, or leave it where it is",
            )


def _is_one_folder(origin: Origin, source: int, target: int) -> bool:
    """A lone file may get another name in its own folder."""
    return origin.new_name is not None and os.path.sameopenfile(source, target)


def _marker(tag: str) -> bytes:
    return b".labkeeper-%s-0.probe" % tag.encode()


def _clear(folder: int, tag: str) -> None:
    with suppress(FileNotFoundError):
        os.unlink(_marker(tag), dir_fd=folder)


def _shows(here: int, there: int, tag: str) -> bool:
    marker = _marker(tag)
    before = os.fstat(here)
    try:
        flags = os.O_CREAT | os.O_WRONLY | os.O_NOFOLLOW | os.O_CLOEXEC
        os.close(os.open(marker, flags, 0o600, dir_fd=here))
        try:
            os.close(os.open(marker, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC, dir_fd=there))
        except FileNotFoundError:
            return False
        return True
    finally:
        _clear(here, tag)
        os.utime(here, ns=(before.st_atime_ns, before.st_mtime_ns))
