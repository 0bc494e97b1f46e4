"""What is added to the unit that a module of NixOS makes."""

import shlex
from collections.abc import Mapping
from typing import Final

from labkeeper.plan import Service
from labkeeper.targets.artifact import Configuration
from labkeeper.targets.nixos import secrets
from labkeeper.targets.nixos.files import mounted
from labkeeper.targets.nixos.machine import Machine
from labkeeper.targets.nixos.places import PLACES, state
from labkeeper.targets.nixos.release import grafana_needs_key
from labkeeper.targets.nixos.tree import Attributes, Lines, Nix, force, laid
from labkeeper.targets.nixos.words import bound, listed, specified

# Modules that name the devices which their unit may use, and what the cards are beside these:
# nixos/modules/services/misc/jellyfin.nix allows `char-drm`.
_ITS_DEVICES: Final[Mapping[str, Mapping[str, tuple[str, ...]]]] = {
    "services.jellyfin": {"nvidia": ("char-nvidia* rw",)},
}
# Paths that a configuration names as its container has them, and where the module keeps the same.
_INSIDE: Final[Mapping[str, Mapping[str, str]]] = {"services.loki": {"/loki": "/var/lib/loki"}}
# What modules are handed in an option, by the end of its path.
_HANDED: Final[Mapping[str, tuple[str, ...]]] = {
    "services.prometheus": ("/prometheus.yml",),
    "services.prometheus.alertmanager": ("/alertmanager.yml",),
    "services.prometheus.exporters.blackbox": ("/config.yml",),
    "services.loki": ("/local-config.yaml",),
    "services.grafana": (
        "/provisioning/datasources/labkeeper.yaml",
        "/provisioning/dashboards/labkeeper.yaml",
    ),
    "services.caddy": ("/Caddyfile",),
}
# Whose devices are, by the beginnings of their paths: systemd's rules.d/50-udev-default.rules.
_GROUPS: Final = (
    ("/dev/tty", "dialout"), ("/dev/serial/", "dialout"), ("/dev/dri/render", "render"),
    ("/dev/dri", "video"), ("/dev/video", "video"), ("/dev/snd", "audio"),
)  # fmt: skip
# Modules that look after their own files, and those whose unit can be told to read them again.
_LOOKS_ITSELF: Final = frozenset({"services.alloy"})
_RELOADS: Final = frozenset({"services.prometheus"})


def on_its_disks(service: Service) -> Attributes:
    """Without its disks it does not start, rather than fill the folders below them."""
    paths = service.requires_mounts
    return {
        "RequiresMountsFor": tuple(map(listed, paths)),
        "AssertPathIsMountPoint": tuple(map(specified, paths)),
    }


def unit(service: Service, machine: Machine) -> Attributes:
    """What comes before it, what it may use, and what it is given."""
    found: dict[str, Nix] = {}
    others = tuple(machine.by_name[n].unit for n in service.after if n in machine.by_name)
    if others:
        found |= {"after": others, "wants": others}
    if service.requires_mounts:
        found["unitConfig"] = on_its_disks(service)
    if inner := _limits(service, machine):
        found["serviceConfig"] = inner
    variables = _environment(service, machine)
    if variables:
        found["environment"] = variables
    for option, reloads in (("restartTriggers", False), ("reloadTriggers", True)):
        if service.module in _LOOKS_ITSELF or (reloads and service.module not in _RELOADS):
            continue
        read = tuple(f for f in lying_in_etc(service, machine) if f.reloads == reloads)
        if triggers := tuple(source for source, _ in mounted(service.key, read)):
            found[option] = triggers
    if service.module == "services.grafana" and grafana_needs_key(machine.release):
        found["preStart"] = _key(state(service, "/var/lib/grafana", "/var/lib/grafana"))
    return laid(found, secrets.native_unit(machine, service.key))


def _limits(service: Service, machine: Machine) -> Attributes:
    """What it may take, see and open."""
    found: dict[str, Nix] = _binds(service)
    if service.gpu and machine.gpu:
        known = _ITS_DEVICES.get(service.module or "", {})
        found["DeviceAllow"] = known.get(machine.gpu.vendor or "", ())
    found = laid(found, _devices(service, machine))
    if service.umask is not None:
        found["UMask"] = force(f"{service.umask:04o}")
    if service.memory:
        found["MemoryMax"] = service.memory
    if service.cpus:
        found["CPUQuota"] = f"{service.cpus * 100:g}%"
    found["EnvironmentFile"] = secrets.environment_files(machine, service.key)
    return {name: each for name, each in found.items() if each != ()}


def _devices(service: Service, machine: Machine) -> Attributes:
    """Devices that the lab names: what a module hides is shown, and who may open them is joined."""
    declared = machine.ground.declared.get(service.key)
    paths = tuple(each.text for each in declared.devices) if declared else ()
    if not paths:
        return {}
    groups = {group for path in paths for start, group in _GROUPS if path.startswith(start)}
    return {
        "DeviceAllow": tuple(f"{specified(path)} rw" for path in paths),
        "PrivateDevices": force(False),
        **({"SupplementaryGroups": tuple(sorted(groups))} if groups else {}),
    }


def lying_in_etc(service: Service, machine: Machine) -> tuple[Configuration, ...]:
    """What it reads and its module is not handed."""
    handed = _HANDED.get(service.module or "", ())
    return tuple(
        each
        for each in machine.files(service.key)
        if each.path.startswith("/etc/") and not each.path.endswith(handed)
    )


def _key(folder: str) -> Lines:
    """What Grafana encrypts passwords with; a database of before has them by the old default.

    https://github.com/NixOS/nixpkgs/pull/484374
    """
    key, database = (shlex.quote(f"{folder}/{name}") for name in ("secret-key", "data/grafana.db"))
    return Lines.of(
        f"if [ ! -e {key} ]; then",
        "  (",
        "    umask 077",
        f"    if [ -e {database} ]; then",
        f"      printf SW2YcwTIb9zpOOhoPsMm > {key}",
        "    else",
        f"      head --bytes 32 /dev/urandom | base64 --wrap 0 > {key}",
        "    fi",
        "  )",
        "fi",
    )


def _environment(service: Service, machine: Machine) -> Attributes:
    """The lab's own variables: systemd reads `%` in them, and Nix's module escapes no more."""
    declared = {name.text: each for name, each in machine.ground.lab.services.items()}
    if service.key not in declared:
        return {}
    return {
        name.text: specified(str(value))
        for name, value in declared[service.key].environment.items()
        if not str(value).startswith("secret:")
    }


def _binds(service: Service) -> dict[str, Nix]:
    """Paths of its container that the lab names, at the same place in its own view."""
    options = PLACES.get(service.module or "", {})
    shown = [f for f in service.folders
             if f.target not in options and f.source.text != f.target]  # fmt: skip
    found: dict[str, Nix] = {}
    inside = _INSIDE.get(service.module or "", {})
    own = tuple(bound(state(service, target, kept), target) for target, kept in inside.items())
    for option, read_only in (("BindPaths", False), ("BindReadOnlyPaths", True)):
        paths = tuple(bound(f.source.text, f.target) for f in shown if f.read_only == read_only)
        if paths := (*paths, *(() if read_only else own)):
            found[option] = paths
    return found
