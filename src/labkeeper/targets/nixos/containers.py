"""Containers, as `virtualisation.oci-containers` runs them, and what is added to their units.

nixos/modules/virtualisation/oci-containers.nix: every element of a list is one argument, and `$`
stands for itself.
"""

import json
from collections.abc import Iterator
from typing import Final

from labkeeper.plan import Container, Mount, PublishedPort, Service
from labkeeper.targets.allowing import allowance
from labkeeper.targets.health import asked_inside
from labkeeper.targets.images import qualified
from labkeeper.targets.nixos import mps, secrets
from labkeeper.targets.nixos.files import mounted
from labkeeper.targets.nixos.machine import Machine
from labkeeper.targets.nixos.storage import folders_in_tiers
from labkeeper.targets.nixos.tree import (
    Attributes,
    Joined,
    Lines,
    Nix,
    Noted,
    force,
    joined,
    laid,
)
from labkeeper.targets.nixos.unit import on_its_disks

_GIB: Final = 1024**3
_MIB: Final = 1024**2
# Seconds that the pull of a large image may take, beside the start itself.
_PULL: Final = 900
# Seconds that podman-stop(1) waits of its own.
_STOP: Final = 10
# What tells podman of the card's devices: nvidia-container-toolkit/default.nix. It is waited for,
# since a container that comes first does not find them.
_CDI: Final = "nvidia-container-toolkit-cdi-generator.service"
# Seconds that the module gives to the end of a unit.
_UNIT_STOP: Final = 120


def module(machine: Machine) -> Attributes:
    """All containers of a host, and what their units are told."""
    if not machine.containers:
        return {}
    containers: dict[str, Nix] = {}
    for name, each in machine.containers.items():
        said = machine.by_name[name].description
        made = _container(each, machine)
        containers[name] = Noted(said, made) if said.strip() else made
    units = {
        machine.by_name[name].unit.removesuffix(".service"): made
        for name, each in machine.containers.items()
        if (made := _unit(each, machine.by_name[name], machine))
    }
    virtual: Attributes = {"oci-containers": {"backend": "podman", "containers": containers}}
    return {"virtualisation": virtual, "systemd": {"services": units}}


def _container(container: Container, machine: Machine) -> Attributes:
    key = container.key
    found: dict[str, Nix] = {
        "image": qualified(container.image.text if container.image else ""),
        "entrypoint": container.entrypoint[0].text if container.entrypoint else None,
        "cmd": tuple(word.text for word in container.command),
        "user": container.user.text if container.user else None,
        "environment": {
            **{v.name: v.value.text for v in container.environment if v.value},
            **mps.variables(container, machine),
        },
        "environmentFiles": secrets.environment_files(machine, key),
        "volumes": tuple(_volumes(container, machine)),
        "ports": tuple(map(port, container.ports)),
        "networks": () if container.namespace else tuple(u.name for u in container.networks),
        "dependsOn": tuple(each.name for each in container.depends_on),
        "devices": (*(d.text for d in container.devices),
                    *(g.value for g in container.gpus if g.form == "cdi")),
        "capabilities": {each.text: True for each in container.capabilities},
        "privileged": True if container.privileged else None,
        "podman": {"sdnotify": "healthy"} if _tells(key, machine) else None,
        "extraOptions": tuple(_options(container, machine)),
    }  # fmt: skip
    return {name: value for name, value in found.items() if value not in (None, (), {})}


def port(shown: PublishedPort) -> str:
    """`127.0.0.1:8080:80/udp`."""
    address = shown.address or ""
    parts = [f"[{address}]" if ":" in address else address] if address else []
    if shown.host:
        parts.append(_range(shown.host.first, shown.host.last))
    elif address:
        parts.append("")
    parts.append(_range(shown.container.first, shown.container.last))
    return ":".join(parts) + ("" if shown.protocol == "tcp" else f"/{shown.protocol}")


def _range(first: int, last: int) -> str:
    return str(first) if first == last else f"{first}-{last}"


def _volumes(container: Container, machine: Machine) -> Iterator[Nix]:
    for mount in container.mounts:
        if mount.kind != "tmpfs" and not _is_odd(mount):
            comment = allowance(mount, container, machine.ground)
            yield Noted(comment, _volume(mount)) if comment else _volume(mount)
    # A path of Nix: another file is another path in the store, and starts the unit anew.
    for source, target in mounted(container.key, machine.files(container.key)):
        yield Joined((source, f":{target}:ro"))
    yield from secrets.volumes(machine, container.key)
    yield from mps.volumes(container, machine)


def _volume(mount: Mount) -> str:
    options = [*(["ro"] if mount.read_only else []), *mount.options]
    source = mount.source.text if mount.source else ""
    return ":".join((source, mount.target.text, *([",".join(options)] if options else [])))


def _is_odd(mount: Mount) -> bool:
    """Whether podman would split its paths at the wrong colon, or take a comma for an end."""
    source = mount.source.text if mount.source else ""
    return mount.kind == "bind" and any(sign in source + mount.target.text for sign in ":,")


def _bind(mount: Mount) -> str:
    """The same as fields of a line of CSV: podman-run(1)."""
    source = mount.source.text if mount.source else ""
    fields = ["type=bind", f"source={source}", f"target={mount.target.text}",
              *(["ro"] if mount.read_only else []), *mount.options]  # fmt: skip
    return ",".join(
        '"' + each.replace('"', '""') + '"' if any(c in each for c in ',"\n\r') else each
        for each in fields
    )


def _options(container: Container, machine: Machine) -> Iterator[str]:
    """What the module has no option for: podman-run(1)."""
    service = machine.by_name[container.key]
    if space := container.namespace:
        yield f"--network=container:{space.owner}" if space.owner else f"--network={space.kind}"
    if mps.is_client(container, machine):
        yield "--ipc=host"
    if container.pid_host:
        yield "--pid=host"
    if container.memory_limit and container.memory_limit.text.isdecimal():
        yield f"--memory={_size(int(container.memory_limit.text))}"
    if service.cpus:
        yield f"--cpus={service.cpus:g}"
    if service.shared_memory:
        yield f"--shm-size={_size(service.shared_memory)}"
    if (wait := machine.ground.stop_within((machine.host.name, container.key))) != _STOP:
        yield f"--stop-timeout={wait:g}"
    if service.umask is not None and not any(v.name == "UMASK" for v in container.environment):
        yield f"--umask={service.umask:04o}"
    yield from (f"--mount={_bind(m)}" for m in container.mounts if _is_odd(m))
    yield from (f"--tmpfs={m.target.text}" for m in container.mounts if m.kind == "tmpfs")
    yield from (f"--add-host={name}:{address}" for name, address in container.extra_hosts)
    yield from (f"--security-opt={each.text}" for each in container.security)
    yield from _health(service)


def _health(service: Service) -> Iterator[str]:
    command = asked_inside(service)
    if command is None or service.health is None:
        return
    # A list of one word would be given to a shell: pkg/specgenutil/specgen.go.
    alone = command[0] if any(map(str.isspace, command[0])) else f"CMD {command[0]}"
    words = json.dumps(command, ensure_ascii=False) if len(command) > 1 else alone
    yield f"--health-cmd={words}"
    yield f"--health-interval={service.health.every:g}s"
    yield f"--health-start-period={service.health.start_within:g}s"
    yield "--health-timeout=10s"


def _size(count: int) -> str:
    for unit, letter in ((_GIB, "g"), (_MIB, "m")):
        if count % unit == 0:
            return f"{count // unit}{letter}"
    return f"{count}b"


def _tells(key: str, machine: Machine) -> bool:
    return machine.ground.tells_health((machine.host.name, key))


def _unit(container: Container, service: Service, machine: Machine) -> Attributes:
    """What comes before it, what it needs mounted, and how long its start may take."""
    first = {each.name for each in container.depends_on}
    others = [machine.by_name[n].unit for n in service.after
              if n in machine.by_name and n not in first]  # fmt: skip
    if mps.is_client(container, machine):
        others.append(mps.UNIT)
    if any(each.form == "cdi" and each.value.startswith("nvidia") for each in container.gpus):
        others.append(_CDI)
    found: dict[str, Nix] = {"after": tuple(others), "wants": tuple(others)}
    owner = container.namespace.owner if container.namespace else None
    if owner and owner in machine.by_name:
        # `Requires=` alone leaves it running in a network that is no more.
        gateway = machine.by_name[owner].unit
        found |= {"bindsTo": (gateway,), "partOf": (gateway,)}
    if service.requires_mounts:
        found["unitConfig"] = on_its_disks(service)
    if times := _times(container, service, machine):
        found["serviceConfig"] = times
    lines = Lines.of(*folders_in_tiers(service, machine))
    secret = secrets.container_unit(machine, container.key)
    if lines.parts != ("",):
        secret = {**secret, "preStart": joined(lines, secret.get("preStart"))}
    found = laid(found, secret)
    if container.gpus and _validates(machine):
        found["postStart"] = Lines.of(
            f"podman exec {container.key} nvidia-smi --list-gpus > /dev/null ||",
            f'  echo "<3>{container.key} does not see the graphics card" >&2',
        )
    return {name: value for name, value in found.items() if value not in ((), {})}


def _times(container: Container, service: Service, machine: Machine) -> Attributes:
    """What its start and its end may take."""
    found: dict[str, Nix] = {}
    if _tells(container.key, machine):
        wait = int(service.health.start_within) if service.health else 60
        # The module's 0 would have `nixos-rebuild switch` wait for ever.
        found["TimeoutStartSec"] = force(_PULL + wait)
    stop = machine.ground.stop_within((machine.host.name, container.key))
    if stop >= _UNIT_STOP:
        found["TimeoutStopSec"] = force(int(stop) + 30)
    return found


def _validates(machine: Machine) -> bool:
    feature = machine.host.features.gpu
    return feature is True or (not isinstance(feature, bool) and feature.validate)
