"""Secrets by reference: where a host finds them, and how services are given them.

https://github.com/Mic92/sops-nix and https://github.com/ryantm/agenix
"""

import shlex
from collections.abc import Iterator
from typing import Final

from labkeeper.plan import SecretUse, Service
from labkeeper.targets.nixos.keys import keys
from labkeeper.targets.nixos.machine import Machine
from labkeeper.targets.nixos.tree import Attributes, Joined, Lines, Nix, Raw, laid
from labkeeper.targets.nixos.words import specified
from labkeeper.targets.nixos.writer import name, string

# Where values are put that no store hands out as they are needed: memory, root's own.
_FOLDER: Final = "/run/labkeeper-secrets"
# Stores that decrypt into memory before anything starts.
_DECRYPTING: Final = frozenset({"sops", "agenix"})


def module(machine: Machine) -> Attributes:
    """What the store has to bring to this host, and what units of their own prepare."""
    if machine.store is None or not any(machine.secrets(each.key) for each in machine.services):
        return {}
    match machine.store.store:
        case "sops":
            found: Attributes = {"sops": _sops(machine)}
        case "agenix":
            found = {"age": {"secrets": {entry: _aged(use, owner)
                                         for entry, use, owner in _entries(machine)}}}  # fmt: skip
        case "files" | "systemd-credentials":
            found = {}
    units = {
        f"{each.key}-environment": _prepared(machine, each)
        for each in machine.natives
        if _variables(machine, each.key) and machine.store.store != "sops"
    }
    found = laid(found, keys(machine))
    if not units:
        return found
    return laid(found, {"lab": {"hardened": tuple(units)}, "systemd": {"services": units}})


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
        Joined((_mounted(machine, use), f":{use.file}:ro")) for use in _files(machine, service)
    )


def container_unit(machine: Machine, service: str) -> Attributes:
    """What the unit of a container does before it starts, where the store makes no such file."""
    store = machine.store
    if store is None or store.store == "sops":
        return {}
    lines = list(_environment(machine, service))
    copied = () if store.store in _DECRYPTING else _files(machine, service)
    if copied and not lines:
        lines = [f"install -d -m 0700 {_FOLDER}\n"]
    for use in copied:
        owner = machine.by_name[service].owner or (0, 0)
        lines += [f"install -m 0400 -o {owner[0]} -g {owner[1]} ", _in_shell(machine, use),
                  f" {_FOLDER}/{service}.{use.name}\n"]  # fmt: skip
    found: Attributes = {"preStart": Lines(tuple(lines))} if lines else {}
    found = {**found, **_triggers(machine, machine.secrets(service))}
    return laid(found, _sealed(machine, (*_variables(machine, service), *copied)))


def native_unit(machine: Machine, service: str) -> Attributes:
    """How a unit without a container is given its files: as systemd's credentials."""
    files = _files(machine, service)
    if machine.store is None or not files:
        return {}
    if machine.store.store == "systemd-credentials":
        return _sealed(machine, files)
    given = tuple(Joined((f"{use.name}:", _given(machine, use))) for use in files)
    return {"serviceConfig": {"LoadCredential": given}, **_triggers(machine, files)}


def lent(machine: Machine, service: str, names: tuple[str, ...]) -> Attributes:
    """How one of several units of a service is given some of its files, as credentials."""
    uses = tuple(use for use in _files(machine, service) if use.name in names)
    if machine.store is None or not uses:
        return {}
    if machine.store.store == "systemd-credentials":
        return _sealed(machine, uses)
    given = tuple(Joined((f"{use.name}:", _given(machine, use))) for use in uses)
    return {"serviceConfig": {"LoadCredential": given}}


def told(body: str, service: Service, machine: Machine) -> str:
    """A configuration that names secrets as its container finds them, as its unit finds them."""
    if service.form != "native":
        return body
    for use in _files(machine, service.key):
        body = body.replace(use.file or "", f"/run/credentials/{service.unit}/{use.name}")
    return body


def _sops(machine: Machine) -> Attributes:
    found: dict[str, Nix] = {
        "defaultSopsFile": Raw("config.lab.secrets.file"),
        "secrets": {entry: _sopsed(machine, entry, use, owner)
                    for entry, use, owner in _entries(machine)},
    }  # fmt: skip
    templates = {
        f"{each.key}.env": _template(machine, each.key, each.unit)
        for each in machine.services
        if _variables(machine, each.key)
    }
    return {**found, "templates": templates} if templates else found


def _sopsed(machine: Machine, entry: str, use: SecretUse, owner: int) -> Attributes:
    # labkeeper's own look at them whenever they start.
    units = [each.unit for each in machine.services if each.software != "labkeeper"
             and any(_entry(machine, u) == entry for u in _files(machine, each.key))]  # fmt: skip
    found: Attributes = {"key": use.name} if entry != use.name else {}
    found = {**found, "uid": owner} if owner else found
    return {**found, "restartUnits": units} if units else found


def _aged(use: SecretUse, owner: int) -> Attributes:
    file = Raw(f"config.lab.secrets.folder + {string(f'/{use.name}.age')}")
    return {"file": file, **({"owner": str(owner)} if owner else {})}


def _entries(machine: Machine) -> Iterator[tuple[str, SecretUse, int]]:
    """Each secret as the store is to bring it, and whose file it is."""
    found: dict[str, tuple[SecretUse, int]] = {}
    for each in machine.services:
        for use in machine.secrets(each.key):
            entry = _entry(machine, use)
            if entry not in found or not use.variable:
                found[entry] = (use, 0 if use.variable else _owner(machine, use))
    yield from ((entry, use, owner) for entry, (use, owner) in found.items())


def _entry(machine: Machine, use: SecretUse) -> str:
    """Its name; of several users who read it as a file, others have a name of their own."""
    if use.variable:
        return use.name
    uses = (u for each in machine.services for u in _files(machine, each.key))
    owners = [_owner(machine, each) for each in uses if each.name == use.name]
    own = _owner(machine, use)
    return use.name if own == owners[0] else f"{use.name}-of-{own}"


def _owner(machine: Machine, use: SecretUse) -> int:
    service = machine.by_name[use.service]
    return service.owner[0] if service.owner and service.form == "container" else 0


def _template(machine: Machine, service: str, unit: str) -> Attributes:
    parts: list[str | Raw] = []
    for use in _variables(machine, service):
        placeholder = Raw(f"config.sops.placeholder.{name(use.name)}")
        parts += [f"{use.variable}=", placeholder, "\n"]
    return {"content": Lines(tuple(parts)), "restartUnits": [unit]}


def _prepared(machine: Machine, service: Service) -> Attributes:
    """A unit of root's, since what a service runs before its start is run by its own user."""
    made: Attributes = {
        "description": f"Secret variables of {service.key}",
        "before": (service.unit,),
        "requiredBy": (service.unit,),
        "serviceConfig": {
            "Type": "oneshot",
            "RemainAfterExit": True,
            # A secret may be another's file, too.
            "CapabilityBoundingSet": "CAP_DAC_READ_SEARCH",
            "ReadWritePaths": ("/run",),
        },
        "script": Lines(tuple(_environment(machine, service.key))),
        **_triggers(machine, _variables(machine, service.key)),
    }
    return laid(made, _sealed(machine, _variables(machine, service.key)))


def _environment(machine: Machine, service: str) -> Iterator[str | Raw]:
    """Lines that write a file of variables; values are piped, never named to a program."""
    variables = _variables(machine, service)
    if not variables:
        return
    yield f"install -d -m 0700 {_FOLDER}\n(\n  umask 077\n  {{\n"
    for use in variables:
        yield f"    printf '{use.variable}=%s\\n' \"$(cat "
        yield _in_shell(machine, use)
        yield ')"\n'
    yield f"  }} > {_FOLDER}/{service}.env\n)\n"


def _triggers(machine: Machine, uses: tuple[SecretUse, ...]) -> Attributes:
    """What agenix does not do by itself: who reads a secret starts anew when it changes."""
    if not uses or machine.store is None or machine.store.store != "agenix":
        return {}
    entries = dict.fromkeys(_entry(machine, use) for use in uses)
    files = tuple(Raw(f"config.age.secrets.{name(each)}.file") for each in entries)
    return {"restartTriggers": files}


def _sealed(machine: Machine, uses: tuple[SecretUse, ...]) -> Attributes:
    store = machine.store
    if store is None or store.store != "systemd-credentials" or not uses:
        return {}
    names = dict.fromkeys(use.name for use in uses)
    sources = tuple(f"{each}:{specified(store.folder or '')}/{each}" for each in names)
    return {"serviceConfig": {"LoadCredentialEncrypted": sources}}


def _mounted(machine: Machine, use: SecretUse) -> str | Raw:
    if machine.store and machine.store.store in _DECRYPTING:
        return _path(machine, use)
    return f"{_FOLDER}/{use.service}.{use.name}"


def _in_shell(machine: Machine, use: SecretUse) -> str | Raw:
    """Where a unit reads a secret while it starts."""
    if machine.store and machine.store.store == "systemd-credentials":
        return f'"$CREDENTIALS_DIRECTORY/{use.name}"'
    found = _path(machine, use)
    return shlex.quote(found) if isinstance(found, str) else found


def _path(machine: Machine, use: SecretUse) -> str | Raw:
    """Where the store has a secret."""
    store = machine.store.store if machine.store else None
    if store in _DECRYPTING:
        root = "config.sops.secrets" if store == "sops" else "config.age.secrets"
        return Raw(f"{root}.{name(_entry(machine, use))}.path")
    return f"{machine.store.folder if machine.store else ''}/{use.name}"


def _given(machine: Machine, use: SecretUse) -> str | Raw:
    """The same, in a setting of a unit."""
    found = _path(machine, use)
    return specified(found) if isinstance(found, str) else found


def _variables(machine: Machine, service: str) -> tuple[SecretUse, ...]:
    return tuple(use for use in machine.secrets(service) if use.variable)


def _files(machine: Machine, service: str) -> tuple[SecretUse, ...]:
    found = {use.name: use for use in machine.secrets(service) if not use.variable}
    return tuple(found.values())
