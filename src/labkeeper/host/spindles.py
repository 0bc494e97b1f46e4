"""Which disks a folder lies on, and what they are asked to do.

/sys/block/*/slaves names what device-mapper and md are made of; btrfs lists its devices in
/sys/fs/btrfs; /sys/block/*/stat is Documentation/block/stat.rst of the kernel.
"""

from collections.abc import Iterable
from pathlib import Path
from typing import Final

from labkeeper.host.mounts import Mount, mounted
from labkeeper.values import dataclass

_DEEPEST: Final = 8
_SECTOR: Final = 512
_SERVED: Final = ("nfs", "nfs4", "cifs", "smb3", "ceph", "9p", "fuse.sshfs", "glusterfs")


@dataclass(frozen=True, slots=True)
class Spindles:
    """Names of whole disks; of a share, its server in their place; or why nobody knows."""

    disks: frozenset[str] = frozenset()
    server: str = ""
    why: str = ""


@dataclass(frozen=True, slots=True)
class Work:
    """What a disk did since it is there: bytes, and seconds in which it did something."""

    bytes: int
    seconds: float


def under(
    path: str, mounts: tuple[Mount, ...] | None = None, sys: Path = Path("/sys")
) -> Spindles:  # fmt: skip
    """What a folder lies on; only tables of the kernel are read, so that nothing hangs."""
    every = mounted() if mounts is None else mounts
    return _under(path, every, sys, 0)


def work(disks: Iterable[str], sys: Path = Path("/sys")) -> dict[str, Work]:
    """What each of these did, as far as the kernel says."""
    found = {}
    for disk in disks:
        # /proc/diskstats has the same, but not for a service with ProcSubset=pid.
        try:
            words = (sys / "block" / disk / "stat").read_text().split()
            sectors, ticks = int(words[2]) + int(words[6]), int(words[9])
        except (OSError, ValueError, IndexError):
            continue
        found[disk] = Work(sectors * _SECTOR, ticks / 1000)
    return found


def _under(path: str, mounts: tuple[Mount, ...], sys: Path, depth: int) -> Spindles:
    over = [m for m in mounts if path == m.point or path.startswith(m.point.rstrip("/") + "/")]
    # Of two mounts on one point, the later one is seen.
    mount = max(reversed(over), key=lambda each: len(each.point), default=None)
    if mount is None:
        return Spindles(why="it lies on no mount that is known")
    if mount.kind in _SERVED:
        return Spindles(server=_server(mount.device), why=f"{mount.device} is on another machine")
    devices = [sys / "dev/block" / mount.number]
    if mount.kind == "btrfs":
        devices = _of_btrfs(mount.device, sys)
    there = [device.resolve() for device in devices if device.exists()]
    if not there:
        return Spindles(why=f"{mount.point} ({mount.kind}) does not say which disks it is on")
    disks = {disk for device in there for disk in _disks(device, mounts, sys, depth)}
    return Spindles(frozenset(disks))


def _server(device: str) -> str:
    """`nas:/films`, `//nas/films`, `me@nas:/films`."""
    if device.startswith("//"):
        return device[2:].partition("/")[0]
    return device.rpartition(":/")[0].rpartition("@")[2].strip("[]") or device


def _of_btrfs(device: str, sys: Path) -> list[Path]:
    """A mount names one of its devices, and has a number that is none of theirs."""
    name = Path(device).resolve().name
    for folder in sorted((sys / "fs/btrfs").glob("*/devices")):
        found = [each.resolve() for each in sorted(folder.iterdir())]
        if name in {each for device in found for each in (device.name, _mapped(device))}:
            return found
    return []


def _mapped(device: Path) -> str:
    """Its name below /dev/mapper, where links may not be seen."""
    try:
        return (device / "dm/name").read_text().strip()
    except OSError:
        return ""


def _disks(device: Path, mounts: tuple[Mount, ...], sys: Path, depth: int) -> set[str]:
    """The whole disks below a device; what lies too deep stands for itself."""
    whole = device.parent if (device / "partition").exists() else device
    slaves = device / "slaves"
    parts = sorted(slaves.iterdir()) if slaves.is_dir() else []
    if parts and depth < _DEEPEST:
        return {d for part in parts for d in _disks(part.resolve(), mounts, sys, depth + 1)}
    image = whole / "loop/backing_file"
    if image.is_file() and depth < _DEEPEST:
        below = _under(image.read_text(errors="surrogateescape").strip(), mounts, sys, depth + 1)
        if below.disks:
            return set(below.disks)
    return {whole.name}
