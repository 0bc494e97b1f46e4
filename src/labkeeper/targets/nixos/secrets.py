"""Secrets by reference: where a host finds them, and how services are given them.

https://github.com/Mic92/sops-nix and https://github.com/ryantm/agenix
"""

import shlex
from collections.abc import Mapping
from typing import Final

from labkeeper.plan import SecretUse
from labkeeper.targets.nixos.machine import Machine
from labkeeper.targets.nixos.tree import Attributes, Joined, Lines, Nix, Raw, laid
from labkeeper.targets.nixos.writer import name

# Where files of variables are put together that no store makes: memory, root's own.
_FOLDER: Final = "/run/labkeeper-secrets"


def module(machine: Machine) -> Attributes:
    """What the store has to bring to this host."""
    store = machine.store
    uses = [use for each in machine.services for use in machine.secrets(each.key)]
    if store is None or not uses:
        return {}
    match store.store:
        case "sops":
            templates = {
                f"{each.key}.env": _template(machine, each.key, each.unit)
                for each in machine.services
                if _variables(machine, each.key)
            }
            found: Attributes = {"defaultSopsFile": Raw("config.lab.secrets.file"),
                                 "secrets": _sops(machine)}  # fmt: skip
            return {"sops": {**found, "templates": templates} if templates else found}
        case "agenix":
            names = dict.fromkeys(use.name for use in uses)
            files = {
                each: {"file": Raw(f"config.lab.secrets.folder + {_text(f'/{each}.age')}")}
                for each in names
            }
            return {"age": {"secrets": files}}
        case "files" | "systemd-credentials":
            return {}


def environment_files(machine: Machine, service: str) -> tuple[Nix, ...]:
    """The files of variables that a service is given."""
    if not _variables(machine, service) or machine.store is None:
        return ()
    if machine.store.store == "sops":
        return (Raw(f"config.sops.templates.{name(f'{service}.env')}.path"),)
    return (f"{_FOLDER}/{service}.env",)


def volumes(machine: Machine, service: str) -> tuple[Nix, ...]:
    """The secrets that a container finds as files."""
    return tuple(
        Joined((path(machine, use), f":/run/secrets/{use.name}:ro"))
        for use in _files(machine, service)
    )


def unit(machine: Machine, service: str) -> Attributes:
    """What the unit of a service does before it starts, where the store makes no such file."""
    store = machine.store
    if store is None or store.store == "sops":
        return {}
    variables, files = _variables(machine, service), _files(machine, service)
    sealed = store.store == "systemd-credentials"
    lines: list[str | Raw] = []
    if variables or (sealed and files):
        lines += [f"install -d -m 0700 {_FOLDER}\n"]
    if variables:
        # Values are read with `cat`, never named: they would be in the list of processes.
        lines += ["(\n  umask 077\n  {\n"]
        for use in variables:
            lines += [f"    printf '{use.variable}=%s\\n' \"$(cat ",
                      _in_shell(machine, use), ')"\n']  # fmt: skip
        lines += [f"  }} > {_FOLDER}/{service}.env\n)\n"]
    for use in files if sealed else ():
        lines += ["install -m 0400 ", _in_shell(machine, use),
                  f" {_FOLDER}/{service}.{use.name}\n"]  # fmt: skip
    found: dict[str, Nix] = {"preStart": Lines(tuple(lines))} if lines else {}
    names = dict.fromkeys(use.name for use in (*variables, *files))
    if sealed and names:
        sources: tuple[Nix, ...] = tuple(f"{each}:{store.folder}/{each}" for each in names)
        return laid(found, {"serviceConfig": {"LoadCredentialEncrypted": sources}})
    return found


def path(machine: Machine, use: SecretUse) -> str | Raw:
    """Where a program of the host finds a secret."""
    store = machine.store
    if store is None:
        return f"/run/secrets/{use.name}"
    match store.store:
        case "sops":
            return Raw(f"config.sops.secrets.{name(use.name)}.path")
        case "agenix":
            return Raw(f"config.age.secrets.{name(use.name)}.path")
        case "files":
            return f"{store.folder}/{use.name}"
        case "systemd-credentials":
            return f"{_FOLDER}/{use.service}.{use.name}"


def _in_shell(machine: Machine, use: SecretUse) -> str | Raw:
    """Where a unit reads a secret while it starts."""
    if machine.store and machine.store.store == "systemd-credentials":
        return f'"$CREDENTIALS_DIRECTORY/{use.name}"'
    found = path(machine, use)
    return shlex.quote(found) if isinstance(found, str) else found


def _sops(machine: Machine) -> Mapping[str, Nix]:
    """Each secret once; what reads it as a file starts anew when it changes."""
    found: dict[str, list[str]] = {}
    for each in machine.services:
        for use in machine.secrets(each.key):
            units = found.setdefault(use.name, [])
            if use.variable is None and each.unit not in units:
                units.append(each.unit)
    return {key: {"restartUnits": units} if units else {} for key, units in found.items()}


def _template(machine: Machine, service: str, unit: str) -> Attributes:
    parts: list[str | Raw] = []
    for use in _variables(machine, service):
        placeholder = Raw(f"config.sops.placeholder.{name(use.name)}")
        parts += [f"{use.variable}=", placeholder, "\n"]
    return {"content": Lines(tuple(parts)), "restartUnits": [unit]}


def _variables(machine: Machine, service: str) -> tuple[SecretUse, ...]:
    return tuple(use for use in machine.secrets(service) if use.variable)


def _files(machine: Machine, service: str) -> tuple[SecretUse, ...]:
    return tuple(use for use in machine.secrets(service) if not use.variable)


def _text(text: str) -> str:
    return f'"{text}"'
