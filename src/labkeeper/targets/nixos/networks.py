"""Networks of containers. The module makes none, so a unit makes each before its containers."""

import hashlib
import shlex
from typing import Final

from labkeeper.plan import Network
from labkeeper.targets.nixos.machine import Machine
from labkeeper.targets.nixos.tree import Attributes, Lines, Nix, Raw

# linux/if.h: IFNAMSIZ, with the NUL.
_LONGEST: Final = 15


def module(machine: Machine) -> Attributes:
    """A unit for each network of a host."""
    mine = [each for each in machine.ground.plan.networks if each.host == machine.host.name]
    units = {f"podman-network-{each.key}": _unit(each, machine) for each in mine}
    return {"systemd": {"services": units}} if units else {}


def bridge(network: str) -> str:
    """The network interface of the host that a container network has."""
    found = f"br-{network}"
    if len(found) <= _LONGEST:
        return found
    return f"br-{network[:6]}-{hashlib.sha256(network.encode()).hexdigest()[:5]}"


def _unit(network: Network, machine: Machine) -> Attributes:
    stated = {name.text: each for name, each in machine.ground.lab.network.containers.items()}
    known = stated.get(network.key)
    users = [
        machine.by_name[name].unit
        for name, each in machine.containers.items()
        if not each.namespace and any(use.name == network.key for use in each.networks)
    ]
    options = [f"--interface-name={bridge(network.key)}"]
    if known and known.subnet:
        options.append(f"--subnet={known.subnet}")
    if network.internal:
        options.append("--internal")
    command = shlex.join(("podman", "network", "create", "--ignore", *options, network.key))
    found: dict[str, Nix] = {
        "description": f"Podman network {network.key}",
        "requiredBy": users,
        "before": users,
        "path": (Raw("config.virtualisation.podman.package"),),
        "script": Lines.of(command),
        # So that another subnet is taken up: its containers stop before it does, and start after.
        "preStop": Lines.of(f"podman network rm --force {network.key}"),
        "serviceConfig": {"Type": "oneshot", "RemainAfterExit": True},
    }
    return found
