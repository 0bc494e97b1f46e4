"""Default ports of NixOS's options, for what a configuration says by their names.

From the option list of the NixOS manual, December 2024.
"""

from collections.abc import Mapping
from typing import Final

from labkeeper.audit.nix.values import Attrs, Merging, Text
from labkeeper.source import Slice

EXPORTERS: Final[Mapping[str, int]] = {
    "bind": 9119, "blackbox": 9115, "borgmatic": 9996, "collectd": 9103, "deluge": 9354,
    "dnsmasq": 9153, "domain": 9222, "exportarr-bazarr": 9708, "exportarr-lidarr": 9708,
    "exportarr-prowlarr": 9708, "exportarr-radarr": 9708, "exportarr-readarr": 9708,
    "exportarr-sonarr": 9708, "fritz": 9787, "fritzbox": 9133, "influxdb": 9122, "ipmi": 9290,
    "json": 7979, "libvirt": 9177, "mikrotik": 9436, "mongodb": 9216, "mqtt": 9000,
    "mysqld": 9104, "nextcloud": 9205, "nginx": 9113, "nginxlog": 9117, "node": 9100,
    "nut": 9199, "nvidia-gpu": 9835, "pihole": 9617, "ping": 9427, "postfix": 9154,
    "postgres": 9187, "process": 9256, "pve": 9221, "redis": 9121, "restic": 9753,
    "sabnzbd": 9387, "script": 9172, "smartctl": 9633, "smokeping": 9374, "snmp": 9116,
    "sql": 9237, "statsd": 9102, "systemd": 9558, "unbound": 9167, "unpoller": 9130,
    "wireguard": 9586, "zfs": 9134,
}  # fmt: skip
_OTHERS: Final[Mapping[tuple[str, ...], int]] = {
    ("services", "prometheus", "port"): 9090,
    ("services", "prometheus", "alertmanager", "port"): 9093,
    ("services", "grafana", "settings", "server", "http_port"): 3000,
    ("services", "ollama", "port"): 11434,
    ("services", "immich", "port"): 2283,
}
_EXPORTERS: Final = ("services", "prometheus", "exporters")
_DEFAULTS: Final[dict[tuple[str, ...], int]] = {
    **_OTHERS,
    **{(*_EXPORTERS, name, "port"): number for name, number in EXPORTERS.items()},
}


def default_port(path: tuple[str, ...]) -> int | None:
    """The port that an option stands for where nobody sets it."""
    return _DEFAULTS.get(path)


def with_defaults(root: Attrs) -> Attrs:
    """A configuration with the ports that NixOS adds to it, for those who ask it for them."""
    together = Merging.of(root)
    for path, number in _DEFAULTS.items():
        above = [root.get(*path[:end]) for end in range(1, len(path))]
        if root.get(*path) is None and all(v is None or isinstance(v, Attrs) for v in above):
            names = [Slice.placed(name, root.at) for name in path]
            together.put(names, Text(Slice.placed(str(number), root.at), quoted=False), root.at)
    return together.done()
