"""Something that runs in a container, wherever it was seen: on a machine, or in a stack's files."""

from labkeeper.source import Span
from labkeeper.values import dataclass


@dataclass(frozen=True, slots=True)
class Shown:
    """A port of the container, and where the host shows it."""

    container: int
    host: int | None = None
    address: str | None = None
    protocol: str = "tcp"


@dataclass(frozen=True, slots=True)
class Mounted:
    """A path in the container: from a path of the host, from a volume, or from neither."""

    target: str
    source: str | None = None
    volume: str | None = None
    read_only: bool = False


@dataclass(frozen=True, slots=True)
class Setting:
    """An environment variable; without a value, nobody here knows it.

    `key` tells secrets that are the same apart from others: it is compared, and never shown.
    `hint` is the name of the variable that it is filled in from, where it is.
    """

    name: str
    value: str | None
    key: str | None = None
    hint: str | None = None


@dataclass(frozen=True, slots=True)
class Instance:
    """A container."""

    name: str
    image: str | None
    at: Span | None = None
    # Other names that containers beside it know it by.
    names: tuple[str, ...] = ()
    # The project that it belongs to: only there, its names mean it.
    project: str = ""
    host: str = ""
    command: tuple[str, ...] = ()
    ports: tuple[Shown, ...] = ()
    mounts: tuple[Mounted, ...] = ()
    settings: tuple[Setting, ...] = ()
    networks: tuple[str, ...] = ()
    # Whose network it uses, by one of its names.
    through: str | None = None
    host_network: bool = False
    memory: int | None = None
    user: str | None = None
    devices: tuple[str, ...] = ()
    gpu: bool = False
    capabilities: tuple[str, ...] = ()
    privileged: bool = False
    after: tuple[str, ...] = ()
    # What cannot be said in a lab, or was not understood: the end of "left out: ...".
    beyond: tuple[str, ...] = ()
