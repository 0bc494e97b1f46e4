"""What is in a folder now, and whether that can change without its times telling."""

import errno
import os
import time
from typing import Final, NamedTuple

from labkeeper.host import files
from labkeeper.storage.tree import INODE, inode_of
from labkeeper.store.names import Facts

# As in source.py: the kernel's clock of files ticks; what is written in the tick of a look does
# not show. File systems with whole seconds (FAT has two) tick slower.
_TICK_NS: Final = 50_000_000
_COARSE_NS: Final = 2_100_000_000
_SECOND_NS: Final = 10**9
_UNSETTLED: Final = (0, 0)
_KIND: Final = 0o170000  # S_IFMT, stat.h


class Listing(NamedTuple):
    """A folder as it is: `times` are 0 where they prove nothing yet."""

    inode: int
    times: tuple[int, int]
    folders: dict[bytes, int]
    files: dict[bytes, Facts]


def list_folder(root: int, path: bytes) -> Listing:
    """Read a folder below an open root; another file system in it is none of its folders."""
    folder = files.open_beneath(root, path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        own = os.fstat(folder)
        if own.st_dev != os.fstat(root).st_dev:
            # A subvolume of btrfs, which is no mount.
            raise OSError(errno.EXDEV, os.strerror(errno.EXDEV))
        folders: dict[bytes, int] = {}
        found: dict[bytes, Facts] = {}
        with os.scandir(folder) as listing:
            # Inodes in their order on the disk.
            entries = sorted(listing, key=os.DirEntry.inode)
        # Encoded at once, as one by one they cost a fifth of the listing.
        names = os.fsencode("\0".join([entry.name for entry in entries])).split(b"\0")
        for name, entry in zip(names, entries, strict=bool(entries)):
            if entry.is_dir(follow_symlinks=False):
                folders[name] = inode_of(entry.inode())
                continue
            try:
                look = entry.stat(follow_symlinks=False)
            except FileNotFoundError:
                continue
            if look.st_dev == own.st_dev:
                found[name] = facts_of(look)
        return Listing(inode_of(own.st_ino), settled(own), folders, found)
    finally:
        os.close(folder)


def facts_of(look: os.stat_result) -> Facts:
    """The row of a file."""
    # Half a million times: not by way of Python's own constructor, nor of functions for a mask.
    return tuple.__new__(
        Facts,
        (
            look.st_ino & INODE,
            look.st_mode & _KIND,
            look.st_size,
            look.st_blocks,
            look.st_mtime_ns,
            look.st_ctime_ns,
            look.st_nlink,
        ),
    )


def settled(look: os.stat_result) -> tuple[int, int]:
    """A folder's times, if a later change would show in them."""
    age = time.time_ns() - max(look.st_mtime_ns, look.st_ctime_ns)
    is_coarse = look.st_mtime_ns % _SECOND_NS == 0
    if age < (_COARSE_NS if is_coarse else _TICK_NS):
        return _UNSETTLED
    return look.st_mtime_ns, look.st_ctime_ns
