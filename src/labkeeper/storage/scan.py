"""Walking a source: what is there, and what of it can be moved."""

import errno
import os
import stat
from collections.abc import Iterator
from typing import Final

from labkeeper.host import files
from labkeeper.storage.reasons import Left, blocked_by
from labkeeper.storage.stage import join, owner_of
from labkeeper.storage.tree import Tree
from labkeeper.values import dataclass

# qBittorrent, Firefox and others, aria2 (its control file lies beside the file), Chrome, rsync.
INCOMPLETE: Final = (b".!qB", b".part", b".aria2", b".crdownload", b".partial")
_CONTROL: Final = b".aria2"
QUARANTINE: Final = b".labkeeper-quarantine"
_MOVED: Final = (stat.S_IFREG, stat.S_IFLNK)


@dataclass(frozen=True, slots=True)
class Found:
    """A name below the root, and the inode it leads to."""

    path: bytes
    look: os.stat_result


def walk(tree: Tree, tag: str) -> Iterator[Found | Left]:
    """Yield every folder, then what is in it; what cannot be moved comes with its reason.

    Names are opened in inode order, which is near the order on a disk.
    """
    waiting = [b""]
    device = os.fstat(tree.root).st_dev
    while waiting:
        path = waiting.pop()
        try:
            yield Found(path, os.fstat(tree.folder(path)))
            folder, names = _names(tree, path)
        except OSError as error:
            yield _left(tree, path, error)
            continue
        try:
            controls = {join(path, name) for name in names if name.endswith(_CONTROL)}
            for entry in _entries(tree, path, folder, names):
                if isinstance(entry, Left):
                    yield entry
                elif _is_entered(entry, device):
                    waiting.append(entry.path)
                else:
                    yield _judge(tree, entry, controls, tag)
        finally:
            os.close(folder)


def _is_entered(entry: Found, device: int) -> bool:
    is_ours = entry.path.rpartition(b"/")[2] == QUARANTINE
    return stat.S_ISDIR(entry.look.st_mode) and entry.look.st_dev == device and not is_ours


def single(tree: Tree, path: bytes, tag: str) -> Found | Left:
    """Look at one file that was named by itself."""
    look = tree.look(path)
    if look is None:
        return Left(os.path.join(tree.path, path), "vanished", "it is gone")
    control = path + _CONTROL
    names = {control} if tree.look(control) is not None else set()
    return _judge(tree, Found(path, look), names, tag)


def _names(tree: Tree, path: bytes) -> tuple[int, list[bytes]]:
    """Open a folder and list it in inode order; a million looks at once would fill the memory."""
    folder = files.open_beneath(tree.root, path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        with os.scandir(folder) as listing:
            found = sorted((entry.inode(), os.fsencode(entry.name)) for entry in listing)
    except BaseException:
        os.close(folder)
        raise
    return folder, [name for _, name in found]


def _entries(tree: Tree, path: bytes, folder: int, names: list[bytes]) -> Iterator[Found | Left]:
    for name in names:
        below = join(path, name)
        try:
            yield Found(below, os.stat(name, dir_fd=folder, follow_symlinks=False))
        except FileNotFoundError:
            continue
        except OSError as error:
            yield _left(tree, below, error)


def _judge(tree: Tree, found: Found, names: set[bytes], tag: str) -> Found | Left:
    refused = _refused(found, names, tag)
    if refused is None:
        return found
    return Left(os.path.join(tree.path, found.path), *refused)


def _refused(found: Found, names: set[bytes], tag: str) -> tuple[str, str] | None:
    base = found.path.rpartition(b"/")[2]
    if base == QUARANTINE:
        return "held", "it is what `labkeeper clean` put aside"
    if stat.S_ISDIR(found.look.st_mode):
        return "mounted-below", "another file system is mounted here"
    if stat.S_IFMT(found.look.st_mode) not in _MOVED:
        return "special", "it is neither a file, a folder nor a symbolic link"
    if (owner := owner_of(base)) is not None:
        return _leftover(is_ours=owner[0] == tag)
    if base.endswith(INCOMPLETE):
        return "incomplete", "its name says that it is not complete"
    is_aria2s = found.path + _CONTROL in names
    return ("incomplete", "aria2 has not finished it") if is_aria2s else None


def _leftover(*, is_ours: bool) -> tuple[str, str]:
    if is_ours:
        return "interrupted", "an earlier move set it aside"
    return "foreign-leftover", "it belongs to a move with another journal"


def _left(tree: Tree, path: bytes, error: OSError) -> Left:
    blocked = blocked_by(error, "looking into it")
    if error.errno == errno.EXDEV:
        return Left(os.path.join(tree.path, path), "mounted-below", "a file system is mounted here")
    return Left(os.path.join(tree.path, path), blocked.code, blocked.why)
