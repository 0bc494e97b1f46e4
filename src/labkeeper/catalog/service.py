"""What labkeeper knows of a piece of software that runs in a container or as a unit.

One file each in `services/`, named after it, and only what its own documentation says: a field
that is left out means that nobody looked, never that there is none.
"""

from collections.abc import Mapping
from dataclasses import field
from typing import Literal

from labkeeper.catalog.gateway import Gateway
from labkeeper.catalog.running import Native, Run
from labkeeper.catalog.watching import Alert, Panel, Record
from labkeeper.values import dataclass


@dataclass(frozen=True, slots=True)
class Image:
    """An image that runs it."""

    # Whether the image itself says how to find out if it works.
    health_check: bool | None = None


@dataclass(frozen=True, slots=True)
class Private:
    """Why nobody but its own clients may reach a port."""

    # The end of "the port is open to everybody, and ...".
    why: str
    # Flags and variables one of which must be given for it to be so.
    only_with: tuple[str, ...] = ()
    # Flags and variables that set a password or the like.
    unless: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Port:
    """A port that it listens on inside its network namespace."""

    # The port, as it is without any setting.
    number: int
    # What it is for; `web interface` is what people open.
    purpose: str = "web interface"
    # Over what it is spoken.
    protocol: Literal["tcp", "udp"] = "tcp"
    # Flags of its command that move it: `--web.listen-address`.
    flags: tuple[str, ...] = ()
    # Environment variables that move it.
    variables: tuple[str, ...] = ()
    # How those variables say it, where that is no mere number: `:@{port}`.
    written: str = "@{port}"
    # Whether nothing else moves it: no settings page, no file of its own.
    fixed: bool = False
    # Whether it listens without being told to.
    default: bool = True
    # Why it must not be open to everybody, where that is so.
    private: Private | None = None
    # Whether programs and people outside the lab's own services use it (a peer's, a client's, a
    # resolver's port). A web interface is known by its purpose.
    open: bool = False
    # Whether those who use it look for it at this number alone: a name server's 53, a proxy's 443.
    expected: bool = False
    # Whether it answers only those who name the port that it listens on: a host has to show it
    # under the same number.
    same: bool = False
    # Whether it speaks TLS there by itself, with a certificate that nobody signed.
    tls: bool = False


@dataclass(frozen=True, slots=True)
class Metrics:
    """Where Prometheus asks it, and whose contract (`exporters/`) the answer follows."""

    # The contract: the name of a file in `exporters/`.
    exporter: str
    # The port that is asked.
    port: int
    # Paths that answer; Prometheus is given the first.
    paths: tuple[str, ...] = ("/metrics",)
    # What has to be switched on first, in its documentation's words.
    needs: str | None = None
    # Variables that switch it on.
    environment: Mapping[str, str] = field(default_factory=dict)
    # Whether the configuration that labkeeper writes for a lab's proxy switches it on.
    of_proxy: bool = False
    # Whether it is there for nothing else.
    dedicated: bool = False
    # Flags that change the paths.
    path_flags: tuple[str, ...] = ()
    # The exporter that shows them, where it only writes them to files: `node-exporter`. It is that
    # one which is asked.
    through: str | None = None


@dataclass(frozen=True, slots=True)
class Login:
    """A user name and password that it starts with."""

    # The user's name.
    user: str
    # The password, which nobody may keep.
    password: str


@dataclass(frozen=True, slots=True)
class Retired:
    """That nobody looks after it any more."""

    # What happened, to follow its name: "was archived in 2027".
    what: str
    # What took its place.
    instead: str | None = None


@dataclass(frozen=True, slots=True)
class Database:
    """Whose files are read by one line of versions only."""

    # The path in the container that holds the files.
    state: str
    # Which part of the version they belong to.
    bound: Literal["major", "minor"]


@dataclass(frozen=True, slots=True)
class Power:
    """Something that hands the host to a container: `privileged`, the engine's socket."""

    # Whether it can do nothing without.
    needed: bool
    # A narrower way to the same.
    instead: str | None = None


@dataclass(frozen=True, slots=True)
class Refusal:
    """What it answers behind a reverse proxy until its own settings know of that."""

    # The answer, as people see it: "400 Bad Request".
    answer: str
    # The end of "unless ...".
    unless: str
    # What to do, where its settings are.
    help: str


@dataclass(frozen=True, slots=True)
class Service:
    """One piece of software."""

    # Its name, which is its file's.
    name: str
    # What people call it.
    title: str
    # Where its facts come from.
    documentation: str
    # Images that run it, by repository without a tag; `docker.io/library/` is left out.
    images: Mapping[str, Image] = field(default_factory=dict)
    # systemd units, as the distributions and NixOS name them.
    units: tuple[str, ...] = ()
    # Where it listens.
    ports: tuple[Port, ...] = ()
    # Where it shows metrics.
    metrics: Metrics | None = None
    # Users that it starts with.
    logins: tuple[Login, ...] = ()
    # Environment variables that hold a secret.
    secrets: tuple[str, ...] = ()
    # That nobody looks after it any more.
    retired: Retired | None = None
    # For a database: whose files they are.
    database: Database | None = None
    # Whether it has to be privileged.
    privileged: Power | None = None
    # Whether it has to have the container engine's socket.
    socket: Power | None = None
    # For a VPN client that others go through.
    vpn_gateway: Gateway | None = None
    # Whether people run it behind a VPN, so that a way around it is a leak.
    through_vpn: bool = False
    # Whether apps and other programs use its web interface, who cannot follow to a login page in
    # front of it. It has a login of its own.
    apps: bool = False
    # What it answers under a name of its own until it is told of it, where no variable tells it.
    proxied: Refusal | None = None
    # How a lab runs it in a container.
    run: Run | None = None
    # The NixOS module that runs it.
    nixos: Native | None = None
    # What somebody is told of.
    alerts: tuple[Alert, ...] = ()
    # Series that are worked out once.
    records: tuple[Record, ...] = ()
    # What its dashboard shows.
    panels: tuple[Panel, ...] = ()
