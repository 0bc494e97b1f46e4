"""labkeeper's own units on a NixOS host, its user, and the lab itself."""

from collections.abc import Iterator, Mapping
from typing import Final

from labkeeper.targets.agent import Setting, Subject, UnitFile, hardening, subject_of, unit_files
from labkeeper.targets.agent.unit_file import settings
from labkeeper.targets.artifact import Artifact
from labkeeper.targets.nixos import secrets
from labkeeper.targets.nixos.machine import Machine
from labkeeper.targets.nixos.tree import Attributes, Nix, Noted, Raw, laid

KEY: Final = "labkeeper"
# Settings of `[Unit]` that NixOS has options of their own for.
_OPTIONS: Final = {"After": "after", "Wants": "wants", "Requires": "requires"}
# What modules/labkeeper.nix says of all of them.
_COMMON: Final = frozenset((each.key, each.value) for each in settings(hardening.COMMON))


def module(machine: Machine) -> Attributes:
    """The settings; none where nobody wants it there."""
    subject = subject_of(machine.ground, machine.host)
    if subject is None:
        return {}
    kinds: dict[str, dict[str, Nix]] = {}
    confined: list[str] = []
    for each in unit_files(subject):
        name, _, kind = each.name.rpartition(".")
        if _COMMON.issubset((s.key, s.value) for s in each.own):
            confined.append(name)
        kinds.setdefault(f"{kind}s", {})[name] = _unit(each, subject, machine)
    etc = {f"labkeeper/{path}": {"source": source} for path, source in _lab(machine)}
    return {
        "lab": {"labkeeper": confined},
        **({"environment": {"etc": etc}} if etc else {}),
        "systemd": {
            "tmpfiles": {"settings": {"10-labkeeper-agent": {"/var/lib/labkeeper": {"d": {
                "user": "root", "group": KEY, "mode": "0750",
            }}}}},
            **kinds,
        },
        "users": {
            "users": {KEY: {"isSystemUser": True, "group": KEY,
                            "description": "labkeeper's agent"}},
            "groups": {KEY: {}},
        },
    }  # fmt: skip


def artifacts(machine: Machine) -> Iterator[Artifact]:
    """The lab, as its owner wrote it, beside what is generated of it."""
    if machine.host.agent is not None:
        for path, text in machine.ground.lab_files.items():
            yield Artifact(f"{machine.folder}/files/{KEY}/{path}", text)


def _lab(machine: Machine) -> Iterator[tuple[str, Raw]]:
    for path in machine.ground.lab_files:
        yield path, Raw(f"./files/{KEY}/{path}")


def _unit(unit: UnitFile, subject: Subject, machine: Machine) -> Attributes:
    options = {_OPTIONS[each.key]: _noted(each, tuple(each.value.split()))
               for each in unit.unit if each.key in _OPTIONS}  # fmt: skip
    others = tuple(each for each in unit.unit if each.key not in _OPTIONS)
    found: dict[str, Nix] = {"description": unit.title, **options}
    if unit.wanted_by:
        found["wantedBy"] = (unit.wanted_by,)
    if others:
        found["unitConfig"] = _section(others)
    if unit.kind == "service":
        found |= _of_service(unit, subject, machine)
    own = tuple(each for each in unit.own if (each.key, each.value) not in _COMMON)
    found[f"{unit.kind}Config"] = _section(own)
    if not unit.secrets:
        return found
    return laid(found, secrets.lent(machine, KEY, unit.secrets))


def _of_service(unit: UnitFile, subject: Subject, machine: Machine) -> Attributes:
    """What it calls, and which files it reads again where they change."""
    found: dict[str, Nix] = {}
    if unit.secrets:
        found["path"] = _programs(subject, machine)
    elif unit.name == "labkeeper-mover.service" and subject.snapshots:
        zfs = (Raw("config.boot.zfs.package"),) if machine.host.zfs else ()
        found["path"] = (Raw("pkgs.btrfs-progs"), *zfs)
    sources = tuple(source for _, source in _lab(machine))
    if sources and any(each.key == "ExecReload" for each in unit.own):
        found["reloadTriggers"] = sources
    return found


def _programs(subject: Subject, machine: Machine) -> tuple[Nix, ...]:
    """The programs that keep backups, those that these call, and who runs containers."""
    used = {"borg": "borgbackup", "restic": "restic"}
    kept = dict.fromkeys(used[each.repository.program] for each in subject.kept)
    own = ("pkgs.openssh", "pkgs.util-linux", *(f"pkgs.{each}" for each in kept))
    podman = ("config.virtualisation.podman.package",) if machine.containers else ()
    return tuple(map(Raw, (*own, *podman)))


def _section(lines: tuple[Setting, ...]) -> Mapping[str, Nix]:
    found: dict[str, Nix] = {}
    counts = [each.key for each in lines]
    for each in lines:
        if counts.count(each.key) == 1:
            found[each.key] = _noted(each, _value(each))
            continue
        before = found.get(each.key, ())
        assert isinstance(before, tuple)  # noqa: S101  made here, one by one
        found[each.key] = (*before, _noted(each, _value(each)))
    return found


def _value(setting: Setting) -> Nix:
    if setting.value in {"yes", "no"} and setting.key != "ProtectHome":
        return setting.value == "yes"
    is_number = setting.value.isdigit() and not setting.value.startswith("0")
    return int(setting.value) if is_number else setting.value


def _noted(setting: Setting, value: Nix) -> Nix:
    return Noted(setting.note, value) if setting.note else value
