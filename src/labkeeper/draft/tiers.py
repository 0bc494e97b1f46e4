"""Where a machine or a stack stores things: disks with room, as tiers."""

import posixpath
from collections.abc import Iterable, Mapping
from typing import Final

from labkeeper.draft.naming import likely, unused
from labkeeper.draft.seen import FileSystem
from labkeeper.lab.hardware import Tier
from labkeeper.lab.name import TierName
from labkeeper.lab.path import HostPath, Source
from labkeeper.lab.share import Amount
from labkeeper.lab.size import Size
from labkeeper.source import UnreadableError

# Folders below which people mount disks (Filesystem Hierarchy Standard 3.0, sections 3.11, 3.12
# and 3.17; Synology names its own `volumeN`).
_MOUNTED_BELOW: Final = ("/mnt", "/media", "/srv")
_OWN_FOLDER: Final = ("/srv", "/data", "/storage", "/tank", "/pool")
# The system's own; nobody keeps films in them.
_SYSTEM: Final = (
    "/boot", "/efi", "/nix", "/usr", "/var", "/etc", "/run", "/tmp", "/snap", "/proc", "/sys",  # noqa: S108
    "/dev", "/opt", "/root", "/gnu", "/lib",
)  # fmt: skip
_LEAST: Final = 8 * 1024**3
RESERVE: Final = Amount.parse("10%")
SHARE_OF_SYSTEM: Final = 0.5

Tiers = Mapping[TierName, Tier]


def is_below(path: str, folder: str) -> bool:
    """Whether a path is a folder or lies in it."""
    return path == folder or path.startswith(folder.rstrip("/") + "/")


def of_machine(systems: Iterable[FileSystem]) -> dict[TierName, tuple[Tier, FileSystem]]:
    """The disks that are there for keeping things, each with what it was seen as."""
    found: dict[TierName, tuple[Tier, FileSystem]] = {}
    taken: list[str] = []
    for system in sorted(systems, key=lambda each: (each.point.count("/"), each.point)):
        if not _keeps_things(system) or any(is_below(system.point, point) for point in taken):
            continue
        if path := _path(system.point):
            name = _name(system.point, [tier.text for tier in found])
            found[name] = (Tier(path=path, medium=system.medium, keep_free=RESERVE), system)
            taken.append(system.point)
    return found


def _keeps_things(system: FileSystem) -> bool:
    point = system.point
    own = point == "/" or any(is_below(point, folder) for folder in _SYSTEM)
    return not own and not system.read_only and system.size >= _LEAST


def folder_of_system(root: FileSystem | None) -> Tier:
    """A folder on the system's own disk, which may not fill it."""
    size = _round(int(root.free * SHARE_OF_SYSTEM)) if root else Size.parse("100GiB")
    medium = root.medium if root else None
    path = HostPath.parse("/srv/data")
    return Tier(path=path, size=size, medium=medium, keep_free=RESERVE)


def _round(count: int) -> Size:
    """Whole GiB, and at least one."""
    return Size(max(count // 1024**3, 1) * 1024**3)


def of_paths(paths: Iterable[str]) -> dict[TierName, Tier]:
    """The roots that the paths of a stack have in common, where people mount disks."""
    roots: list[str] = []
    for root in sorted({root for path in paths if (root := _root(path))}):
        if not any(is_below(root, other) for other in roots):
            roots.append(root)
    found: dict[TierName, Tier] = {}
    for root in roots:
        if path := _path(root):
            found[_name(root, [tier.text for tier in found])] = Tier(path=path, keep_free=RESERVE)
    return found


def _root(path: str) -> str | None:
    """`/mnt/hot` of `/mnt/hot/downloads/movies`."""
    steps = path.strip("/").split("/")
    for folder in _MOUNTED_BELOW:
        if is_below(path, folder) and path != folder:
            return f"{folder}/{steps[1]}"
    first = f"/{steps[0]}"
    own = first in _OWN_FOLDER or (first.startswith("/volume") and first[7:].isdigit())
    return first if own else None


def _name(point: str, taken: Iterable[str]) -> TierName:
    return TierName(unused(likely(posixpath.basename(point), "data"), list(taken)))


def _path(point: str) -> HostPath | None:
    try:
        return HostPath.parse(point)
    except UnreadableError:
        return None


def placed(path: str, tiers: Tiers) -> Source | None:
    """A path of the host as a place in a tier, where it lies in one."""
    try:
        whole = HostPath.parse(path).text
        inside = [(len(t.path.text), name, t) for name, t in tiers.items()
                  if is_below(whole, t.path.text)]  # fmt: skip
        if not inside:
            return Source.parse(whole)
        _, name, tier = max(inside, key=lambda each: each[0])
        rest = posixpath.relpath(whole, tier.path.text)
        return Source.parse(f"{name}:{'' if rest == '.' else rest}")
    except UnreadableError:
        return None
