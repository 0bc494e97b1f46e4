"""A good copy in the place of a file that rotted; the bad one is put aside, and nothing is lost.

The copy has no name until it was read back from the disk, so nothing is left of one that failed.
"""

import os
import time
from collections.abc import Iterable
from typing import Final

from blake3 import blake3

from labkeeper.host import cache, files, filesystems
from labkeeper.storage import way_back
from labkeeper.storage.candidates import Candidate
from labkeeper.storage.fidelity import attributes, set_all
from labkeeper.storage.passing import Passing
from labkeeper.storage.quarantining import put_aside
from labkeeper.storage.reasons import Blocked
from labkeeper.storage.reread import reread
from labkeeper.storage.ring import Ring
from labkeeper.storage.source import open_quietly
from labkeeper.storage.tree import Tree
from labkeeper.store.hashes import Hash
from labkeeper.store.log import By, Ending, What
from labkeeper.store.quarantine import Quarantine

_PIECE: Final = 1 << 20
_HOLD: Final = 30 * 86400.0  # seconds that the bad one is kept


def repair(
    tree: Tree, names: tuple[bytes, ...], known: Hash, good: Iterable[bytes], record: Quarantine
) -> bytes:
    """Put the bytes of the first good copy in the place of a bad file; which one it was.

    `names` are all names of the bad file; it must not have others. Raises Blocked where it cannot.
    """
    folder, base = tree.parent(names[0])
    bad = os.stat(base, dir_fd=folder, follow_symlinks=False)
    if bad.st_nlink != len(names):
        raise Blocked("linked-elsewhere", "it has other names than those that are known")
    new = _nameless(folder)
    try:
        source = _fill(new, known, good)
        was = os.open(base, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC, dir_fd=folder)
        try:
            set_all(new, bad, attributes(was))
        finally:
            os.close(was)
        os.fsync(new)
        _check(new, tree, known)
        _replace(tree, names, bad, new, record)
    finally:
        os.close(new)
    return source


def _nameless(folder: int) -> int:
    try:
        return os.open(b".", os.O_TMPFILE | os.O_RDWR | os.O_CLOEXEC, 0o600, dir_fd=folder)
    except OSError as error:
        why = "its file system makes no nameless files, so a copy could not be tried first"
        raise Blocked("no-nameless-files", why) from error


def _fill(new: int, known: Hash, good: Iterable[bytes]) -> bytes:
    """Copy the first that still has the bytes."""
    for path in good:
        above, _, base = path.rpartition(b"/")
        folder = os.open(above, os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            source = open_quietly(folder, base)
        except OSError:
            continue
        finally:
            os.close(folder)
        try:
            os.ftruncate(new, 0)
            if _copy(source, new) == known.digest:
                return path
        except OSError as error:
            if os.fstat(new).st_size == 0:
                raise Blocked("io-error", os.strerror(error.errno or 0).lower()) from error
        finally:
            os.close(source)
    raise Blocked("no-good-copy", "no other copy that is known still has its bytes")


def _copy(source: int, new: int) -> bytes:
    hasher = blake3()
    at = 0
    while piece := os.pread(source, _PIECE, at):
        hasher.update(piece)
        view = memoryview(piece)
        while view:
            count = os.pwrite(new, view, at)
            view = view[count:]
            at += count
    return hasher.digest()


def _check(new: int, tree: Tree, known: Hash) -> None:
    """What the disk gives back is what is to be there."""
    cache.drop(new)
    with Ring() as ring:
        digest, _ = reread(new, filesystems.of(tree.root), ring, Passing(lambda _: None, None))
    if digest != known.digest:
        raise Blocked("not-what-was-written", "the disk gave back other bytes than the copy's")


def _replace(
    tree: Tree, names: tuple[bytes, ...], bad: os.stat_result, new: int, record: Quarantine
) -> None:  # fmt: skip
    because = "its bytes changed though nobody wrote to it"
    candidate = Candidate(names, bad, time.time() - bad.st_mtime, 0, because=because)
    place = os.path.join(tree.path, names[0])
    with record.log.deed(What.REPAIR, By(why=because), place) as deed:
        deed.begin(len(names), bad.st_size)
        done = put_aside(record, tree, [candidate], _HOLD)
        if done.left or not done.items:
            why = done.left[0].why if done.left else "it could not be put aside"
            raise Blocked("not-put-aside", why)
        for name in names:
            folder, base = tree.parent(name)
            files.name_open_file(new, folder, base)
        files.sync_filesystem(tree.root)
        back = way_back.of_repair(tree.path, done.items, record.log.folder)
        deed.end(Ending.DONE, (len(names), bad.st_size), back)
