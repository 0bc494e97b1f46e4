"""When a container starts and stops: its `[Unit]`, `[Service]` and `[Install]`."""

from collections.abc import Iterator
from typing import Final

from labkeeper.plan import Container, Service
from labkeeper.targets.quadlet.folders import making
from labkeeper.targets.quadlet.health import start_seconds
from labkeeper.targets.quadlet.keys import Version
from labkeeper.targets.quadlet.mounts import unseen_mounts
from labkeeper.targets.quadlet.secrets import secret_units
from labkeeper.targets.quadlet.subject import Subject
from labkeeper.targets.quadlet.writing import Section, titled
from labkeeper.targets.systemd import path_words, specified, word

# Since then Quadlet itself waits for the network (5.2's addDefaultDependencies).
_WAITS_SINCE: Final = (5, 2)
_NETWORK: Final = "network-online.target"
# What Podman gives a container to end: podman-run(1), `--stop-timeout`; and how much longer systemd
# waits before it kills all.
_GRANTED: Final = 10
_LONGER: Final = 30
# `<3>` makes it an error in the journal: sd-daemon(3).
_SEES: Final = (
    "timeout 30 podman exec {name} nvidia-smi --list-gpus >/dev/null || "
    'echo "<3>{name} does not see the graphics card" >&2'
)
# Where Podman's own socket is seen from: the unit that makes it has to be there.
_SOCKETS: Final = frozenset({"/run", "/var/run", "/run/podman/podman.sock",
                             "/var/run/podman/podman.sock"})  # fmt: skip


def unit_section(subject: Subject, version: Version) -> Section:
    """What it needs, and what it comes after."""
    service, container = subject.service, subject.container
    gateway = service.through
    before = [
        name for name in _before(service, container) if name in subject.here and name != gateway
    ]
    wanted = [f"{name}.service" for name in before]
    if version < _WAITS_SINCE:
        wanted.insert(0, _NETWORK)
    needed = (*secret_units(subject.secrets), *_sockets(container))
    lines = [f"Description={titled(subject.title)}"]
    if gateway:
        unit = f"{gateway}.service"
        lines += [
            f"# All of its traffic goes through {gateway}: it stops and starts with it.",
            f"BindsTo={unit}", f"PartOf={unit}",
        ]  # fmt: skip
    if needed:
        lines.append(f"Requires={' '.join(needed)}")
    if wanted:
        lines.append(f"Wants={' '.join(wanted)}")
    if after := (*((f"{gateway}.service",) if gateway else ()), *needed, *wanted):
        lines.append(f"After={' '.join(after)}")
    lines += _mounted(service, container)
    return Section("Unit", tuple(lines))


def _before(service: Service, container: Container) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*(each.name for each in container.depends_on), *service.after)))


def _sockets(container: Container) -> tuple[str, ...]:
    seen = any(mount.source and mount.source.text in _SOCKETS for mount in container.mounts)
    return ("podman.socket",) if seen else ()


def _mounted(service: Service, container: Container) -> Iterator[str]:
    """`RequiresMountsFor=` waits for a mount that fstab knows, and for nothing where none is."""
    if service.requires_mounts:
        yield "# Without its disk it does not start, rather than fill the folder below."
    if paths := (*service.requires_mounts, *unseen_mounts(container)):
        yield f"RequiresMountsFor={path_words(tuple(dict.fromkeys(paths)))}"
    for path in service.requires_mounts:
        yield f"AssertPathIsMountPoint={specified(path)}"


def service_section(subject: Subject) -> Section:
    """How it starts, and what happens when it ends."""
    service = subject.service
    lines = list(making(service))
    if lines:
        lines.insert(0, "# Its folders, where they are missing, once the disk is there.")
    lines += [
        "Restart=always",
        "RestartSec=10s",
        "# Time for its image to be pulled, and for its start.",
        f"TimeoutStartSec={start_seconds(service)}",
    ]
    if (seconds := stop_seconds(subject)) is not None:
        lines.append(f"TimeoutStopSec={seconds + _LONGER}")
    if subject.sees_card:
        script = _SEES.format(name=subject.container.key)
        lines += [
            "# Said in its journal, and no reason to stop: much works without a card, only slower.",
            f"ExecStartPost=-/bin/sh -c {word(script)}",
        ]
    return Section("Service", tuple(lines))


def stop_seconds(subject: Subject) -> int | None:
    """How long it may take to end, where that is more than Podman grants."""
    seconds = int(subject.stop_within)
    return seconds if seconds > _GRANTED else None


def install_section(service: Service) -> Section:
    """What starts it: the host, and its gateway too, whenever that comes back."""
    gateway = f" {service.through}.service" if service.through else ""
    return Section("Install", (f"WantedBy=multi-user.target{gateway}",))
