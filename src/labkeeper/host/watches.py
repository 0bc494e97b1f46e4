"""A feed that watches each folder of a tree by itself, as any user may."""

import errno
import os
import select
from typing import Final, Self

from labkeeper.host import inotify
from labkeeper.host.fanotify import Touched
from labkeeper.host.feed import MISSED, Changes

# Of the watches that a user may have: what else runs for that user needs some, too.
_SHARE: Final = 2
_HERE: Final = os.O_PATH | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC


class Watches:
    """Tells what changes in the folders that it was shown."""

    how = "inotify"
    # A file may have a name where nobody watches, by which it is written to.
    hears_all = False

    def __init__(self, root: str, queue: int, room: int, why: str) -> None:
        look = os.stat(root)
        self._device = look.st_dev
        self._filesystem = os.statvfs(root).f_fsid
        self._queue = queue
        self.room = room
        self._inodes: dict[int, int] = {}
        self._is_missed = False
        self.is_alive = True
        self.why = why

    @classmethod
    def start(cls, root: str, trees: int, why: str = "") -> Self:
        """Watch a tree, one of so many; `why` is what is in the way of hearing more."""
        room = inotify.most_watches() // _SHARE // trees
        queue = inotify.listen()
        try:
            return cls(root, queue, room, why)
        except OSError:
            os.close(queue)
            raise

    def cover(self, path: bytes, inode: int) -> None:
        """Watch a folder from now on."""
        if not self.is_alive:
            return
        try:
            folder = os.open(path, _HERE)
        except OSError:
            return  # it is not there any more, which the folder above tells
        try:
            look = os.fstat(folder)
            if (look.st_dev, look.st_ino) == (self._device, inode):
                self._watch(folder, inode)
        finally:
            os.close(folder)

    def take(self) -> Changes:
        """All that happened until now and was not told before."""
        if not self.is_alive:
            return MISSED
        touched = set()
        try:
            for told in inotify.read(self._queue):
                if told.is_last:
                    self._inodes.pop(told.watch, None)
                elif (inode := self._inodes.get(told.watch)) is not None:
                    touched.add(Touched(self._filesystem, inode, 0, told.name))
        except inotify.Missed:
            self._is_missed = True
        except OSError:
            self.close()
            return MISSED
        is_missed, self._is_missed = self._is_missed, False
        return MISSED if is_missed else Changes(list(touched))

    @property
    def is_quiet(self) -> bool:
        """Nothing waits to be told."""
        poll = select.poll()
        poll.register(self._queue, select.POLLIN)
        return self.is_alive and not self._is_missed and not poll.poll(0)

    def close(self) -> None:
        """Tell no more."""
        if self._queue >= 0:
            os.close(self._queue)
        self._queue = -1
        self._inodes.clear()
        self.is_alive = False

    def _watch(self, folder: int, inode: int) -> None:
        try:
            self._inodes[inotify.watch(self._queue, folder)] = inode
            if len(self._inodes) > self.room:
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        except PermissionError:
            return  # nobody may look into it, and what is in it is unknown
        except OSError as error:
            self.close()
            self.why = (error.strerror or str(error)).lower()
            if error.errno == errno.ENOSPC:
                self.why = too_many(self.room)


def too_many(room: int) -> str:
    """Why a tree cannot be watched."""
    return (
        f"it has more folders than the {room:,} that may be watched one by one, a share of"
        " fs.inotify.max_user_watches"
    )
