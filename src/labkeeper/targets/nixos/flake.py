"""The flake: one system for each NixOS host, and the modules that they share."""

from collections.abc import Iterator
from importlib.resources import files
from typing import Final

from labkeeper.targets.artifact import Artifact
from labkeeper.targets.ground import Ground
from labkeeper.targets.nixos.machine import Machine
from labkeeper.targets.nixos.tree import Nix, Raw
from labkeeper.targets.nixos.writer import bindings, name, string
from labkeeper.targets.yaml import HEAD

# Stores that NixOS has from elsewhere: their flake, and their module in it.
_STORES: Final = {
    "sops": ("sops-nix", "github:Mic92/sops-nix", "sops-nix.nixosModules.sops"),
    "agenix": ("agenix", "github:ryantm/agenix", "agenix.nixosModules.default"),
}
# Modules of ours that every host has; others come with the features that need them.
_ALWAYS: Final = ("containers", "hardened", "secrets", "unfree")


def flake(ground: Ground, machines: tuple[Machine, ...]) -> Artifact:
    """flake.nix."""
    releases = sorted({each.release for each in machines}, reverse=True)
    inputs: dict[str, Nix] = {
        _input(each, releases): {"url": f"github:NixOS/nixpkgs/nixos-{each}"} for each in releases
    }
    store = _STORES.get(ground.lab.secrets.store) if ground.lab.secrets else None
    if store:
        inputs[store[0]] = {"url": store[1], "inputs": {"nixpkgs": {"follows": "nixpkgs"}}}
    head = "\n".join(bindings({"description": f"The machines of {ground.lab.lab.text}",
                               "inputs": inputs}, 1, airy=True))  # fmt: skip
    systems = "\n\n".join(_system(each, releases, store) for each in machines)
    arguments = ", ".join((*inputs, "..."))
    body = (
        f"{HEAD}{{\n{head}\n\n  outputs =\n    {{ {arguments} }}:\n    {{\n"
        f"      nixosConfigurations = {{\n{systems}\n      }};\n    }};\n}}\n"
    )
    return Artifact("flake.nix", body)


def _input(release: str, releases: list[str]) -> str:
    """The newest is the one that all else follows."""
    return "nixpkgs" if release == releases[0] else f"nixpkgs-{release.replace('.', '-')}"


def _system(machine: Machine, releases: list[str], store: tuple[str, str, str] | None) -> str:
    host = machine.host.name
    modules: list[Nix] = [Raw("./modules"), Raw(f"./hosts/{host}")]
    if store:
        modules.insert(0, Raw(store[2]))
    inner = "\n".join(bindings({"modules": modules}, 5))
    source = _input(machine.release, releases)
    return f"        {name(host)} = {source}.lib.nixosSystem {{\n{inner}\n        }};"


def modules(used: frozenset[str]) -> Iterator[Artifact]:
    """The modules of the features that a host has, and the file that names them."""
    wanted = sorted({*_ALWAYS, *used})
    folder = files("labkeeper.targets.nixos") / "modules"
    for each in wanted:
        text = (folder / f"{each}.nix").read_text("utf-8")
        yield Artifact(f"modules/{each}.nix", HEAD + text)
    paths = "".join(f"    ./{each}.nix\n" for each in wanted)
    yield Artifact("modules/default.nix", f"{HEAD}{{\n  imports = [\n{paths}  ];\n}}\n")


def described(text: str) -> str:
    """A text as a string of Nix, on one line."""
    return string(" ".join(text.split()))
