"""A plan to a flake of NixOS configurations.

`hosts/HOST/default.nix` is its user's; everything else is made anew with each build.
"""

from collections.abc import Iterator

from labkeeper.source import Finding
from labkeeper.targets.artifact import Artifact
from labkeeper.targets.ground import Ground
from labkeeper.targets.nixos import (
    agent,
    containers,
    files,
    firewall,
    natives,
    networks,
    secrets,
    storage,
    unheard,
)
from labkeeper.targets.nixos.flake import flake, modules
from labkeeper.targets.nixos.host import entrance, extras, featured, own
from labkeeper.targets.nixos.machine import Machine
from labkeeper.targets.nixos.module import Module, artifact
from labkeeper.targets.nixos.release import RELEASES
from labkeeper.targets.nixos.tree import Attributes, laid

# What watches is in a file of its own, by the first words of its module or its name there.
_WATCHING = ("services.prometheus", "services.grafana", "services.loki", "services.alloy",
             "services.cadvisor")  # fmt: skip


def artifacts(ground: Ground) -> Iterator[Artifact | Finding]:
    """The files of all NixOS hosts of a lab."""
    machines = tuple(Machine(ground, host) for host in ground.hosts("nixos"))
    yield from (each for machine in machines for each in _unknown_release(machine))
    machines = tuple(each for each in machines if each.release in RELEASES)
    used: frozenset[str] = frozenset()
    for machine in machines:
        entries, features = _generated(machine)
        yield from entries
        used |= features
        yield own(machine)
    if machines:
        yield flake(ground, machines)
        yield from modules(used)


def _unknown_release(machine: Machine) -> Iterator[Finding]:
    if machine.release not in RELEASES:
        yield Finding(
            "unknown-release", "error",
            f"`{machine.host.name}` runs NixOS {machine.release}, whose options labkeeper does "
            "not know",
            machine.host.at, f"one of {', '.join(RELEASES)} in `versions: {{system: ...}}`",
            subject=machine.host.name,
        )  # fmt: skip


def _generated(machine: Machine) -> tuple[tuple[Artifact | Finding, ...], frozenset[str]]:
    flags, unknown, features = featured(machine)
    features |= {"labkeeper"} if machine.host.agent else set()
    settings, refused = _natives(machine)
    walls, unsaid = firewall.module(machine)
    disks, unclear = storage.module(machine)
    watching = {name: each for name, each in settings.items() if _watches(name, machine)}
    serving = {name: each for name, each in settings.items() if name not in watching}
    parts = (
        flags,
        Module("containers.nix", containers.module(machine)),
        Module("networks.nix", networks.module(machine)),
        Module("services.nix", laid(*serving.values())),
        Module("monitoring.nix", laid(*watching.values())),
        Module("firewall.nix", walls),
        Module("storage.nix", disks),
        Module("secrets.nix", secrets.module(machine)),
        Module("labkeeper.nix", agent.module(machine)),
    )
    own_words = tuple(extras(machine))
    lost = [each for service in machine.natives for each in unheard.findings(service, machine)]
    kept = [each for each in own_words if isinstance(each, Artifact)]
    named = sorted((
        *(each.path for each in parts if each.values),
        *(each.path.removeprefix(f"{machine.folder}/") for each in kept),
    ))  # fmt: skip
    made = (each for part in (entrance(machine, tuple(named)), *parts)
            for each in artifact(part, machine))  # fmt: skip
    return (
        *made,
        *own_words,
        *files.artifacts(machine),
        *agent.artifacts(machine),
        *unknown,
        *refused,
        *unsaid,
        *unclear,
        *lost,
    ), features


def _natives(machine: Machine) -> tuple[dict[str, Attributes], tuple[Finding, ...]]:
    found = {each.key: natives.settings(each, machine) for each in machine.natives}
    settings = {key: each for key, each in found.items() if not isinstance(each, Finding)}
    return settings, tuple(each for each in found.values() if isinstance(each, Finding))


def _watches(name: str, machine: Machine) -> bool:
    module = machine.by_name[name].module or ""
    return module.startswith(_WATCHING)
