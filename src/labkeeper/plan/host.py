"""Hosts and what is known of their hardware, and other things that texts mention."""

from typing import TYPE_CHECKING, Literal

from labkeeper.source import Slice, Span
from labkeeper.values import dataclass

if TYPE_CHECKING:
    from labkeeper.lab.features import Features
    from labkeeper.lab.hardware import Zfs
    from labkeeper.lab.host import Agent


@dataclass(frozen=True, slots=True)
class Interface:
    """A network interface of a host."""

    name: str
    zone: str | None
    address: str | None


@dataclass(frozen=True, slots=True)
class Host:
    """A machine of the lab."""

    name: str
    at: Span
    target: Literal["nixos", "quadlet", "compose", "kubernetes", "none"]
    engine: Literal["docker", "podman"]
    # Where other hosts reach it; none where nobody said.
    address: str | None
    description: str
    system: str
    memory: int | None
    cpus: int | None
    # Versions of what it runs, by name: `podman`, `prometheus`.
    versions: tuple[tuple[str, str], ...]
    interfaces: tuple[Interface, ...]
    user: str
    port: int
    timezone: str
    features: "Features"
    zfs: "Zfs | None"
    # Zones from which every port may be reached.
    trusted: tuple[str, ...] = ()
    # labkeeper's own services, where the lab wants them and the target can have them.
    agent: "Agent | None" = None


@dataclass(frozen=True, slots=True)
class Gpu:
    """A graphics card, by the model name that was given."""

    model: str
    host: str
    vram: int | None
    at: Span
    vendor: Literal["nvidia", "amd", "intel"] | None = None
    driver: str | None = None
    # Streams that its driver encodes at once, and how services share it.
    sessions: int | None = None
    sharing: Literal["time-slice", "mps", "none"] | None = None
    sharing_at: Span | None = None


@dataclass(frozen=True, slots=True)
class HostEngine:
    """A sign that a host runs containers with podman or with docker."""

    engine: Literal["docker", "podman"]
    host: str
    at: Span


@dataclass(frozen=True, slots=True)
class Credential:
    """A user name and password that a text gives away."""

    user: str
    password: Slice
    at: Span
    # The software that it opens, where the text says so.
    service: str | None = None


@dataclass(frozen=True, slots=True)
class Mention:
    """A piece of software that a text names as to be run, without configuring it."""

    name: str
    at: Span


@dataclass(frozen=True, slots=True)
class ProducedMetric:
    """A metric that something in the stack writes itself: a textfile, an exporter's own config."""

    name: str
    at: Span
    # The job whose scrape brings it, where that is known.
    job: str | None = None


@dataclass(frozen=True, slots=True)
class Missing:
    """Something that is named but not there: the value that checks of references look at."""

    kind: str
    name: str
    at: Span
    # Names that would have been right.
    known: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class LogLabel:
    """A label that a log collector gives to what it sends; `source` is the label it is taken of."""

    name: Slice
    # None where its value is taken out of the log lines themselves.
    source: str | None


@dataclass(frozen=True, slots=True)
class LogPipeline:
    """A log collector's configuration, at the first key that tells."""

    collector: Literal["promtail", "alloy"]
    at: Span
    labels: tuple[LogLabel, ...] = ()
    # Every word of its configuration, so every label that it can give; none where labels may come
    # from elsewhere, under whatever names.
    words: frozenset[str] | None = None


@dataclass(frozen=True, slots=True)
class Loki:
    """One Loki's configuration, with what of the stack lies in its directory of rules."""

    file: str
    at: Span
    several_tenants: bool
    rules_directory: Slice | None
    # Files that lie in the directory itself, and those in folders of tenants, with the tenant.
    loose_rules: tuple[str, ...] = ()
    rules_of_tenants: tuple[tuple[str, str], ...] = ()
