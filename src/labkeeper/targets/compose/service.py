"""One service of a compose file."""

from collections.abc import Iterator
from typing import Final

from labkeeper.plan import Container, Host, PublishedPort, Service
from labkeeper.source import Plain
from labkeeper.targets.compose import mounts, secrets
from labkeeper.targets.ground import LABEL, Ground
from labkeeper.targets.health import asked_inside
from labkeeper.targets.images import qualified
from labkeeper.targets.yaml import Line, Tree

# https://docs.docker.com/reference/compose-file/services/#stop_grace_period
_GRANTED: Final = 10.0
_UNITS: Final = ((1 << 30, "g"), (1 << 20, "m"), (1 << 10, "k"), (1, "b"))


def service_tree(service: Service, host: Host, ground: Ground) -> dict[str, Tree]:
    """All that is said of it, in the order in which people write it; what is not said is left out.

    Keys: https://docs.docker.com/reference/compose-file/services/
    """
    key = (service.host, service.key)
    container = ground.containers[key]
    digest = ground.digest(key)
    tree: dict[str, Tree] = {
        "image": _image(container),
        "container_name": container.name.text if container.name else service.key,
        "entrypoint": Line([word.text for word in container.entrypoint]),
        "command": Line([word.text for word in container.command]),
        # Until 5.8, Podman's own unit starts only what is to run `always` when the host starts:
        # https://github.com/containers/podman/issues/20418
        "restart": "unless-stopped" if host.engine == "docker" else "always",
        "stop_grace_period": _grace(ground.stop_within(key)),
        "depends_on": _waits(service, ground),
        **_network(container),
        "user": container.user.text if container.user else None,
        "environment": {v.name: v.value.text for v in container.environment if v.value},
        "env_file": secrets.variables_file(service, ground),
        "secrets": secrets.names(service, ground),
        "volumes": list(mounts.volumes(service, host, ground)),
        "tmpfs": [m.target.text for m in container.mounts if m.kind == "tmpfs"],
        "devices": list(_devices(container)),
        "cap_add": [each.text for each in container.capabilities],
        "security_opt": [each.text for each in container.security],
        "privileged": True if container.privileged else None,
        "pid": "host" if container.pid_host else None,
        "mem_limit": _size(service.memory),
        "cpus": _number(service.cpus),
        "shm_size": _size(service.shared_memory),
        "deploy": _reservation(container),
        "healthcheck": _health(service),
        "labels": {LABEL: digest} if digest else None,
        # The daemon's own log files never end: https://docs.docker.com/engine/logging/drivers/local/
        "logging": Line({"driver": "local"}) if host.engine == "docker" else None,
    }
    return {name: value for name, value in tree.items() if not _is_empty(value)}


def _is_empty(value: Tree) -> bool:
    return value is None or value in ([], {}, Line([]))


def _image(container: Container) -> str:
    text = container.image.text if container.image else ""
    return qualified(text) if container.engine == "podman" else text


def _waits(service: Service, ground: Ground) -> Tree:
    """What runs before it, and works where that can be told.

    `restart` starts it anew with its gateway: its network is gone with the gateway's container.
    """
    waits: dict[str, Tree] = {}
    for name in service.after:
        key = (service.host, name)
        if key not in ground.containers:
            continue
        healthy = ground.tells_health(key)
        wait: dict[str, Tree] = {"condition": "service_healthy" if healthy else "service_started"}
        if name == service.through:
            wait["restart"] = True
        waits[name] = Line(wait)
    return waits


def _network(container: Container) -> dict[str, Tree]:
    """Whose network it uses, or which ones it is on, and the ports that it shows there."""
    if container.namespace:
        owner = container.namespace.owner
        return {"network_mode": f"service:{owner}" if owner else container.namespace.kind}
    networks: Tree = [use.name for use in container.networks]
    if any(use.aliases for use in container.networks):
        networks = {
            use.name: {"aliases": list(use.aliases)} if use.aliases else None
            for use in container.networks
        }
    return {
        "networks": networks,
        "extra_hosts": [f"{name}:{address}" for name, address in container.extra_hosts],
        # YAML 1.1 takes `22:22` for a number of base 60, so people put all of them in quotes.
        "ports": [Plain(f'"{_port(port)}"') for port in container.ports],
    }


def _port(port: PublishedPort) -> str:
    address = f"[{port.address}]" if port.address and ":" in port.address else port.address
    ranges = [
        str(each.first) if each.first == each.last else f"{each.first}-{each.last}"
        for each in (port.host, port.container)
        if each
    ]
    protocol = "" if port.protocol == "tcp" else f"/{port.protocol}"
    if address and not port.host:
        ranges.insert(0, "")
    return ":".join([address, *ranges] if address else ranges) + protocol


def _devices(container: Container) -> Iterator[str]:
    """A path is given on both sides: podman-compose takes nothing else for granted."""
    for device in container.devices:
        text = device.text
        yield f"{text}:{text}" if text.startswith("/") and ":" not in text else text
    yield from (gpu.value for gpu in container.gpus if gpu.form in {"cdi", "device"})


def _reservation(container: Container) -> Tree:
    """Docker's way to a graphics card: https://docs.docker.com/compose/how-tos/gpu-support/"""
    wanted = [gpu.value for gpu in container.gpus if gpu.form == "reservation"]
    devices: list[Tree] = [
        {"driver": driver, "count": "all", "capabilities": Line(["gpu"])} for driver in wanted
    ]
    return {"resources": {"reservations": {"devices": devices}}} if devices else None


def _health(service: Service) -> Tree:
    command, probe = asked_inside(service), service.health
    if command is None or probe is None:
        return None
    return {
        "test": Line(["CMD", *command]),
        "interval": _lasting(probe.every),
        "timeout": "10s",
        "retries": 3,
        "start_period": _lasting(probe.start_within),
    }


def _grace(seconds: float) -> str | None:
    """How long it may take to end, where that is not what engines grant."""
    return None if seconds == _GRANTED else _lasting(seconds)


def _size(amount: int | None) -> str | None:
    if amount is None:
        return None
    unit, letter = next((unit, letter) for unit, letter in _UNITS if amount % unit == 0)
    return f"{amount // unit}{letter}"


def _number(amount: float | None) -> Tree:
    return int(amount) if amount is not None and amount == int(amount) else amount


def _lasting(seconds: float) -> str:
    """A duration as Go reads it, where nothing is longer than hours."""
    rest = round(seconds * 1000)
    parts: list[str] = []
    for unit, length in (("h", 3_600_000), ("m", 60_000), ("s", 1000), ("ms", 1)):
        count, rest = divmod(rest, length)
        if count:
            parts.append(f"{count}{unit}")
    return "".join(parts) or "0s"
