"""What a service takes from its host's disks."""

import posixpath
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Final

from labkeeper.catalog.running import Path
from labkeeper.lab.host import Host
from labkeeper.lab.path import HostPath, TierPath
from labkeeper.lab.service import Mount as Shown
from labkeeper.plan import Folder, Mount
from labkeeper.plan.service import FolderKind
from labkeeper.resolve.hosts import engine
from labkeeper.resolve.instances import Instance
from labkeeper.source import Slice, Span

# Where it lies when nobody says so: https://refspecs.linuxfoundation.org/FHS_3.0/fhs/ch05.html
_ROOT: Final[Mapping[FolderKind, str]] = {
    "state": "/var/lib",
    "media": "/var/lib",
    "cache": "/var/cache",
    "gpu-cache": "/var/cache",
}


def folders(instance: Instance) -> tuple[Folder, ...]:
    """Its folders, each path in the container once."""
    found: dict[str, Folder] = {}
    for folder in (*_of_lab(instance), *_of_profile(instance), *_of_catalog(instance)):
        found.setdefault(folder.target, folder)
    return tuple(found.values())


def mounts(instance: Instance, kept: tuple[Folder, ...]) -> tuple[Mount, ...]:
    """What its container mounts: its folders, and what of the host it has to see."""
    own = [Mount("bind", f.source, Slice.placed(f.target, f.at), f.read_only, f.at) for f in kept]
    taken = {folder.target for folder in kept}
    seen = [
        Mount("bind", instance.said(bind.source), instance.said(bind.target), bind.read_only,
              instance.at, bind.options)
        for bind in instance.run.binds
        if bind.target not in taken and bind.engine in {None, engine(instance.machine)}
    ]  # fmt: skip
    return (*own, *seen)


def placed(path: HostPath | TierPath, host: Host) -> str | None:
    """The path on the host; none where it has no such tier."""
    if isinstance(path, HostPath):
        return path.text
    tier = host.tiers.get(path.tier)
    return posixpath.join(tier.path.text, path.path).rstrip("/") or "/" if tier else None


def tier_of(path: str, host: Host) -> str | None:
    """The tier that a path of the host lies in: of several, the innermost."""
    inside = [
        (len(tier.path.text), name.text)
        for name, tier in host.tiers.items()
        if (path + "/").startswith(tier.path.text.rstrip("/") + "/")
    ]
    return max(inside)[1] if inside else None


def _of_lab(instance: Instance) -> Iterator[Folder]:
    for target, shown in instance.declared.paths.items():
        known = instance.run.paths.get(target.text)
        if isinstance(shown, Shown):
            found = _folder(instance, target.text, shown.from_.path, shown.kind, shown.from_.at)
            found = found and replace(found, read_only=shown.read_only)
        else:
            kind = known.kind if known else "state"
            found = _folder(instance, target.text, shown.path, kind, shown.at)
            found = found and replace(found, read_only=bool(known and known.read_only))
        if found:
            yield found


def _of_profile(instance: Instance) -> Iterator[Folder]:
    """Places that all containers of a kind see, each at its own path, so that links stay whole."""
    for path in instance.profile.mounts:
        target = placed(path, instance.machine)
        found = _folder(instance, target, path, "media", path.at) if target else None
        if found:
            yield found


def _folder(
    instance: Instance, target: str, path: HostPath | TierPath, kind: FolderKind, at: Span
) -> Folder | None:
    source = placed(path, instance.machine)
    if source is None:
        return None
    tier = tier_of(source, instance.machine)
    return Folder(target, Slice.placed(source, at), kind, read_only=False, tier=tier, at=at)


def _of_catalog(instance: Instance) -> Iterator[Folder]:
    if instance.native:
        yield from _of_module(instance)
        return
    wanted = {t: path for t, path in instance.run.paths.items() if path.default}
    for target, path in wanted.items():
        source = _usual(instance, target, path, wanted)
        tier = tier_of(source, instance.machine)
        yield Folder(target, instance.said(source), path.kind, path.read_only, tier, instance.at)


def _of_module(instance: Instance) -> Iterator[Folder]:
    native = instance.software.nixos if instance.software else None
    if native and native.state:
        tier = tier_of(native.state, instance.machine)
        yield Folder(native.state, instance.said(native.state), "state", False, tier, instance.at)


def _usual(instance: Instance, target: str, path: Path, others: Mapping[str, Path]) -> str:
    """`/var/lib/NAME`, and a folder in it where several paths would share that."""
    root = posixpath.join(_ROOT[path.kind], instance.name)
    same = [t for t, other in others.items() if _ROOT[other.kind] == _ROOT[path.kind]]
    if len(same) == 1:
        return root
    depth = 1
    while len({_last(t, depth) for t in same}) < len(same) and depth < 8:
        depth += 1
    return f"{root}/{_last(target, depth)}"


def _last(path: str, steps: int) -> str:
    return "-".join(path.strip("/").split("/")[-steps:])
