"""Something that runs: of the catalog, a second instance, or the user's own."""

from collections.abc import Mapping
from dataclasses import field
from typing import ClassVar, Literal

from labkeeper.lab.address import DomainName, Port, Published, Url
from labkeeper.lab.backup import NoBackup, ServiceBackup
from labkeeper.lab.containers import Owner, Umask
from labkeeper.lab.count import Count, Cpus
from labkeeper.lab.duration import Duration
from labkeeper.lab.name import (
    HostName,
    Label,
    NetworkName,
    PlainText,
    SecretName,
    SecretReference,
    ServiceName,
    ZoneName,
)  # fmt: skip
from labkeeper.lab.path import HostPath, ImageReference, Source, Version
from labkeeper.lab.place import NOWHERE
from labkeeper.lab.size import Size
from labkeeper.source import Span, UnreadableError
from labkeeper.values import dataclass


@dataclass(frozen=True, kw_only=True)
class GpuShare:
    """A service's part of the graphics card."""

    vram: Size | None = None
    """The most of the card's memory that it needs; the sum on a host must fit the card."""
    sessions: Count | None = None
    """How many streams it encodes at once."""
    at: Span = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, kw_only=True)
class Mount:
    """What a path in a container shows."""

    from_: Source
    """A place in a tier, `hot:books`, or on the host, `/srv/books`."""
    kind: Literal["state", "cache", "media", "gpu-cache"] = "state"
    """What lies there: state is backed up, a cache may be emptied, media may be moved."""
    read_only: bool = False
    """Whether the service may only read it."""
    at: Span = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, kw_only=True)
class Health:
    """How one finds out that a service works."""

    http: str | None = None
    """A path that answers with a status below 400, `/health`."""
    port: Port | None = None
    """The port in the container that is asked, where it has several."""
    command: tuple[str, ...] = ()
    """A command in the container that ends with 0."""
    every: Duration = Duration.parse("30s")
    """How often it is asked."""
    start_within: Duration = Duration.parse("1m")
    """How long it may take to start."""
    at: Span = field(default=NOWHERE, compare=False, repr=False)

    def __post_init__(self) -> None:
        if (self.http is None) == (not self.command):
            raise UnreadableError("a health probe is one of `http` and `command`")


@dataclass(frozen=True, kw_only=True)
class Scraped:
    """Where Prometheus asks a service for its metrics."""

    port: Port
    """The port in the container."""
    path: str = "/metrics"
    """The path."""
    interval: Duration | None = None
    """How often, where that differs from the lab's own interval."""
    at: Span = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, kw_only=True)
class Vpn:
    """The tunnel that a VPN gateway makes."""

    provider: str
    """Who is at the other end, as the gateway names it: `protonvpn`."""
    protocol: Literal["wireguard", "openvpn"] = "wireguard"
    """How the tunnel is made."""
    key: SecretReference | None = None
    """The private key of WireGuard."""
    countries: tuple[str, ...] = ()
    """Where the tunnel may end."""
    port_forwarding: bool = False
    """Whether the provider is asked for a port, which the download client is told."""
    at: Span = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, kw_only=True)
class Camera:
    """A camera that is watched."""

    url: Url | SecretReference
    """Its stream; as a secret where the address holds a password."""
    detect: bool = True
    """Whether things are looked for in its picture."""
    record: bool = True
    """Whether its picture is kept."""
    objects: tuple[str, ...] = ("person",)
    """What is looked for."""
    at: Span = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, kw_only=True)
class Extra:
    """Text that is put into what a target is given, word for word, and survives every build."""

    nixos: str | None = None
    """Nix, in the service's own module."""
    quadlet: str | None = None
    """Lines of its `.container` file, each under a `[Section]` of its own."""
    compose: str | None = None
    """YAML, laid over its mapping under `services`."""
    kubernetes: str | None = None
    """YAML, laid over its manifests."""
    at: Span = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, kw_only=True)
class Service:
    """A service. With nothing said, all of it comes from the catalog."""

    # What compose files and other tools call it.
    MEANT: ClassVar = {
        "volumes": "paths", "mounts": "paths", "network-mode": "through", "depends-on": "after",
        "env": "environment", "healthcheck": "health", "mem-limit": "memory", "cap-add":
        "capabilities", "host": "on", "hosts": "on", "tag": "version", "group": "user",
        "hostname": "domain", "url": "domain", "network": "networks",
    }  # fmt: skip

    is_: ServiceName | None = None
    """The service of the catalog that it is, where its own name is another: a second instance."""
    on: HostName | tuple[HostName, ...] = ()
    """The host or hosts that it runs on; not needed where the lab has one."""
    description: str = ""
    """What it is for, for the documentation."""
    run: Literal["container", "native"] | None = None
    """Whether a container runs it, or its own module on NixOS; left open, a container does, but
    for exporters and the like, which see a host best from outside of one."""
    image: ImageReference | None = None
    """The image, for a service of your own or in place of the catalog's."""
    version: Version | None = None
    """The version, where the catalog's own is not meant."""
    command: tuple[str, ...] = ()
    """What is run in the image, in place of its own command."""
    ports: tuple[Published, ...] = ()
    """Ports in the container; `8080:80` to show one at a certain port of the host."""
    paths: Mapping[HostPath, Source | Mount] = field(default_factory=dict)
    """Paths in the container, and what they show."""
    environment: Mapping[Label, SecretReference | PlainText] = field(default_factory=dict)
    """Environment variables; one with a secret is `secret:NAME`."""
    secrets: tuple[SecretName, ...] = ()
    """Secrets that it finds as files in `/run/secrets`."""
    user: Owner | None = None
    """Whom it runs as."""
    umask: Umask | None = None
    """Which permissions its new files lack."""
    memory: Size | None = None
    """The most memory that it may take; this is not the graphics card's."""
    cpus: Cpus | None = None
    """The most processors that it may keep busy."""
    gpu: GpuShare | bool | None = None
    """Its part of the graphics card."""
    devices: tuple[HostPath, ...] = ()
    """Devices of the host that it is given."""
    capabilities: tuple[Label, ...] = ()
    """Capabilities that it is given, such as `NET_ADMIN`."""
    networks: tuple[NetworkName, ...] = ()
    """Container networks that it is part of, out of `network: containers`."""
    through: ServiceName | None = None
    """The VPN gateway whose network it uses: nothing of it goes out another way."""
    profile: Literal["media-container", "download-container", "none"] | None = None
    """Which feature of its host gives it limits, network and mounts."""
    after: tuple[ServiceName, ...] = ()
    """Services that have to run before it starts."""
    health: Health | None = None
    """How one finds out that it works."""
    metrics: Scraped | None = None
    """Where it shows its metrics."""
    domain: DomainName | None = None
    """The name under which the lab's reverse proxy serves it."""
    login: bool | None = None
    """Whether Authelia is asked before its site opens; left open, it is where the lab has one and
    no apps use the site (of Jellyfin, Immich, ntfy and the like), for they cannot sign in there."""
    open_to: tuple[ZoneName, ...] = ()
    """Firewall zones from which its ports may be reached."""
    backup: NoBackup | ServiceBackup | None = None
    """What is kept of it."""
    admin_password: SecretReference | None = None
    """The password of its first user, where the catalog knows how to set it."""
    cameras: Mapping[Label, Camera] = field(default_factory=dict)
    """For Frigate: the cameras."""
    vpn: Vpn | None = None
    """For a VPN gateway: the tunnel."""
    models: tuple[str, ...] = ()
    """For Ollama: the models that are kept ready."""
    extra: Extra = Extra()
    """The way out: what a target is told word for word."""
    at: Span = field(default=NOWHERE, compare=False, repr=False)

    @property
    def hosts(self) -> tuple[HostName, ...]:
        """The hosts that it was put on; none where that was left open."""
        return (self.on,) if isinstance(self.on, HostName) else self.on
