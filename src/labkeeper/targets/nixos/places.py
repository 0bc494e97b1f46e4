"""Where modules of NixOS keep what outlives a start."""

from collections.abc import Mapping
from typing import Final

from labkeeper.plan import Service
from labkeeper.targets.nixos.tree import Attributes, laid

# Options that say where state lies, by the path that the image has for the same.
PLACES: Final[Mapping[str, Mapping[str, tuple[str, ...]]]] = {
    "services.jellyfin": {"/config": ("dataDir",), "/cache": ("cacheDir",)},
    "services.immich": {"/data": ("mediaLocation",)},
    "services.navidrome": {"/data": ("settings", "DataFolder"),
                           "/music": ("settings", "MusicFolder")},
    "services.ollama": {"/root/.ollama": ("home",)},
    "services.grafana": {"/var/lib/grafana": ("dataDir",)},
    "services.loki": {"/loki": ("dataDir",)},
    "services.caddy": {"/data": ("dataDir",)},
    "services.plex": {"/config": ("dataDir",)},
    "services.sonarr": {"/config": ("dataDir",)},
    "services.radarr": {"/config": ("dataDir",)},
    "services.lidarr": {"/config": ("dataDir",)},
    "services.forgejo": {"/data": ("stateDir",)},
    "services.home-assistant": {"/config": ("configDir",)},
}  # fmt: skip


def placed(service: Service) -> Attributes:
    """The options that say so, for the paths that the lab names."""
    found: Attributes = {}
    options = PLACES.get(service.module or "", {})
    for folder in service.folders:
        *outer, last = options.get(folder.target, ("",))
        if last and folder.source.text != folder.target:
            value: Attributes = {last: folder.source.text}
            for step in reversed(outer):
                value = {step: value}
            found = laid(found, value)
    return found


def state(service: Service, target: str, usual: str) -> str:
    """Where a path of its image lies on the host."""
    found = (folder.source.text for folder in service.folders if folder.target == target)
    return next(found, usual)
