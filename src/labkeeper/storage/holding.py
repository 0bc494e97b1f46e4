"""What a file's removal would not free, because a snapshot or another file has the same bytes.

btrfs and XFS say it of each extent. ZFS says it of no file: there a snapshot that is younger than a
file's last write holds it. Our own snapshots go no later than what they were made for is purged, so
they take nothing from what a cleaning frees in the end: those of another rule may.
"""

import os
from contextlib import suppress
from typing import Final

from labkeeper.host import btrfs, extents, filesystems, statx, zfs
from labkeeper.storage.source import open_quietly
from labkeeper.storage.tree import Tree
from labkeeper.store.quarantine import Quarantine
from labkeeper.values import dataclass

_SHARING: Final = frozenset({"btrfs", "xfs", "bcachefs"})


@dataclass(frozen=True, slots=True)
class Others:
    """Snapshots that labkeeper did not make: how many, and when the last was."""

    count: int
    last: float


class Holding:
    """What holds the bytes of files below a root."""

    def __init__(self, tree: Tree, record: Quarantine | None, until: float) -> None:
        """`until` is when a file that goes now is to be gone for good."""
        self._tree = tree
        self._kind = filesystems.of(tree.root).kind
        self._has_ours, self.others = _snapshots(tree, self._kind, record, until)

    def of(self, path: bytes, look: os.stat_result) -> int:
        """Bytes of a file below the root that its removal would not free."""
        room = look.st_blocks * 512
        if self._kind == "zfs":
            return room if self.others is not None and self._is_older(path, look) else 0
        if self._kind not in _SHARING:
            return 0
        if self._has_ours and (self.others is None or not self._is_older(path, look)):
            return 0
        return min(room, self._shared(path))

    def _shared(self, path: bytes) -> int:
        folder, name = self._tree.parent(path)
        try:
            file = open_quietly(folder, name)
        except OSError:
            return 0
        try:
            return extents.shared(file)
        except OSError:
            return 0
        finally:
            os.close(file)

    def _is_older(self, path: bytes, look: os.stat_result) -> bool:
        """It was last written, or copied to here with its time, before the last snapshot."""
        born = 0.0
        with suppress(OSError):
            born = statx.look(*self._tree.parent(path)).born_ns / 1e9
        assert self.others is not None  # noqa: S101  both callers asked
        return max(born, look.st_mtime) <= self.others.last


def _snapshots(
    tree: Tree, kind: str, record: Quarantine | None, until: float
) -> tuple[bool, Others | None]:
    """Whether ours are there, and those that stay longer, as far as anybody may list them."""
    ours = frozenset(
        each.identity for each in (record.snapshots.all() if record else ())
        if each.kind == kind and each.held_until <= until
    )  # fmt: skip
    found: list[tuple[str, float]] = []
    if kind == "zfs" and (dataset := zfs.dataset_of(tree.path)) is not None:
        found = [(each.guid, each.at) for each in zfs.snapshots(dataset) or ()]
    # Without one of ours, what extents say is enough.
    elif kind == "btrfs" and ours and (top := btrfs.subvolume_of(tree.path)) is not None:
        found = [(each.uuid, each.at) for each in btrfs.snapshots(os.fsdecode(top)) or ()]
    others = [at for identity, at in found if identity not in ours]
    return bool(ours), Others(len(others), max(others)) if others else None
