"""Networks of containers, as the lab's own module is told of them."""

import hashlib
from typing import Final

from labkeeper.plan import Network
from labkeeper.targets.nixos.machine import Machine
from labkeeper.targets.nixos.tree import Attributes, Nix

# linux/if.h: IFNAMSIZ, with the NUL.
_LONGEST: Final = 15


def module(machine: Machine) -> Attributes:
    """All networks of a host."""
    mine = [each for each in machine.ground.plan.networks if each.host == machine.host.name]
    made = {each.key: _network(each, machine) for each in mine}
    return {"lab": {"networks": made}} if made else {}


def bridge(network: str) -> str:
    """The network interface of the host that a container network has."""
    found = f"br-{network}"
    if len(found) <= _LONGEST:
        return found
    return f"br-{network[:6]}-{hashlib.sha256(network.encode()).hexdigest()[:5]}"


def _network(network: Network, machine: Machine) -> Attributes:
    stated = {name.text: each for name, each in machine.ground.lab.network.containers.items()}
    known = stated.get(network.key)
    found: dict[str, Nix] = {"interface": bridge(network.key)}
    if known and known.subnet:
        found["subnet"] = str(known.subnet)
    return {**found, "internal": True} if network.internal else found
