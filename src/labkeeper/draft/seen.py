"""What a machine shows of itself, as it was observed; nothing here is decided yet."""

from dataclasses import field
from typing import Literal

from labkeeper.draft.instance import Instance
from labkeeper.values import dataclass

Medium = Literal["ssd", "hdd", "nvme", "network"]


@dataclass(frozen=True, slots=True)
class FileSystem:
    """A file system that keeps its files over a reboot, by its first mount point."""

    point: str
    kind: str
    device: str
    size: int
    free: int
    medium: Medium | None = None
    read_only: bool = False


@dataclass(frozen=True, slots=True)
class Card:
    """A graphics card; of some, neither model nor memory can be read."""

    vendor: Literal["nvidia", "amd", "intel"]
    model: str | None = None
    vram: int | None = None
    driver: str | None = None
    # `/dev/dri/renderD128`
    node: str | None = None


@dataclass(frozen=True, slots=True)
class Engine:
    """A program that runs containers; `refused` where it did not answer, in its own words."""

    name: Literal["podman", "docker"]
    version: str | None = None
    refused: str | None = None


@dataclass(frozen=True, slots=True)
class Timer:
    """A systemd timer and what it starts."""

    name: str
    starts: str
    description: str = ""


@dataclass(frozen=True, slots=True)
class Seen:
    """A machine."""

    name: str = ""
    # The `ID` and `VERSION_ID` of os-release.
    system: str = ""
    release: str = ""
    architecture: str = ""
    timezone: str | None = None
    memory: int | None = None
    processors: int | None = None
    file_systems: tuple[FileSystem, ...] = ()
    cards: tuple[Card, ...] = ()
    interfaces: tuple[str, ...] = ()
    engines: tuple[Engine, ...] = ()
    systemd: str | None = None
    containers: tuple[Instance, ...] = ()
    timers: tuple[Timer, ...] = ()
    # Services that run now, by their units' names.
    units: tuple[str, ...] = ()
    # What could not be looked at, and why, each a whole sentence without its full stop.
    unseen: tuple[str, ...] = field(default=())
