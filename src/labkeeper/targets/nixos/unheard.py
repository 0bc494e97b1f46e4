"""What a lab says of a service, and a module of NixOS is not told."""

from collections.abc import Callable, Iterator, Mapping
from typing import Final

from labkeeper.lab.service import Service as Declared
from labkeeper.plan import Service
from labkeeper.source import Finding
from labkeeper.targets.nixos.machine import Machine
from labkeeper.targets.nixos.places import PLACES

# What only containers have, by the keys of the lab.
_OF_CONTAINERS: Final[Mapping[str, Callable[[Declared], object]]] = {
    "image": lambda said: said.image,
    "version": lambda said: said.version,
    "command": lambda said: said.command,
    "ports": lambda said: said.ports,
    "user": lambda said: said.user,
    "capabilities": lambda said: said.capabilities,
    "networks": lambda said: said.networks,
    "cameras": lambda said: said.cameras,
    "vpn": lambda said: said.vpn,
}


def findings(service: Service, machine: Machine) -> Iterator[Finding]:
    """Of a service that its module runs."""
    declared = machine.ground.declared.get(service.key)
    if declared is None or service.form != "native":
        return
    yield from _elsewhere(service, machine)
    names = [name for name, said in _OF_CONTAINERS.items() if said(declared)]
    if declared.health and declared.health.command:
        names.append("health: command")
    if names:
        words = f"{', '.join(f'`{name}`' for name in names)} of `{service.key}`"
        yield Finding(
            "unheard-by-module", "warning",
            f"{words} {'is' if len(names) == 1 else 'are'} for a container, and a module of NixOS "
            "runs it",
            service.at, f"say it to `{service.module}` in `extra: {{nixos: ...}}`, or let a "
            "container run it: `run: container`", subject=service.key,
        )  # fmt: skip


def _elsewhere(service: Service, machine: Machine) -> Iterator[Finding]:
    """State that its module keeps where it always does, while the lab believes it elsewhere."""
    software = machine.ground.catalog.services.by_name.get(service.software or "")
    native = software.nixos if software else None
    if software is None or software.run is None or native is None or native.state is None:
        return
    for folder in service.folders:
        known = software.run.paths.get(folder.target)
        options = PLACES.get(service.module or "", {})
        if folder.source.text == native.state:
            continue
        if known and known.kind == "state" and folder.target not in options:
            yield Finding(
                "state-lies-elsewhere", "error",
                f"`{service.module}` keeps the state of `{service.key}` in "
                f"`{native.state}`, and not in `{folder.source.text}`",
                folder.at, f"take `{folder.target}` out of its `paths`, or let a container run it: "
                "`run: container`", subject=service.key,
            )  # fmt: skip
