"""Recorded answers of `podman inspect` and `docker inspect`, shortened."""

import json

from labkeeper.draft.inspected import instances_in
from labkeeper.draft.instance import Mounted, Setting, Shown

_IMAGE = "b" * 64
_GATEWAY = "c" * 64
PODMAN = json.dumps(
    [
        {
            "Id": _GATEWAY,
            "Name": "gluetun",
            "Image": _IMAGE,
            "ImageName": "docker.io/qmcgaw/gluetun:v3.40.0",
            "Mounts": [],
            "Config": {"Env": ["PATH=/usr/bin", "VPN_TYPE=wireguard", "container=podman"]},
            "HostConfig": {
                "NetworkMode": "bridge",
                "CapAdd": ["CAP_NET_ADMIN"],
                "Devices": [{"PathOnHost": "/dev/net/tun", "PathInContainer": "/dev/net/tun"}],
                "PortBindings": {"8080/tcp": [{"HostIp": "127.0.0.1", "HostPort": "8080"}]},
            },
            "NetworkSettings": {"Networks": {"podman": {}, "media": {}}},
        },
        {
            "Id": "d" * 64,
            "Name": "qbittorrent",
            "Image": _IMAGE,
            "ImageName": "lscr.io/linuxserver/qbittorrent:5.0.4",
            "Mounts": [
                {"Type": "bind", "Source": "/srv/dl", "Destination": "/downloads", "RW": True},
                {"Type": "volume", "Name": "conf", "Source": "/var/lib/v/conf/_data",
                 "Destination": "/config", "RW": True},
                {"Type": "volume", "Name": "e" * 64, "Source": "/var/lib/v/e/_data",
                 "Destination": "/x", "RW": True},
            ],
            "Config": {"Env": ["PUID=1000", "LSIO=1"], "Cmd": ["run"], "User": "1000:1000"},
            "HostConfig": {"NetworkMode": f"container:{_GATEWAY}", "Memory": 1073741824},
            "NetworkSettings": {"Networks": {}},
        },
        {"Id": "f" * 64, "Name": "pod-infra", "IsInfra": True},
    ]
)  # fmt: skip
IMAGES = json.dumps([{"Id": _IMAGE, "Config": {"Env": ["LSIO=1"], "Cmd": ["run"], "User": ""}}])
DOCKER = json.dumps(
    [
        {
            "Id": "a" * 64,
            "Name": "/media-jellyfin-1",
            "Image": f"sha256:{_IMAGE}",
            "Mounts": [
                {"Type": "bind", "Source": "/mnt/media", "Destination": "/media", "RW": False}
            ],
            "Config": {
                "Image": "jellyfin/jellyfin:10.10.7",
                "Env": ["TZ=Europe/Berlin"],
                "Labels": {
                    "com.docker.compose.project": "media",
                    "com.docker.compose.service": "jellyfin",
                },
            },
            "HostConfig": {
                "NetworkMode": "media_default",
                "PortBindings": {
                    "8096/tcp": [{"HostIp": "", "HostPort": "8096"}],
                    "1900/udp": None,
                },
                "DeviceRequests": [{"Driver": "", "Count": -1, "Capabilities": [["gpu"]]}],
                "Memory": 0,
                "Privileged": True,
            },
            "NetworkSettings": {"Networks": {"media_default": {}}},
        }
    ]
)


def test_podman() -> None:
    """What the image says by itself is no setting, and a namespace's owner is known by its name."""
    gateway, client = instances_in(PODMAN, IMAGES)

    assert gateway.settings == (Setting("VPN_TYPE", "wireguard", "wireguard"),)
    assert gateway.ports == (Shown(8080, 8080, "127.0.0.1", "tcp"),)
    assert (gateway.networks, gateway.capabilities) == (("media",), ("NET_ADMIN",))
    assert gateway.devices == ("/dev/net/tun",)
    assert client.through == "gluetun"
    assert client.mounts == (
        Mounted("/downloads", "/srv/dl"),
        Mounted("/config", "/var/lib/v/conf/_data"),
    )
    assert (client.command, client.user, client.memory) == ((), "1000:1000", 2**30)


def test_docker() -> None:
    """A container is called as its compose file calls it."""
    [jellyfin] = instances_in(DOCKER, "not JSON")

    assert (jellyfin.name, jellyfin.project) == ("jellyfin", "media")
    assert jellyfin.image == "jellyfin/jellyfin:10.10.7"
    assert jellyfin.mounts == (Mounted("/media", "/mnt/media", read_only=True),)
    assert jellyfin.ports == (Shown(8096, 8096, None, "tcp"),)
    assert jellyfin.gpu
    assert jellyfin.privileged
    assert jellyfin.networks == ()


def test_other_answers() -> None:
    """Anything else is no container, and stops nothing."""
    for text in ("", "null", "{}", "[1, [], null]", '[{"Config": [], "Mounts": {}}]'):
        assert len(instances_in(text, text)) <= 1
