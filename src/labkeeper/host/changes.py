"""Tells when files of a folder change. It looks, as inotify would miss network file systems."""

import os
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

from labkeeper.audit.forms import form_of
from labkeeper.host.folder import PASSED_OVER

# What of a file tells that it was written: when, how large, which one.
State = Mapping[str, tuple[int, int, int]]

_PAUSE: Final = 0.5
# How many times as long as a look takes is waited until the next one: 2 % of one core at most.
_REST: Final = 50


def changes(path: Path, before: State, pause: float = _PAUSE) -> Iterator[tuple[str, ...]]:
    """The files that were written, made or deleted, each time that some were. It never ends."""
    while True:
        now = _after(path, pause)
        if now == before:
            continue
        # An editor writes in steps: what is in the middle of it is not looked at.
        while (settled := _after(path, pause)) != now:
            now = settled
        changed = {name for name in {*before, *now} if before.get(name) != now.get(name)}
        # What is gone as a whole (a branch is being changed) is waited for.
        if changed and path.exists():
            before = now
            yield tuple(sorted(changed))


def state(path: Path) -> State:
    """The files that an audit would read."""
    if not path.is_dir():
        return dict(filter(None, [_of(path.name, path)]))
    found: dict[str, tuple[int, int, int]] = {}
    for here, folders, files in os.walk(path):
        folders[:] = [name for name in folders if name not in PASSED_OVER]
        for name in files:
            relative = (Path(here) / name).relative_to(path).as_posix()
            if form_of(relative) and (one := _of(relative, Path(here) / name)):
                found[one[0]] = one[1]
    return found


def _after(path: Path, pause: float) -> State:
    time.sleep(pause)
    start = time.monotonic()
    found = state(path)
    time.sleep(max(0.0, _REST * (time.monotonic() - start) - pause))
    return found


def _of(name: str, path: Path) -> tuple[str, tuple[int, int, int]] | None:
    try:
        seen = path.stat()
    except OSError:
        return None
    return name, (seen.st_mtime_ns, seen.st_size, seen.st_ino)
