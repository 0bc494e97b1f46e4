"""A file of Nix: a module that sets options, below a comment that says where it comes from."""

import re
from collections.abc import Iterator
from typing import Final

from labkeeper.source import Finding
from labkeeper.targets.artifact import Artifact
from labkeeper.targets.nixos.machine import Machine
from labkeeper.targets.nixos.tree import Attributes
from labkeeper.targets.nixos.writer import UnwritableError, bindings
from labkeeper.targets.yaml import HEAD
from labkeeper.values import dataclass

_ARGUMENTS: Final = ("config", "lib", "pkgs")


@dataclass(frozen=True, slots=True)
class Module:
    """Settings of a host; `path` is relative to the folder of what is generated for it."""

    path: str
    values: Attributes


def artifact(module: Module, machine: Machine) -> Iterator[Artifact | Finding]:
    """The file, where there is anything in it; a finding, where Nix cannot hold it."""
    if not module.values:
        return
    try:
        body = text(module.values)
    except UnwritableError as error:
        yield Finding(
            "unwritable-in-nix", "error",
            f"{error} is in a text of `{machine.host.name}`, and no Nix string can hold it",
            machine.host.at, f"take it out of what becomes `{module.path}`",
            subject=machine.host.name,
        )  # fmt: skip
        return
    yield Artifact(f"{machine.folder}/{module.path}", body)


def text(values: Attributes) -> str:
    """A module that sets these options, with the arguments that it needs."""
    body = "\n".join(bindings(values, 1, airy=True))
    return f"{HEAD}{header(body)}\n{{\n{body}\n}}\n"


def header(body: str) -> str:
    """What a module is given: only what it uses."""
    used = [each for each in _ARGUMENTS if re.search(rf"(?<![\w.-]){each}\.", body)]
    return f"{{ {', '.join((*used, '...'))} }}:"
