"""Containers: what runs in them, what they may reach, what reaches them."""

from typing import Literal

from labkeeper.source import Slice, Span
from labkeeper.values import dataclass

Engine = Literal["docker", "podman"]
Protocol = Literal["tcp", "udp", "sctp"]
MountKind = Literal["bind", "volume", "tmpfs"]


@dataclass(frozen=True, slots=True)
class Option:
    """A flag of the container engine as it was written, `--device=/dev/dri`: name and value."""

    name: str
    value: Slice | None
    at: Span


@dataclass(frozen=True, slots=True)
class Variable:
    """An environment variable; no value means that it comes from outside."""

    name: str
    value: Slice | None
    at: Span
    # Where the value was taken from: written there, filled in from another variable, or read from
    # a file of variables that the container is given.
    origin: Literal["written", "filled", "file"] = "written"


@dataclass(frozen=True, slots=True)
class PortRange:
    """Ports from `first` to `last`, both included."""

    first: int
    last: int

    def __contains__(self, port: int) -> bool:
        return self.first <= port <= self.last


@dataclass(frozen=True, slots=True)
class PublishedPort:
    """A port of the host that leads to a port of the container; no host port means any free one."""

    address: str | None
    host: PortRange | None
    container: PortRange
    protocol: Protocol
    at: Span


@dataclass(frozen=True, slots=True)
class Mount:
    """A folder, file, volume or memory file system inside a container."""

    kind: MountKind
    source: Slice | None
    target: Slice
    read_only: bool
    at: Span
    options: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Namespace:
    """Whose network a container uses when it is not its own."""

    kind: Literal["host", "none", "container", "pod"]
    # Service, container or pod that owns it; none for the host's own.
    owner: str | None
    at: Span
    # Whether `owner` is a name that the engine knows, rather than a key of the same project.
    by_name: bool = False


@dataclass(frozen=True, slots=True)
class NetworkUse:
    """A network that a container is on, by the name its project gives it."""

    name: str
    aliases: tuple[str, ...]
    at: Span


@dataclass(frozen=True, slots=True)
class Dependency:
    """Another container that must come first."""

    name: str
    condition: Literal["started", "healthy", "completed"]
    required: bool
    at: Span


@dataclass(frozen=True, slots=True)
class HealthCheck:
    """How the engine finds out whether a container works; `disabled` where it was switched off."""

    test: Slice | None
    disabled: bool
    at: Span


@dataclass(frozen=True, slots=True)
class GpuRequest:
    """A wish for a GPU, in the form in which it was made."""

    form: Literal["gpus-flag", "reservation", "cdi", "device", "runtime"]
    value: str
    at: Span


@dataclass(frozen=True, slots=True)
class Container:
    """One container of one project.

    `project` is what shares default networks and names: a compose project, a folder of Quadlets,
    a NixOS configuration. `key` is its name there, `name` the name that the engine gives it where
    that is fixed. An empty tuple means that nothing of the kind was declared.
    """

    key: str
    project: str
    host: str
    at: Span
    engine: Engine | None = None
    name: Slice | None = None
    image: Slice | None = None
    built: bool = False
    entrypoint: tuple[Slice, ...] = ()
    command: tuple[Slice, ...] = ()
    environment: tuple[Variable, ...] = ()
    ports: tuple[PublishedPort, ...] = ()
    exposed: tuple[int, ...] = ()
    networks: tuple[NetworkUse, ...] = ()
    namespace: Namespace | None = None
    pid_host: bool = False
    mounts: tuple[Mount, ...] = ()
    devices: tuple[Slice, ...] = ()
    capabilities: tuple[Slice, ...] = ()
    privileged: Span | None = None
    gpus: tuple[GpuRequest, ...] = ()
    memory_limit: Slice | None = None
    depends_on: tuple[Dependency, ...] = ()
    health: HealthCheck | None = None
    restart: Slice | None = None
    user: Slice | None = None
    labels: tuple[Variable, ...] = ()
    profiles: tuple[str, ...] = ()
    secrets: tuple[str, ...] = ()
    # Names that it is given addresses for, each with its address; `host-gateway` is the host's.
    extra_hosts: tuple[tuple[str, str], ...] = ()
    security: tuple[Slice, ...] = ()
    # Whether all of it could be read: a list that a function builds leaves it open.
    complete: bool = True
    # Whether a user without rights runs it: its ports are then opened by a program of that user.
    rootless: bool = False
    # Whether a file of variables that is not shown may give it more of them.
    more_variables: bool = False

    @property
    def names(self) -> frozenset[str]:
        """What others on its network can call it by."""
        own = {self.key} | ({self.name.text} if self.name else set())
        return frozenset(own.union(*(use.aliases for use in self.networks)))


@dataclass(frozen=True, slots=True)
class OptionSet:
    """Engine flags and variables that a Nix text keeps under a name, for containers not shown.

    A container that takes such a list in has its flags itself; the list is then not repeated here.
    """

    name: str
    host: str
    at: Span
    options: tuple[Option, ...] = ()
    environment: tuple[Variable, ...] = ()
    devices: tuple[Slice, ...] = ()
    gpus: tuple[GpuRequest, ...] = ()
    memory_limit: Slice | None = None


@dataclass(frozen=True, slots=True)
class Network:
    """A network that containers of a project can be on."""

    key: str
    project: str
    host: str
    at: Span
    name: str | None = None
    external: bool = False
    internal: bool = False


@dataclass(frozen=True, slots=True)
class Volume:
    """A named volume."""

    key: str
    project: str
    host: str
    at: Span
    name: str | None = None
    external: bool = False


@dataclass(frozen=True, slots=True)
class Project:
    """What is started together: one compose project, one folder of Quadlets, one Nix module."""

    key: str
    host: str
    file: str
    kind: Literal["compose", "quadlet", "nix", "lab", "kube", "running"]
    # What the engine puts before the names of its networks and volumes, where that is known.
    name: str | None = None
    # All files that it was put together from; `file` is the first.
    files: tuple[str, ...] = ()
