"""Opening a source so that it holds still, or saying who has it."""

import errno
import os
import stat
import time
from typing import Final

from labkeeper.host import leases, statx
from labkeeper.storage.batch import Run
from labkeeper.storage.reasons import Blocked
from labkeeper.storage.stage import SMALL
from labkeeper.storage.tree import Tree, inode_of
from labkeeper.store.units import Facts, Unit

# Two writes within one tick of the kernel's clock (4 to 10 ms) leave the same times: a file that
# was just written must age before its times can prove that it did not change.
_TICKS_NS: Final = 50_000_000
_FLAGS: Final = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC


def facts_of(look: os.stat_result) -> Facts:
    """Return what must not change."""
    return Facts(
        look.st_dev,
        inode_of(look.st_ino),
        look.st_size,
        look.st_mtime_ns,
        look.st_ctime_ns,
        look.st_nlink,
    )


def open_source(run: Run, unit: Unit) -> int:
    """Open the unit's file, leased against writers; `check_unchanged` says whether it is it."""
    tree = run.source(unit.names[0])
    folder, name = tree.parent(unit.names[0].source)
    # Small ones are read ahead, through the page cache.
    is_large = unit.facts.size >= SMALL
    file = open_quietly(folder, name, os.O_DIRECT if is_large and tree.is_direct else 0)
    try:
        lease(file)
        age = time.time_ns() - unit.facts.ctime_ns
        if 0 <= age < _TICKS_NS:
            run.sleep((_TICKS_NS - age) / 1e9)
    except BaseException:
        os.close(file)
        raise
    return file


def open_quietly(folder: int, name: bytes, flags: int = 0) -> int:
    """Open a file for reading without a trace in its times, where we may."""
    try:
        return os.open(name, _FLAGS | os.O_NOATIME | flags, dir_fd=folder)
    except OSError as error:
        if error.errno not in (errno.EPERM, errno.EINVAL):
            raise
        return os.open(name, _FLAGS, dir_fd=folder)


def lease(file: int) -> None:
    """Hold the file against writers; no answer counts as a writer."""
    match leases.hold_against_writers(file):
        case leases.Use.FREE:
            return
        case leases.Use.IN_USE:
            raise Blocked("open-for-writing", "another program has it open for writing")
        case leases.Use.UNKNOWN:
            raise Blocked("open-unknown", "the kernel does not tell whether it is being written")


def check_removable(tree: Tree, path: bytes, *, is_large: bool = True) -> None:
    """It may be removed when it was copied: a disk that fills with copies is no move.

    Of a small file only its folder is asked, once for a batch; it may be copied in vain.
    """
    tree.check_gives_names(path.rpartition(b"/")[0])
    if is_large and statx.look(*tree.parent(path)).is_fixed:
        raise Blocked("immutable", "it is marked as immutable or append-only (chattr)")


def check_unchanged(file: int, facts: Facts) -> os.stat_result:
    """The open file is still the one that was looked at."""
    look = os.fstat(file)
    if not stat.S_ISREG(look.st_mode) or facts_of(look) != facts:
        raise Blocked("changed", "it changed while it was looked at")
    return look
