"""Which folders a pool is made of: mergerfs shows several as one, and tells nobody what changes."""

import errno
import os
from typing import Final

from labkeeper.host import filesystems, mounts

_MERGERFS: Final = "fuse.mergerfs"
# A file that is there though no listing has it, and what it says of the pool (mergerfs, "runtime
# interface"): folders with their modes, `/mnt/a=RW:/mnt/b=NC,50G`.
_CONTROL: Final = ".mergerfs"
_BRANCHES: Final = "user.mergerfs.branches"


def branches(path: str) -> tuple[str, ...]:
    """The folders that are seen as one at a path; none where it is in no pool."""
    try:
        real = os.path.realpath(path)
        if filesystems.at(real).kind != "fuse":
            return ()
        pool = mounts.over(real)
        if pool is None or pool.kind != _MERGERFS:
            return ()
        told = os.getxattr(os.path.join(pool.point, _CONTROL), _BRANCHES)
    except OSError as error:
        if error.errno in (errno.ENOENT, errno.ENOTDIR, errno.ENODATA, errno.EOPNOTSUPP):
            return ()
        raise
    below = os.path.relpath(real, pool.point)
    found = [each.rpartition("=")[0] for each in os.fsdecode(told).split(":")]
    return tuple(os.path.normpath(os.path.join(branch, below)) for branch in found if branch)


def parts_of(path: str) -> tuple[str, ...]:
    """A folder's branches, which need not all have it; itself where it is in no pool."""
    return branches(path) or (path,)
