"""What labkeeper knows of a piece of software that runs in a container or as a unit.

One file each in `services/`, named after it, and only what its own documentation says: a field
that is left out means that nobody looked, never that there is none.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from labkeeper.catalog.gateway import Gateway
from labkeeper.catalog.running import Native, Run
from labkeeper.catalog.watching import Alert, Panel, Record


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

    number: int
    purpose: str = "web interface"
    protocol: Literal["tcp", "udp"] = "tcp"
    # Flags of its command and environment variables that move it: `--web.listen-address`.
    flags: tuple[str, ...] = ()
    variables: tuple[str, ...] = ()
    # Whether nothing else moves it: no settings page, no file of its own.
    fixed: bool = False
    # Whether it listens without being told to.
    default: bool = True
    private: Private | None = None
    # Whether programs and people outside the lab's own services use it (a peer's, a client's, a
    # resolver's port). A web interface is known by its purpose.
    open: bool = False


@dataclass(frozen=True, slots=True)
class Metrics:
    """Where Prometheus asks it, and whose contract (`exporters/`) the answer follows."""

    exporter: str
    port: int
    paths: tuple[str, ...] = ("/metrics",)
    # What has to be switched on first, in its documentation's words.
    needs: str | None = None
    # Variables that switch it on.
    environment: Mapping[str, str] = field(default_factory=dict)
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

    user: str
    password: str


@dataclass(frozen=True, slots=True)
class Retired:
    """That nobody looks after it any more."""

    # What happened, to follow its name: "was archived in 2027".
    what: str
    instead: str | None = None


@dataclass(frozen=True, slots=True)
class Database:
    """Whose files are read by one line of versions only."""

    state: str
    bound: Literal["major", "minor"]


@dataclass(frozen=True, slots=True)
class Power:
    """Something that hands the host to a container: `privileged`, the engine's socket."""

    needed: bool
    # A narrower way to the same.
    instead: str | None = None


@dataclass(frozen=True, slots=True)
class Service:
    """One piece of software."""

    name: str
    title: str
    # Where its facts come from.
    documentation: str
    images: Mapping[str, Image] = field(default_factory=dict)
    # systemd units, as the distributions and NixOS name them.
    units: tuple[str, ...] = ()
    ports: tuple[Port, ...] = ()
    metrics: Metrics | None = None
    logins: tuple[Login, ...] = ()
    # Environment variables that hold a secret.
    secrets: tuple[str, ...] = ()
    retired: Retired | None = None
    database: Database | None = None
    privileged: Power | None = None
    socket: Power | None = None
    vpn_gateway: Gateway | None = None
    # Whether people run it behind a VPN, so that a way around it is a leak.
    through_vpn: bool = False
    # How a lab runs it, natively on NixOS, and what it watches of it.
    run: Run | None = None
    nixos: Native | None = None
    alerts: tuple[Alert, ...] = ()
    records: tuple[Record, ...] = ()
    panels: tuple[Panel, ...] = ()
