"""Reading SRC... DST, and every reason not to begin."""

import mmap
import os
import stat
from typing import Final

from labkeeper.host import filesystems, mounts, reach
from labkeeper.host.filesystems import Filesystem
from labkeeper.storage.reasons import Refusal
from labkeeper.storage.tree import Tree
from labkeeper.values import dataclass

# With the second of silence before, within the 5 s that are promised.
PATIENCE: Final = 3.0


@dataclass(frozen=True, slots=True)
class Place:
    """A path as the kernel sees it."""

    given: str
    real: bytes
    is_folder: bool
    exists: bool

    @property
    def base(self) -> bytes:
        """Return its last name."""
        return self.real.rpartition(b"/")[2]


def look_here(given: str, what: str) -> Place:
    """As `look_at`, in a process that may hang itself."""
    try:
        answer = _touch(given, is_link_itself=False)
    except OSError as error:
        raise _unlookable(given, what, error) from None
    return _place(given, answer)


def look_at(given: str, what: str, *, is_link_itself: bool = False) -> Place:
    """Look at a path through a child that can be given up."""
    try:
        answer = reach.ask(lambda: _touch(given, is_link_itself=is_link_itself))
    except reach.Silent:
        raise Refusal(
            "hung",
            f"the {what} {given} does not answer",
            "see that its disk or server is there (`dmesg`, `findmnt`); nothing was touched",
        ) from None
    except OSError as error:
        raise _unlookable(given, what, error) from None
    return _place(given, answer)


def _unlookable(given: str, what: str, error: OSError) -> Refusal:
    reason = os.strerror(error.errno or 0).lower()
    return Refusal(
        f"no-{what}", f"the {what} {given} cannot be looked at: {reason}", "check the path"
    )


def _place(given: str, answer: bytes) -> Place:
    kind, _, real = answer.partition(b"\0")
    return Place(given, real, is_folder=kind == b"folder", exists=kind != b"nothing")


def _touch(given: str, *, is_link_itself: bool) -> bytes:
    path = os.fsencode(given)
    real = os.path.realpath(path)
    if is_link_itself and os.path.islink(path):
        head, base = os.path.split(os.path.abspath(path))
        return b"file\0" + os.path.join(os.path.realpath(head), base)
    try:
        look = os.stat(real)
    except FileNotFoundError:
        return b"nothing\0" + real
    if not stat.S_ISDIR(look.st_mode):
        return b"file\0" + real
    # Names and free space come from the disk or server itself, a look alone may be remembered.
    with os.scandir(real) as entries:
        next(entries, None)
    os.statvfs(real)
    return b"folder\0" + real


def check_answers(path: bytes) -> None:
    """Refuse to go on where a file system stopped to answer. A disk that is only slow answers."""
    try:
        reach.ask(lambda: _touch_again(path), PATIENCE)
    except OSError:
        return  # it answered; its workers hear the same and say it of each file
    except reach.Silent:
        raise Refusal(
            "hung",
            f"{os.fsdecode(path)} does not answer any more",
            "see its disk or server (`dmesg`, `findmnt`); every file is whole where it was or"
            " where it goes: run the same command again when it answers",
        ) from None


def _touch_again(path: bytes) -> bytes:
    """Ask the server; and read from the disk itself, because a look is answered from memory."""
    _touch(os.fsdecode(path) + "/", is_link_itself=False)
    device = mounts.device_of(os.fsdecode(path))
    if device is not None:
        file = os.open(device, os.O_RDONLY | os.O_DIRECT | os.O_CLOEXEC)
        os.preadv(file, [mmap.mmap(-1, 4096)], 0)
    return b""


def check_mounted(destination: str) -> None:
    """Refuse a destination whose promised mount is missing, before anything touches it."""
    promises = mounts.promised()
    now = {mount.point: mount for mount in mounts.mounted()}
    for path in {os.path.abspath(destination), os.path.realpath(destination)}:
        promise = mounts.promise_for(path, promises)
        if promise is not None and promise.point not in now:
            raise Refusal(
                "not-mounted",
                f"{promise.point} is not mounted, though {promise.told_by} says it should be",
                f"mount {promise.point}, then run the same command again",
            )


def check_mounted_below(folder: str) -> None:
    """Refuse a folder below which a promised mount is missing: what is seen there is not all."""
    now = {mount.point for mount in mounts.mounted()}
    start = os.path.realpath(folder).rstrip("/") + "/"
    for promise in mounts.promised():
        if promise.point.startswith(start) and promise.point not in now:
            raise Refusal(
                "not-mounted",
                f"{promise.point} is not mounted, though {promise.told_by} says it should be",
                f"mount {promise.point}, or clean another folder",
            )


def check_expected(destination: Place, tree: Tree) -> None:
    """Refuse where another file system is mounted than the host's own files say."""
    path = os.fsdecode(destination.real)
    promise = mounts.promise_for(path, mounts.promised())
    if promise is None:
        return
    top = [mount for mount in mounts.mounted() if mount.point == promise.point]
    if top and top[-1].kind == "autofs":
        raise Refusal(
            "not-mounted",
            f"{promise.point} is set to mount on use, and did not",
            f"see why: systemctl status {promise.point}",
        )
    wanted, found = mounts.expected_uuid(promise), filesystems.uuid_of(tree.root)
    if wanted and found and len(wanted) == len(found) and wanted != found:
        raise Refusal(
            "other-filesystem",
            f"{promise.point} holds file system {found}, but {promise.told_by} names {wanted}",
            f"mount the right disk at {promise.point}",
        )


def check_writable(what: str, given: str, filesystem: Filesystem) -> None:
    """Refuse a file system that is mounted read-only."""
    if filesystem.read_only:
        raise Refusal(
            "read-only",
            f"the {what} {given} is on a file system that is mounted read-only",
            "a disk that turned read-only by itself has an error: see `dmesg` first",
        )


_INODES_KEPT: Final = 16


def check_room(given: str, filesystem: Filesystem, need: int, files: int, reserve: int) -> None:
    """Refuse where the destination would be filled into its reserve."""
    if need and need > filesystem.free - reserve:
        raise Refusal(
            "no-room",
            f"{given} has {filesystem.free} bytes free; the move needs {need}"
            f" and keeps {reserve} in reserve",
            "make room there, move less, or lower --reserve",
        )
    inodes = filesystem.free_inodes
    if inodes is not None and files and files > inodes - _INODES_KEPT:
        raise Refusal(
            "no-room",
            f"{given} has {inodes} inodes free; the move needs {files}",
            "make room there or move less",
        )
