"""What a container mounts, as the paths of a service."""

import posixpath
import re
from collections.abc import Iterator, Mapping
from dataclasses import field
from typing import Final, Literal

from labkeeper.catalog import Service
from labkeeper.draft.instance import Instance, Mounted
from labkeeper.draft.naming import likely
from labkeeper.draft.standard import path_of_version, usual_paths
from labkeeper.draft.tiers import Tiers, is_below, placed
from labkeeper.lab.path import HostPath, Source
from labkeeper.lab.service import Mount
from labkeeper.source import UnreadableError
from labkeeper.values import dataclass, regex

Kind = Literal["state", "cache", "media", "gpu-cache"]

# What the host itself is looked at through; a service of the catalog brings these along.
_OF_HOST: Final = ("/proc", "/sys", "/dev", "/run", "/var/run", "/lib/modules", "/etc/machine-id",
                   "/var/lib/docker", "/var/lib/containers", "/var/log", "/etc/os-release",
                   "/etc/passwd", "/etc/group")  # fmt: skip
_CLOCK: Final = ("/etc/localtime", "/etc/timezone")
# What labkeeper writes itself, from the lab.
_WRITTEN: Final[Mapping[str, tuple[str, ...]]] = {
    "prometheus": ("/etc/prometheus",),
    "alertmanager": ("/etc/alertmanager",),
    "grafana": ("/etc/grafana", "/var/lib/grafana/dashboards"),
    "loki": ("/etc/loki", "/mnt/config"),
    "alloy": ("/etc/alloy",),
    "promtail": ("/etc/promtail",),
    "blackbox-exporter": ("/etc/blackbox_exporter", "/config"),
}
_MEDIA: Final = regex(
    r"(?:^|[/_. :-])(?:media|movies?|films?|tv|shows?|series|anime|music|books?|audiobooks?|comics"
    r"|podcasts?|downloads?|torrents?|usenet|watch|videos?|recordings|roms)(?:$|[/_. :-])",
    re.IGNORECASE,
)
_CACHE: Final = regex(r"(?:^|[/_. :-])(?:cache|transcodes?|tmp|temp)(?:$|[/_. :-])", re.IGNORECASE)


@dataclass(slots=True)
class Paths:
    """The paths of a service, and what was not taken over, each as the end of a sentence."""

    found: dict[HostPath, Source | Mount] = field(default_factory=dict)
    left: list[str] = field(default_factory=list)
    # Volumes whose content has to be copied to where the lab keeps it.
    to_copy: list[str] = field(default_factory=list)


def paths_of(instance: Instance, service: Service | None, name: str, tiers: Tiers) -> Paths:
    """The mounts of a container that are its own."""
    paths = Paths()
    for mount in instance.mounts:
        if (reason := _not_taken(mount, service)) is not None:
            if reason:
                paths.left.append(reason)
            continue
        inside = path_of_version(mount.target, service, instance.image)
        target = _target(inside)
        usual = inside in usual_paths(service, instance.image)
        source = _source(mount, None if usual else name, tiers, paths)
        if target is None or target in paths.found:
            paths.left.append(f"the mount at `{mount.target}`, a path that cannot be said here")
        elif source is not None:
            paths.found[target] = _entry(mount, source)
    return paths


def _not_taken(mount: Mounted, service: Service | None) -> str | None:
    """Why a mount is no path of the lab; empty where nothing is lost, none where it is one."""
    source = mount.source
    if source in _CLOCK or mount.target in _CLOCK:
        return ""
    if service and any(is_below(mount.target, own) for own in _WRITTEN.get(service.name, ())):
        return f"`{mount.target}`, written by labkeeper itself"
    if source is None and mount.volume is None:
        return f"`{mount.target}`, which is kept nowhere"
    if source is not None and (source == "/" or any(is_below(source, p) for p in _OF_HOST)):
        return "" if service else f"the host's own `{source}` at `{mount.target}`"
    return None


def _target(text: str) -> HostPath | None:
    try:
        return HostPath.parse(text)
    except UnreadableError:
        return None


def _source(mount: Mounted, name: str | None, tiers: Tiers, paths: Paths) -> Source | None:
    """Where it lies; none where the catalog's own place will do, and that needs no `name`."""
    if mount.source is not None:
        source = placed(mount.source, tiers)
        if source is None:
            paths.left.append(f"the mount at `{mount.target}`, whose source cannot be said here")
        return source
    volume = mount.volume or "data"
    paths.to_copy.append(volume)
    if name is None:
        return None
    tier = next(iter(tiers))
    return Source.parse(f"{tier}:state/{name}/{likely(volume, 'data')}")


def _entry(mount: Mounted, source: Source) -> Source | Mount:
    kind = kind_of(mount.target, str(source))
    if kind == "state" and not mount.read_only:
        return source
    return Mount(from_=source, kind=kind, read_only=mount.read_only)


def kind_of(target: str, source: str) -> Kind:
    """What lies at a path, by the words that people use for it."""
    for words in (target, posixpath.basename(source)):
        if _CACHE.search(words):
            return "cache"
        if _MEDIA.search(words):
            return "media"
    return "media" if _MEDIA.search(source) and not target.startswith("/config") else "state"


def sources(instances: tuple[Instance, ...]) -> Iterator[str]:
    """Every path of the host that something mounts."""
    for instance in instances:
        yield from (mount.source for mount in instance.mounts if mount.source)
