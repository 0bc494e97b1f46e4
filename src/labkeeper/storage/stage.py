"""The copy before it has its name: nameless where that can be, else named by the journal."""

import errno
import os
from typing import Final

from labkeeper.host import statx
from labkeeper.storage.tree import Tree, inode_of
from labkeeper.store.units import Copy, Unit
from labkeeper.values import dataclass

SMALL: Final = 1024 * 1024
_PREFIX: Final = b".labkeeper-"
_NO_NAMELESS: Final = (errno.EOPNOTSUPP, errno.EISDIR, errno.ENOENT, errno.EINVAL)


@dataclass(frozen=True, slots=True)
class Stage:
    """An open copy; `name` beside the destination, or None while it has none."""

    file: int
    folder: bytes
    name: bytes | None
    is_ours: bool  # made by us, and not what was there already

    def close(self) -> None:
        """Close it; a nameless one is gone with that."""
        if self.file >= 0:
            os.close(self.file)


def part_name(tag: str, unit: Unit) -> bytes:
    """Return the temporary's name: found again by the journal, never by a pattern."""
    return b"%s%s-%d.part" % (_PREFIX, tag.encode(), unit.id)


def retired_name(tag: str, unit: Unit, number: int) -> bytes:
    """Return the name under which a source waits for the last look at its copy."""
    return b"%s%s-%d.%d.retired" % (_PREFIX, tag.encode(), unit.id, number)


def owner_of(name: bytes) -> tuple[str, int] | None:
    """Return the journal's tag and the unit that a name of ours belongs to."""
    if not name.startswith(_PREFIX):
        return None
    tag, _, rest = name[len(_PREFIX) :].decode(errors="replace").partition("-")
    number = rest.partition(".")[0]
    return (tag, int(number)) if number.isdecimal() and number.isascii() else None


def open_new(target: Tree, tag: str, unit: Unit, mode: int) -> Stage:
    """Open an empty file beside the destination; a nameless one has its mode at once."""
    head, _, _ = unit.names[0].target.rpartition(b"/")
    folder = target.make(head)
    if unit.facts.size < SMALL:
        try:
            flags = os.O_TMPFILE | os.O_RDWR | os.O_NOATIME | os.O_CLOEXEC
            return Stage(os.open(b".", flags, mode, dir_fd=folder), head, None, is_ours=True)
        except OSError as error:
            if error.errno not in _NO_NAMELESS:
                raise
    name = part_name(tag, unit)
    flags = os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_NOATIME | os.O_CLOEXEC
    return Stage(os.open(name, flags, 0o600, dir_fd=folder), head, name, is_ours=True)


def join(folder: bytes, name: bytes) -> bytes:
    """Join a folder below a root and a name."""
    return folder + b"/" + name if folder else name


def identify(file: int, name: bytes = b"") -> Copy:
    """Return what tells this copy from any other inode, now or after a crash."""
    return copy_of(statx.look(file, name))


def copy_of(look: statx.Look) -> Copy:
    """Return what tells the copy that was looked at."""
    return Copy(inode_of(look.inode), look.born_ns, look.mtime_ns)
