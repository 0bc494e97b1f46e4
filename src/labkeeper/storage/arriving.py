"""A file that comes from elsewhere: written without a name, read back, and named for good.

It has its name only when all of it is on the medium and was read from there, and it never takes
the name of anything that is there.
"""

import errno
import os
import stat
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import field, replace
from typing import Final, Self

from blake3 import blake3

from labkeeper.host import files, filesystems
from labkeeper.storage.digest import digest_of_open
from labkeeper.storage.reasons import Blocked, blocked_by
from labkeeper.storage.reread import reread
from labkeeper.storage.ring import Ring
from labkeeper.storage.tree import Tree
from labkeeper.store.units import Evidence
from labkeeper.values import dataclass

_NO_NAMELESS: Final = (errno.EOPNOTSUPP, errno.EISDIR, errno.ENOENT, errno.EINVAL)
_BUFFERS: Final = 2  # of four megabytes each
_SHARED: Final = 0o666


@dataclass(frozen=True, slots=True)
class Arrived:
    """What came, and what is proven of it."""

    size: int
    digest: bytes
    evidence: Evidence


@dataclass(frozen=True, slots=True)
class Coming:
    """A file that has no name yet; `part` is its temporary one where there must be one."""

    tree: Tree
    path: bytes
    file: int
    part: bytes | None
    arrived: Arrived = field(default_factory=lambda: Arrived(0, b"", Evidence.MEMORY))

    @classmethod
    def begin(cls, tree: Tree, path: bytes, part: bytes) -> Self:
        """Open an empty one beside its place, with the rights that its folders have."""
        head, _, _ = path.rpartition(b"/")
        folder = _made(tree, head)
        mode = stat.S_IMODE(os.fstat(tree.root).st_mode) & _SHARED
        flags = os.O_RDWR | os.O_CLOEXEC
        try:
            file = os.open(b".", flags | os.O_TMPFILE, mode, dir_fd=folder)
            found = cls(tree, path, file, None)
        except OSError as error:
            if error.errno not in _NO_NAMELESS:
                raise
            with suppress(FileNotFoundError):  # what a crash left of the same one
                os.unlink(part, dir_fd=folder)
            more = os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW
            file = os.open(part, flags | more, 0o600, dir_fd=folder)
            found = cls(tree, path, file, part)
        _give(file, tree, mode)
        return found

    def fill(self, pieces: Iterable[bytes], room: int) -> bytes:
        """Write what comes, as long as there is room for it; return the digest of what came."""
        hasher, left = blake3(), room
        for piece in pieces:
            left -= len(piece)
            hasher.update(piece)
            if left < 0:
                raise Blocked("no-room", "the destination would be filled into its reserve")
            rest = memoryview(piece)
            while rest:
                rest = rest[os.write(self.file, rest) :]
        return hasher.digest()

    def check(self, came: bytes, at: float) -> "Coming":
        """Wait for the medium, read it back from there, and compare; `at` becomes its time."""
        os.utime(self.file, (at, at))
        os.fsync(self.file)
        size = os.fstat(self.file).st_size
        with Ring(_BUFFERS) as ring:
            digest, how = reread(self.file, filesystems.of(self.file), ring, _Nobody())
        if digest != came:
            raise Blocked("not-what-was-written", "the destination gave back other bytes")
        return replace(self, arrived=Arrived(size, digest, how))

    def name(self) -> None:
        """Give it its name; what has that name already stays, and it is Blocked."""
        head, _, base = self.path.rpartition(b"/")
        folder = self.tree.folder(head)
        try:
            if self.part is None:
                files.name_open_file(self.file, folder, base)
            else:
                files.rename_new(folder, self.part, folder, base)
        except FileExistsError:
            raise Blocked("destination-taken", "something took its name meanwhile") from None
        files.sync_filesystem(self.tree.root)

    def close(self) -> None:
        """Close it; without a name it is gone with that."""
        os.close(self.file)
        if self.part is not None:
            with suppress(OSError):  # it has its name, or its folder went away
                os.unlink(self.part, dir_fd=self.tree.folder(self.path.rpartition(b"/")[0]))


class _Nobody:
    def passed(self, count: int) -> None:
        """Nobody is told."""


def there(tree: Tree, path: bytes) -> tuple[int, bytes] | None:
    """The size and the digest of what has a name; none where nothing has."""
    look = tree.look(path)
    if look is None:
        return None
    if not stat.S_ISREG(look.st_mode):
        raise Blocked("destination-taken", "something else has its name at the destination")
    file = files.open_beneath(tree.root, path, os.O_RDONLY | os.O_NONBLOCK)
    try:
        return os.fstat(file).st_size, digest_of_open(file)
    finally:
        os.close(file)


def shown(error: OSError) -> Blocked:
    """The kernel's error as a reason."""
    return blocked_by(error, "copying it")


def _made(tree: Tree, path: bytes) -> int:
    """Open a folder; one that is made has owner, group and mode of the root."""
    if not path or tree.look(path) is not None:
        return tree.folder(path)
    _made(tree, path.rpartition(b"/")[0])
    folder = tree.make(path)
    _give(folder, tree, stat.S_IMODE(os.fstat(tree.root).st_mode))
    return folder


def _give(file: int, tree: Tree, mode: int) -> None:
    """The rights of the root; whoever may not give files away keeps them."""
    root = os.fstat(tree.root)
    with suppress(PermissionError):
        os.fchown(file, root.st_uid, root.st_gid)
    with suppress(PermissionError):
        os.fchmod(file, mode)
