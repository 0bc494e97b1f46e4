"""Services that a module of NixOS runs: what each of them is told.

What is not in the table is switched on and no more; options are those of the module, by its name.
"""

from collections.abc import Mapping
from typing import Final

from labkeeper.plan import Service
from labkeeper.source import Finding
from labkeeper.targets.nixos.files import mounted
from labkeeper.targets.nixos.machine import Machine
from labkeeper.targets.nixos.programs import MADE, plain
from labkeeper.targets.nixos.tree import Attributes, laid
from labkeeper.targets.nixos.unit import lying_in_etc, unit

# They do not start with `enable` alone, and nobody but their user can say the rest.
_NEED_MORE: Final = {
    "services.authelia": "an instance with its users and secrets",
    "services.frigate": "its host name and cameras",
    "services.nextcloud": "its host name and the first password",
    "services.mysql": "which of its programs it is",
}
# Their packages are not free software, which NixOS wants to be told.
_UNFREE: Final[Mapping[str, tuple[str, ...]]] = {"services.plex": ("plexmediaserver",)}


def settings(service: Service, machine: Machine) -> Attributes | Finding:
    """What the module of a service is told, with what its unit needs."""
    module = service.module or ""
    extra = machine.ground.lab.services
    own = next((each.extra.nixos for name, each in extra.items() if name.text == service.key), None)
    if module in _NEED_MORE and not own:
        return Finding(
            "native-needs-more", "error",
            f"`{module}` needs {_NEED_MORE[module]}, which labkeeper does not know",
            service.at, "say it in `extra: {nixos: ...}`, or let a container run it: "
            "`run: container`", subject=service.key,
        )  # fmt: skip
    made = {} if module in _NEED_MORE else MADE.get(module, plain)(service, machine)
    own_unit = unit(service, machine)
    units: Attributes = {
        "systemd": {"services": {service.unit.removesuffix(".service"): own_unit}}
    } if own_unit else {}  # fmt: skip
    unfree = {"lab": {"unfree": _UNFREE[module]}} if module in _UNFREE else {}
    return laid(_under(module, made) if made else {}, unfree, _files(service, machine), units)


def _under(module: str, values: Attributes) -> Attributes:
    found: Attributes = values
    for step in reversed(module.split(".")):
        found = {step: found}
    return found


def _files(service: Service, machine: Machine) -> Attributes:
    """What it reads lies where it lies in its container, so that files may name each other."""
    shown = mounted(service.key, lying_in_etc(service, machine))
    files = {target.removeprefix("/etc/"): {"source": source} for source, target in shown}
    return {"environment": {"etc": files}} if files else {}
