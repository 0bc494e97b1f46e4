"""What lies on a tier, as another process that keeps it known says."""

import fcntl
import os
from contextlib import closing, suppress
from pathlib import Path
from typing import Final

from labkeeper.host import pools
from labkeeper.storage.index import UNKNOWN, Sum, file_of, folder_at, sum_at
from labkeeper.store import state as states
from labkeeper.store.index import Rows

_NOTHING: Final = Sum(0, 0, 0)


def known_elsewhere(state: Path, root: str, path: str, *, even_unsure: bool = False) -> Sum | None:
    """What another process that keeps the index is sure of; none where none does, or is sure.

    After a start it is not sure for an hour; for who cannot look, that is better than nothing.
    """
    try:
        with (state / "index" / "lock").open() as lock:
            fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
        return None  # nobody holds it
    except BlockingIOError:
        pass
    except OSError:
        return None
    with suppress(states.Broken, OSError):
        parts = pools.parts_of(root)
        if len(parts) > 1:
            parts = tuple(filter(os.path.isdir, parts))
        below = os.path.relpath(path, root)
        found = [
            _told_of(state, part, below, is_alone=len(parts) == 1, even_unsure=even_unsure)
            for part in parts
        ]
        if found and all(each.is_known for each in found):
            return Sum(sum(each.files for each in found), sum(each.bytes for each in found), 0)
    return None


def _told_of(state: Path, part: str, below: str, *, is_alone: bool, even_unsure: bool) -> Sum:
    path = os.path.normpath(os.path.join(part, below))
    with closing(Rows.read(file_of(state, part))) as rows:
        if not (even_unsure or rows.about("sure")):
            return UNKNOWN
        # A branch of a pool need not have every folder of it.
        if not is_alone and folder_at(rows, part, path) is None:
            return _NOTHING
        return sum_at(rows, part, path)
