"""What a lab declares to run, over and above the container or unit that it becomes."""

from typing import Literal

from labkeeper.source import Slice, Span
from labkeeper.values import dataclass

FolderKind = Literal["state", "cache", "media", "gpu-cache"]


@dataclass(frozen=True, slots=True)
class Folder:
    """A path of a service that outlives its container, and where on the host it lies."""

    target: str
    source: Slice
    kind: FolderKind
    read_only: bool
    # The tier of the host that it lies in.
    tier: str | None
    at: Span


@dataclass(frozen=True, slots=True)
class HealthProbe:
    """How one finds out that a service works; all none where its image says it."""

    http: str | None
    command: tuple[str, ...]
    port: int | None
    every: float
    start_within: float
    at: Span
    # The program of its image that can ask for a path; without one, it is asked from outside.
    client: Literal["curl", "wget"] | None = None


@dataclass(frozen=True, slots=True)
class GpuUse:
    """A service's part of its host's graphics card."""

    # Bytes; none where nobody said how much.
    vram: int | None
    sessions: int | None
    encodes: bool
    # Whether the lab itself gave it, in place of the catalog.
    stated: bool
    at: Span


@dataclass(frozen=True, slots=True)
class Service:
    """One service on one host; `key` is what the lab calls it, as does its container."""

    key: str
    host: str
    at: Span
    # Its name in the catalog; none for one of the user's own.
    software: str | None
    form: Literal["container", "native"]
    # The systemd unit that runs it.
    unit: str
    # What it takes from the host's disks.
    folders: tuple[Folder, ...] = ()
    # File systems that have to be mounted before it starts.
    requires_mounts: tuple[str, ...] = ()
    # Services of its host that start before it, and its place in that order, from 0.
    after: tuple[str, ...] = ()
    order: int = 0
    health: HealthProbe | None = None
    gpu: GpuUse | None = None
    # The VPN gateway through which all of its traffic goes.
    through: str | None = None
    memory: int | None = None
    cpus: float | None = None
    umask: int | None = None
    # Whose its state has to be, user and group by number; none where that is not known.
    owner: tuple[int, int] | None = None
    shared_memory: int | None = None
    # The ports of its host that it listens on itself, as far as the lab leaves them alone.
    listens: tuple[tuple[int, Literal["tcp", "udp"]], ...] = ()
    description: str = ""
    # The NixOS module that runs it, where `form` is native, and as whom.
    module: str | None = None
    module_user: str | None = None


@dataclass(frozen=True, slots=True)
class Link:
    """That one service connects to a port of another, and under which address it does."""

    client: str
    client_host: str
    server: str
    server_host: str
    port: int
    # The address and port that the client uses.
    address: str
    why: str
    at: Span


@dataclass(frozen=True, slots=True)
class Site:
    """A name under which the lab's reverse proxy serves a service."""

    domain: str
    service: str
    host: str
    # The proxy, its host, and where it finds the service.
    proxy: str
    proxy_host: str
    upstream: str
    at: Span
    # Whether it is spoken to over TLS, with a certificate that nobody signed.
    tls: bool = False
    # Who is asked first, address and port; none where nobody is.
    login: str | None = None
    # Whether the proxy signs its certificate itself.
    internal: bool = False


@dataclass(frozen=True, slots=True)
class Opening:
    """A port of a host that its firewall lets in."""

    host: str
    port: int
    protocol: Literal["tcp", "udp"]
    # From a zone; or from another host of the lab alone.
    zone: str | None
    source: str | None
    # The service that is behind it; none for a port that the zone itself opens.
    service: str | None
    at: Span


@dataclass(frozen=True, slots=True)
class SecretUse:
    """A secret that a service is given: as a variable, or as a file."""

    name: str
    service: str
    host: str
    variable: str | None
    at: Span

    @property
    def file(self) -> str | None:
        """Where a container finds it as a file: where podman and Docker put it themselves."""
        return None if self.variable else secret_file(self.name)


def secret_file(name: str) -> str:
    """The path of a secret in a container that is given it as a file."""
    return f"/run/secrets/{name}"


@dataclass(frozen=True, slots=True)
class Probe:
    """A question that is asked all the time, to find out whether something works."""

    kind: Literal["http", "tcp", "icmp", "tunnel", "egress"]
    # What is asked about, and by whom.
    subject: str
    host: str
    asked_by: str
    target: str
    module: str | None
    at: Span
