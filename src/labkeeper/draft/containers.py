"""A container of a stack's files as something that runs."""

import posixpath
import re
from collections.abc import Iterable, Iterator
from typing import Final

from labkeeper.draft.instance import Instance, Mounted, Setting, Shown
from labkeeper.plan import Container, Mount, PublishedPort, Variable
from labkeeper.source import Slice
from labkeeper.values import regex

# A whole range of ports is for a program that opens many; a lab lists each.
_MOST_PORTS: Final = 16
_MEMORY: Final = regex(r"(\d+(?:\.\d+)?)\s*([bkmgt]?)(?:i?b)?", re.IGNORECASE)
_FILLED_IN: Final = regex(r"\$\{?([A-Za-z_][A-Za-z0-9_]*)")


def instance_of(container: Container, folder: str) -> Instance:
    """What a file says of a container; paths beside that file begin at `folder`."""
    space = container.namespace
    beyond = list(_beyond(container))
    ports = list(_ports(container.ports, beyond))
    gpu_devices = [d for d in container.devices if _is_gpu(d.text)]
    return Instance(
        name=container.key,
        image=_literal(container.image) if not container.built else None,
        at=container.at,
        names=tuple(sorted(container.names - {container.key})),
        project=container.project,
        host=container.host,
        command=_command(container, beyond),
        ports=tuple(ports),
        mounts=tuple(_mounts(container, folder, beyond)),
        settings=tuple(map(_setting, container.environment)),
        networks=tuple(use.name for use in container.networks if use.name != "default"),
        through=space.owner if space and space.kind == "container" else None,
        host_network=space is not None and space.kind == "host",
        memory=memory(container.memory_limit.text) if container.memory_limit else None,
        user=_literal(container.user),
        devices=tuple(_devices(container.devices)),
        # Cards of Intel and AMD are devices of the host like any other.
        gpu=any(not g.value.startswith("/dev/dri") for g in container.gpus) or bool(gpu_devices),
        capabilities=tuple(c.text for c in container.capabilities if c.is_literal),
        privileged=container.privileged is not None,
        after=tuple(dependency.name for dependency in container.depends_on),
        beyond=tuple(beyond),
    )


def _literal(text: Slice | None) -> str | None:
    return text.text.strip() if text is not None and text.is_literal and text.text else None


def _beyond(container: Container) -> Iterator[str]:
    space = container.namespace
    if space and space.kind == "pod":
        yield "its pod"
    if space and space.kind == "none":
        yield "that it has no network"
    if container.entrypoint:
        yield "its entrypoint"
    if container.secrets:
        yield "the files of its secrets (name them under `secrets`)"
    if not container.complete:
        in_nix = container.at.file.endswith(".nix")
        yield "what a function adds to it" if in_nix else "a port whose number comes from outside"


def _command(container: Container, beyond: list[str]) -> tuple[str, ...]:
    if all(word.is_literal for word in container.command):
        return tuple(word.text for word in container.command)
    beyond.append("its command, of which parts come from outside")
    return ()


def _ports(ports: Iterable[PublishedPort], beyond: list[str]) -> Iterator[Shown]:
    for port in ports:
        width = port.container.last - port.container.first
        if width >= _MOST_PORTS:
            beyond.append(f"the ports {port.container.first} to {port.container.last}")
            continue
        if port.address and "$" in port.address:
            # Shown at every address instead, more could reach it than did.
            beyond.append(f"the port {port.container.first}, whose address comes from outside")
            continue
        for step in range(width + 1):
            host = None
            if port.host is not None:
                host = port.host.first + (step if port.host.last - port.host.first == width else 0)
            if port.protocol != "sctp":
                yield Shown(port.container.first + step, host, port.address, port.protocol)


def _mounts(container: Container, folder: str, beyond: list[str]) -> Iterator[Mounted]:
    for mount in container.mounts:
        source = mount.source
        # What a specifier stands for depends on whose unit it is: systemd.unit(5).
        filled_in = source and (not source.is_literal or source.text.startswith("%"))
        if not mount.target.is_literal or filled_in:
            beyond.append(f"the mount at `{mount.target.text}`, whose source comes from outside")
        else:
            yield _mounted(mount, folder)


def _mounted(mount: Mount, folder: str) -> Mounted:
    text = mount.source.text if mount.source else ""
    target, read_only = mount.target.text, mount.read_only
    if mount.kind == "tmpfs":
        return Mounted(target)
    if mount.kind == "volume" or not text:
        name = text.removesuffix(".volume") or posixpath.basename(target.rstrip("/"))
        return Mounted(target, volume=name or "data", read_only=read_only)
    if text.startswith("/"):
        return Mounted(target, posixpath.normpath(text), read_only=read_only)
    beside = posixpath.dirname((mount.source or mount.target).file)
    # `~` is the home of whoever starts it, which no file tells.
    whole = posixpath.normpath(posixpath.join(folder, beside, text)) if text[0] != "~" else text
    return Mounted(target, whole, read_only=read_only)


def _setting(variable: Variable) -> Setting:
    value = variable.value
    if value is None:
        return Setting(variable.name, None, f"${{{variable.name}}}", variable.name)
    if value.is_literal:
        return Setting(variable.name, value.text, value.text)
    filled = _FILLED_IN.search(value.text)
    return Setting(variable.name, None, value.text, filled[1] if filled else None)


def _is_gpu(device: str) -> bool:
    return device.startswith(("/dev/nvidia", "nvidia.com/gpu"))


def _devices(devices: Iterable[Slice]) -> Iterator[str]:
    for device in devices:
        path = device.text.lstrip("-").split(":")[0]
        if device.is_literal and path.startswith("/") and not _is_gpu(path):
            yield path


def memory(text: str) -> int | None:
    """A limit as container engines write it: `512m`, `2g`, each 1024-based."""
    found = _MEMORY.fullmatch(text.strip())
    if found is None:
        return None
    count = int(float(found[1]) * 1024 ** " kmgt".index(found[2].lower().replace("b", "") or " "))
    return count if count > 0 else None
