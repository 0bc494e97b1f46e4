"""Features of a host: each is off, on (`gpu:`), or on with settings (`gpu: {sharing: none}`)."""

from collections.abc import Mapping
from dataclasses import field, fields
from typing import Literal

from labkeeper.lab.containers import ContainerProfile
from labkeeper.lab.count import Count
from labkeeper.lab.cron import Schedule
from labkeeper.lab.duration import Duration
from labkeeper.lab.place import NOWHERE
from labkeeper.lab.share import Percentage
from labkeeper.lab.size import Size
from labkeeper.source import Span
from labkeeper.values import dataclass


@dataclass(frozen=True, kw_only=True)
class GpuSharing:
    """Services on the host may use its graphics card."""

    sharing: Literal["time-slice", "mps", "none"] = "time-slice"
    """How services share it; `mps` needs a Volta chip or a newer one."""
    validate: bool = True
    """Whether each container is asked, after it starts, if it sees the card."""
    at: Span = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, kw_only=True)
class Watched:
    """The host is watched: exporters run on it, and the lab's Prometheus asks them."""

    exporters: tuple[
        Literal["node", "systemd", "nixos", "cadvisor", "podman", "nvidia", "smartctl", "zfs"], ...
    ] = ("node", "systemd")
    """Which exporters run on it."""
    interval: Duration | None = None
    """How often it is asked, where that differs from the lab's own interval."""
    at: Span = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, kw_only=True)
class Logs:
    """The host's journal is sent to the lab's Loki."""

    units: tuple[str, ...] = ()
    """The units whose lines are sent; all of them where none is named."""
    at: Span = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, kw_only=True)
class Desktop:
    """The host has a screen that somebody sits at."""

    environment: Literal["hyprland", "sway", "gnome", "plasma"] = "hyprland"
    """What runs on it."""
    monitors: Mapping[str, str] = field(default_factory=dict)
    """Its outputs and their modes: `DP-1: 2560x1440@144`."""
    at: Span = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, kw_only=True)
class Laptop:
    """The host runs on a battery at times, and sleeps."""

    charge_to: Percentage | None = None
    """How far the battery is charged, to make it last."""
    on_battery: Literal["power-saver", "balanced", "performance"] = "power-saver"
    """How it runs on battery."""
    on_mains: Literal["power-saver", "balanced", "performance"] = "balanced"
    """How it runs on mains."""
    absent_is_fine: bool = True
    """Whether nobody is told when it cannot be reached."""
    at: Span = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, kw_only=True)
class Development:
    """The host is used to write software."""

    languages: tuple[str, ...] = ()
    """The languages whose tools are installed."""
    editor: str | None = None
    """The editor that is set up."""
    containers: bool = False
    """Whether development containers run on it."""
    at: Span = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, kw_only=True)
class Shell:
    """People log in to the host and find their shell."""

    shell: Literal["bash", "fish", "zsh"] = "bash"
    """The login shell."""
    prompt: Literal["starship"] | None = None
    """The prompt, where it is not the shell's own."""
    multiplexers: tuple[Literal["tmux", "zellij"], ...] = ()
    """The terminal multiplexers that are set up."""
    at: Span = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, kw_only=True)
class Performance:
    """The host is tuned, and measured against what it promises."""

    governor: Literal["performance", "schedutil", "powersave"] | None = None
    """How the processor's clock is ruled."""
    swap: Literal["zram", "disk", "none"] | None = None
    """Where memory goes that does not fit."""
    boot_within: Duration | None = None
    """How long a boot may take before it is reported."""
    at: Span = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, kw_only=True)
class CleanUp:
    """Old generations, images and journals are removed."""

    every: Schedule = Schedule.parse("weekly")
    """When."""
    generations: Count = Count(10)
    """How many generations of the system are kept to go back to."""
    journal: Size = Size.parse("1GiB")
    """How much of the disk the journal may take."""
    at: Span = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, kw_only=True)
class Hardening:
    """The host is closed where nothing needs it open, and audited."""

    kernel: bool = True
    """Whether the kernel's settings are hardened."""
    users: bool = True
    """Whether users, groups and permissions are audited."""
    rotate_ssh_keys: Duration | None = None
    """How old a key for ssh may become before it is replaced."""
    intrusion_detection: bool = False
    """Whether CrowdSec reads its logs."""
    at: Span = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, kw_only=True)
class Tailnet:
    """The host is part of the lab's Tailscale network."""

    dns: bool = True
    """Whether Tailscale answers its DNS questions; with a resolver of its own, say no."""
    exit_node: bool = False
    """Whether other hosts may reach the Internet through it."""
    tags: tuple[str, ...] = ()
    """Its tags in the network's access rules."""
    at: Span = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, kw_only=True)
class Updates:
    """Containers are updated, watched, and put back where they get worse."""

    every: Schedule = Schedule.parse("weekly")
    """When."""
    watch: Duration = Duration.parse("15m")
    """How long an updated service must stay healthy before it counts as good."""
    at: Span = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, kw_only=True)
class Cluster:
    """The host is part of a K3s cluster."""

    role: Literal["server", "agent"] = "server"
    """Whether it rules the cluster or only runs for it."""
    at: Span = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, kw_only=True)
class Features:
    """What is on for a host. A name alone means on, `off` means off, settings mean on with them."""

    media_container: ContainerProfile | bool = False
    """What containers of the media apps have in common: limits, network, mounts."""
    download_container: ContainerProfile | bool = False
    """What containers of the download clients have in common."""
    gpu: GpuSharing | bool = False
    """Services share the graphics card, within its memory."""
    monitoring: Watched | bool = False
    """The host is watched by the lab's Prometheus."""
    logs: Logs | bool = False
    """The host's journal goes to the lab's Loki."""
    desktop: Desktop | bool = False
    """A desktop."""
    laptop: Laptop | bool = False
    """Power, battery and sleep of a laptop."""
    development: Development | bool = False
    """Tools to write software with."""
    shell: Shell | bool = False
    """The shell that people find."""
    performance: Performance | bool = False
    """Tuning, and promises that are measured."""
    clean_up: CleanUp | bool = False
    """Old generations, images and journals go."""
    hardening: Hardening | bool = False
    """Kernel, users and keys are hardened and audited."""
    tailnet: Tailnet | bool = False
    """Tailscale."""
    updates: Updates | bool = False
    """Containers are updated, with a way back."""
    cluster: Cluster | bool = False
    """K3s."""
    at: Span = field(default=NOWHERE, compare=False, repr=False)

    def enabled(self) -> tuple[str, ...]:
        """The names of those that are on, as the lab writes them."""
        return tuple(
            item.name.replace("_", "-")
            for item in fields(self)
            if item.name != "at" and getattr(self, item.name) is not False
        )
