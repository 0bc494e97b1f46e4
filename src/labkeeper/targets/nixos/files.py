"""Files that services read: they lie beside what is generated, and go to Nix's store from there."""

import posixpath
from collections.abc import Iterator

from labkeeper.targets.artifact import Artifact, Configuration
from labkeeper.targets.nixos import secrets
from labkeeper.targets.nixos.machine import Machine
from labkeeper.targets.nixos.tree import Raw


def artifacts(machine: Machine) -> Iterator[Artifact]:
    """All of a host's."""
    for each in machine.ground.configurations:
        if each.host == machine.host.name and each.service in machine.by_name:
            body = secrets.told(each.body, machine.by_name[each.service], machine)
            yield Artifact(f"{machine.folder}/files/{each.service}/{each.name}", body)


def place(service: str, name: str) -> Raw:
    """The path of a file, or a folder of them, as modules name it."""
    return Raw(f"./files/{service}/{name}")


def mounted(service: str, files: tuple[Configuration, ...]) -> Iterator[tuple[Raw, str]]:
    """What is to be seen, and where: a folder that holds nothing else as a whole."""
    folders: dict[str, list[str]] = {}
    for each in files:
        folders.setdefault(posixpath.dirname(each.path), []).append(each.name)
    for each in files:
        folder = posixpath.dirname(each.path)
        names = folders[folder]
        whole = len(names) > 1 and "/" in each.name
        if not whole:
            yield place(service, each.name), each.path
        elif each.name == names[0]:
            yield place(service, posixpath.dirname(each.name)), folder
