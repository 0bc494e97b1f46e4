"""How a lab runs a piece of software: what its documentation says that it needs.

Texts may hold `@{NAME}`, which is filled in from the lab: `@{timezone}`, `@{user}`, `@{group}`,
`@{umask}`, `@{name}` (its own), `@{host}`, `@{domain}` and `@{scheme}` (of its own site),
`@{vpn.provider}` and the like (of `@{vpn.countries}`, `@{vpn.regions}` and `@{vpn.cities}` the one
that the provider tells its places apart by), `@{admin-password}`, `@{retention.time}` and
`@{retention.size}` (of measurements), `@{address.SERVICE}` and `@{port.SERVICE}` (where it reaches
another), `@{local.SERVICE}` (the port of one in its own network) and `@{shown.22}` (the port of the
host that leads to its own 22). A variable or argument with a word that the lab says nothing of is
left out.
"""

from collections.abc import Mapping
from dataclasses import field, replace
from typing import Literal

from labkeeper.catalog.image import major_version
from labkeeper.values import dataclass


@dataclass(frozen=True, slots=True)
class Path:
    """A path in the container that has to outlive it."""

    # What lies there: state is backed up, a cache may be emptied, media may be moved.
    kind: Literal["state", "cache", "media", "gpu-cache"] = "state"
    # What it is, for the documentation.
    purpose: str = ""
    # Whether it only reads there.
    read_only: bool = False
    # Whether it is mounted without the lab saying where from. Media is where the lab says.
    default: bool = True
    # The first major version of the image that keeps it there.
    since: int | None = None
    # The first major version that does so no more.
    before: int | None = None
    # Variables that have it kept elsewhere.
    moved_by: tuple[str, ...] = ()

    def is_of(self, major: int) -> bool:
        """Whether a major version keeps it there."""
        return (self.since or 0) <= major and (self.before is None or major < self.before)


@dataclass(frozen=True, slots=True)
class Bind:
    """A path of the host itself that it has to see."""

    # The path of the host.
    source: str
    # Where it sees it.
    target: str
    # Whether it only reads there.
    read_only: bool = True
    # Options of the mount: `rslave`.
    options: tuple[str, ...] = ()
    # The container engine whose hosts have it; none for all.
    engine: Literal["docker", "podman"] | None = None


@dataclass(frozen=True, slots=True)
class Health:
    """How one finds out that it works, where the image does not say so itself."""

    # A path that answers with a status below 400, without login.
    http: str | None = None
    # The port that is asked, where that is not the first.
    port: int | None = None
    # The program of the image that can ask for it; without one it is asked from outside.
    client: Literal["curl", "wget"] | None = None
    # A command in the container that ends with 0; only programs that the image has.
    command: tuple[str, ...] = ()
    # A port that takes a connection, where nothing better is known.
    tcp: int | None = None
    # Seconds that a start may take.
    start_seconds: int = 60
    # Whether it answers to names that it was told and to `localhost` alone, so that nobody can ask
    # it from outside.
    inside: bool = False


@dataclass(frozen=True, slots=True)
class Gpu:
    """What it does with a graphics card."""

    # Whether it is of no use without.
    use: Literal["needs", "may-use"] = "may-use"
    # Whether it encodes video, for which some drivers count sessions.
    encodes: bool = False
    # What it usually takes of the card's memory, in MiB, where its documentation says.
    vram_mib: int | None = None
    # Variables that it is given with a card.
    environment: Mapping[str, str] = field(default_factory=dict)
    # What ends the tag of the image that is built for a vendor's cards: `nvidia: -cuda`.
    tags: Mapping[Literal["nvidia", "amd", "intel"], str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Backup:
    """What has to be kept of it, and how its files come to rest meanwhile."""

    # Paths in the container; all its state where none is given.
    paths: tuple[str, ...] = ()
    # `live`: its files may be copied while it runs. `stop`: only while it does not. `dump`: it
    # writes a copy itself, with `command` in the container, to its standard output.
    quiesce: Literal["live", "stop", "dump"] = "stop"
    # The program and its arguments, for a dump.
    command: tuple[str, ...] = ()
    # Below those paths, what can be made again.
    leave_out: tuple[str, ...] = ()
    # Why nothing has to be kept: "its models are fetched again".
    none: str | None = None


@dataclass(frozen=True, slots=True)
class Native:
    """The NixOS module that runs it."""

    # `services.jellyfin`
    module: str
    # The unit that the module makes.
    unit: str
    # The first NixOS release that has it: "19.03".
    since: str | None = None
    # Where it keeps its state.
    state: str | None = None
    # Whom it runs as, where that is a user of its own.
    user: str | None = None
    # The ports that the module gives it, by those of the image that they take the place of.
    ports: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Peer:
    """Another service that it talks to."""

    # Whether it does not work without.
    needed: bool = False
    # What for, in a few words.
    why: str = ""


@dataclass(frozen=True, slots=True)
class Run:
    """What a container of it is made of."""

    # One of its images.
    image: str
    # The tag that is taken unless the lab names a version; a released one, never `latest`.
    tag: str
    # The arguments, where the image's own do not do.
    command: tuple[str, ...] = ()
    # Variables, with words that the lab fills in.
    environment: Mapping[str, str] = field(default_factory=dict)
    # Variables without which it does not start, or starts open to everybody.
    required: tuple[str, ...] = ()
    # How it is told whom to run as: by variables (`PUID` and `PGID` in `environment`), by the
    # engine's own `user`, or not at all.
    runs_as: Literal["variables", "user", "image"] = "image"
    # Whom its documentation runs it as, where that is not the image's own user: "root".
    user: str | None = None
    # Whom the image runs as by itself, `65534:65534`, where that is not root: its state is theirs.
    image_user: str | None = None
    # Paths that have to outlive the container.
    paths: Mapping[str, Path] = field(default_factory=dict)
    # Paths of the host that it has to see.
    binds: tuple[Bind, ...] = ()
    # How one finds out that it works; not needed where the image says so.
    health: Health | None = None
    # Devices of the host.
    devices: tuple[str, ...] = ()
    # Capabilities beyond the engine's own.
    capabilities: tuple[str, ...] = ()
    # Whether its documentation makes it privileged.
    privileged: bool = False
    # Whether it is of no use but in the host's own network.
    host_network: bool = False
    # Whether it has to see the host's processes.
    host_processes: bool = False
    # Memory that its processes share, in MiB, where the engine's 64 are not enough.
    shared_memory_mib: int | None = None
    # What it does with a graphics card.
    gpu: Gpu | None = None
    # What is kept of it.
    backup: Backup | None = None
    # Other services that it uses, by their name in the catalog.
    talks_to: Mapping[str, Peer] = field(default_factory=dict)
    # A configuration file without which it does not start, that labkeeper writes.
    configured_by: str | None = None

    def of(self, tag: str | None) -> "Run":
        """The same, as the version of a tag is run; of a tag that tells none, the usual one's."""
        if all(path.since is None and path.before is None for path in self.paths.values()):
            return self
        major = major_version(tag) or major_version(self.tag) or 0
        kept = {target: path for target, path in self.paths.items() if path.is_of(major)}
        return replace(self, paths=kept)
