"""Which file system a folder is on, and what it can hold."""

import ctypes
import fcntl
import os
from typing import Final

from labkeeper.host import kernel
from labkeeper.values import dataclass

# statfs(2), linux/magic.h. Those named here answer O_DIRECT reads from their medium, or tell by
# statx that they do not for this file (ext4 with data=journal or inline data).
_DIRECT: Final = {
    0xEF53: "ext4",
    0x58465342: "xfs",
}
_OTHER: Final = {
    # These take O_DIRECT and answer from memory all the same: btrfs files with checksums, and what
    # it compresses or keeps inline (Linux 6.18: no sector read, where ext4 and xfs read them all);
    # f2fs what it compresses (f2fs_force_buffered_io in its source).
    0x9123683E: "btrfs",
    0xF2F52010: "f2fs",
    0x01021994: "tmpfs",
    0x858458F6: "ramfs",
    0x65735546: "fuse",
    0x6969: "nfs",
    0xFF534D42: "cifs",
    0xFE534D42: "smb2",
    0x2FC12FC1: "zfs",
    0x4D44: "vfat",
    0x2011BAB0: "exfat",
    0x5346544E: "ntfs",
    0x7366746E: "ntfs3",
    0x794C7630: "overlay",
    0xCA451A4E: "bcachefs",
}
_IN_MEMORY: Final = frozenset({"tmpfs", "ramfs"})
# Whatever changes in these is done by way of this kernel's own view of them, which tells of it. A
# server, a program (FUSE) or a layer below changes others unseen (mergerfs#974).
_TOLD: Final = frozenset(
    ("ext4", "xfs", "btrfs", "f2fs", "tmpfs", "ramfs", "zfs", "vfat", "exfat", "ntfs3", "bcachefs")
)
_GET_UUID: Final = 0x80111500  # FS_IOC_GETFSUUID, Linux 6.9


class _Statfs(ctypes.Structure):
    _fields_ = (("kind", ctypes.c_long), ("rest", ctypes.c_char * 248))


_fstatfs: Final = kernel.door("fstatfs", ctypes.c_int, ctypes.POINTER(_Statfs))


@dataclass(frozen=True, slots=True)
class Filesystem:
    """`identity` stays the same over a reboot where the kernel tells a UUID.

    `former` is what it was called under a kernel that does not (before Linux 6.9).
    """

    kind: str
    identity: str
    former: str
    device: int
    read_only: bool
    free: int
    size: int
    free_inodes: int | None
    longest_name: int

    @property
    def direct(self) -> bool:
        """O_DIRECT reads of this kind are known to come from the medium."""
        return self.kind in _DIRECT.values()

    @property
    def in_memory(self) -> bool:
        """There is no medium below."""
        return self.kind in _IN_MEMORY

    @property
    def is_told(self) -> bool:
        """The kernel can tell of everything that changes in it."""
        return self.kind in _TOLD


def at(path: str) -> Filesystem:
    """Look at the file system of a folder."""
    folder = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        return of(folder)
    finally:
        os.close(folder)


def of(folder: int) -> Filesystem:
    """Look at the file system of an open folder."""
    found = _Statfs()
    _fstatfs(folder, ctypes.byref(found))
    magic = found.kind & 0xFFFFFFFF
    kind = _DIRECT.get(magic) or _OTHER.get(magic) or f"type {magic:#x}"
    room = os.fstatvfs(folder)
    former = f"{kind}:{room.f_fsid:x}"
    return Filesystem(
        kind=kind,
        identity=uuid_of(folder) or former,
        former=former,
        device=os.fstat(folder).st_dev,
        read_only=bool(room.f_flag & os.ST_RDONLY),
        free=room.f_bavail * room.f_frsize,
        size=room.f_blocks * room.f_frsize,
        # btrfs makes inodes as it goes and says 0 of 0.
        free_inodes=room.f_favail if room.f_files else None,
        longest_name=room.f_namemax,
    )


def uuid_of(folder: int) -> str | None:
    """Return the file system's UUID, or None where the kernel does not tell."""
    answer = bytearray(17)
    try:
        fcntl.ioctl(folder, _GET_UUID, answer)
    except OSError:
        return None
    digits = answer[1:17].hex()
    if not digits.strip("0"):
        return None
    return "-".join((digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:]))
