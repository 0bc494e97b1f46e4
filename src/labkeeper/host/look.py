"""A look at this machine: everything that a first lab can be made of."""

import os
from pathlib import Path
from typing import Final

from labkeeper.draft.seen import FileSystem, Medium, Seen
from labkeeper.host import disks, engines, graphics, machine, mounts, systemd

# File systems that keep what is written to them, on a disk of this machine or of another.
_LOCAL: Final = frozenset(
    {"ext2", "ext3", "ext4", "xfs", "btrfs", "f2fs", "zfs", "bcachefs", "jfs", "reiserfs", "ntfs3",
     "fuseblk", "exfat"}
)  # fmt: skip
_NETWORK: Final = frozenset({"nfs", "nfs4", "cifs", "smb3", "ceph", "fuse.sshfs", "9p"})
_POOLED: Final = frozenset({"fuse.mergerfs", "fuse.shfs"})


def look() -> Seen:
    """What can be seen without changing anything."""
    release = machine.release()
    cards, card_unseen = graphics.cards()
    found, containers, container_unseen = engines.engines()
    running = systemd.running()
    unseen = [*card_unseen, *container_unseen]
    if running is None:
        unseen.append("units: systemd does not run here, or does not answer")
    if not found:
        unseen.append("containers: neither podman nor docker is installed")
    if os.geteuid() != 0 and found:
        unseen.append("containers of root and of other users: this was not run as root")
    return Seen(
        name=machine.name(),
        system=release.get("ID", ""),
        release=release.get("VERSION_ID", ""),
        architecture=machine.architecture(),
        timezone=machine.timezone(),
        memory=machine.memory(),
        processors=machine.processors(),
        file_systems=file_systems(),
        cards=cards,
        interfaces=machine.interfaces(),
        engines=found,
        systemd=systemd.version(),
        containers=containers,
        timers=systemd.timers(),
        units=running or (),
        unseen=tuple(unseen),
    )


def file_systems(text: str | None = None, sys: Path = Path("/sys")) -> tuple[FileSystem, ...]:
    """Those that keep their files, each once: by the point at which all of it is mounted."""
    seen: dict[str, FileSystem] = {}
    for mount in mounts.mounted(text):
        known = mount.kind in _LOCAL or mount.kind in _NETWORK or mount.kind in _POOLED
        # A container's files, a snap, a bind mount of a folder: parts of something else.
        whole = mount.root == "/" or mount.kind in {"btrfs", "nfs", "nfs4", "cifs"}
        if not known or not whole or (mount.device in seen and mount.kind != "btrfs"):
            continue
        if (room := _room(mount.point)) is None:
            continue
        size, free = room
        seen.setdefault(
            f"{mount.device} {mount.point}" if mount.kind == "btrfs" else mount.device,
            FileSystem(mount.point, mount.kind, mount.device, size, free,
                       _medium(mount, sys), mount.read_only),
        )  # fmt: skip
    return tuple(seen.values())


def _medium(mount: mounts.Mount, sys: Path) -> Medium | None:
    if mount.kind in _NETWORK:
        return "network"
    number = mount.number
    if number.startswith("0:") and mount.device.startswith("/dev/"):
        # btrfs numbers its file systems itself.
        try:
            device = Path(mount.device).stat().st_rdev
        except OSError:
            return None
        number = f"{os.major(device)}:{os.minor(device)}"
    return disks.medium(number, sys)


def _room(point: str) -> tuple[int, int] | None:
    """How much it holds, and how much of that is left; a share that hangs must not hang this."""
    try:
        room = os.statvfs(point)
    except OSError:
        return None
    return room.f_blocks * room.f_frsize, room.f_bavail * room.f_frsize
