"""What a host is: the file that is its user's own, and the one that takes in what is generated."""

import posixpath
from collections.abc import Iterator
from typing import Final

from labkeeper.source import Finding, Slice, comment_line
from labkeeper.targets.artifact import Artifact
from labkeeper.targets.nixos.features import flags
from labkeeper.targets.nixos.machine import Machine
from labkeeper.targets.nixos.module import Module
from labkeeper.targets.nixos.tree import Apply, Nix, Raw
from labkeeper.targets.nixos.writer import name, string
from labkeeper.values import regex

_SSH: Final = 22
_WORD: Final = regex(r"[A-Za-z0-9_.+-]+")


def own(machine: Machine) -> Artifact:
    """hosts/HOST/default.nix: written once, and never again."""
    said = " ".join(machine.host.description.split())
    about = f"{comment_line(said)}\n#\n" if said else ""
    secrets = _secrets(machine)
    user = name(machine.host.user)
    body = f"""\
{about}# This file is yours: labkeeper wrote it once, and leaves it alone.
# What you set here comes before what is generated, where that says `mkDefault`; put
# `lib.mkForce` in front of anything else.
{{ lib, ... }}:

{{
  imports = [
    ./generated
  ]
  # Made on the machine, by `nixos-generate-config --show-hardware-config`.
  ++ lib.optional (builtins.pathExists ./hardware-configuration.nix) ./hardware-configuration.nix;

  # Nothing that is generated says how it boots and who may log in: say both before the first
  # switch, or import what /etc/nixos/configuration.nix says of them.
  # boot.loader.systemd-boot.enable = true;
  # boot.loader.efi.canTouchEfiVariables = true;
  # services.openssh.enable = true;
  # users.users.{user}.openssh.authorizedKeys.keys = [ "ssh-ed25519 ..." ];

  # The release that the machine was installed with. It stays as it is when the release changes.
  system.stateVersion = "{machine.release}";
{secrets}{_cluster(machine)}}}
"""
    return Artifact(f"hosts/{machine.host.name}/default.nix", body, kept=True)


def _secrets(machine: Machine) -> str:
    """Where the lab's secrets are, seen from the file of a host."""
    store = machine.store
    if store is None or store.store not in ("sops", "agenix"):
        return ""
    what, path = ("file", store.file) if store.store == "sops" else ("folder", store.folder)
    key = "sops.age.keyFile" if store.store == "sops" else "age.identityPaths"
    note = (
        "  # Encrypted, beside lab.yaml, when that is one folder above this flake. The host reads\n"
        f"  # it with its key of ssh, which comes with sshd; `{key}` names another.\n"
    )
    place = _beside(path or "")
    if store.store == "sops" and not _WORD.fullmatch(posixpath.basename(path or "")):
        # The store has names of its own for what has signs that it does not take.
        place = f'builtins.path {{\n    name = "secrets";\n    path = {place};\n  }}'
    return f"\n{note}  lab.secrets.{what} = {place};\n"


def _cluster(machine: Machine) -> str:
    """What a host of a cluster is to be told that no lab has."""
    on = machine.host.features.cluster
    if isinstance(on, bool) or on.role == "server":
        return ""
    return """
  # The token of the server, out of /var/lib/rancher/k3s/server/token there: a file, best a secret.
  # lab.cluster.tokenFile = "/run/secrets/k3s-token";
"""


def _beside(path: str) -> str:
    """A path beside lab.yaml, from hosts/HOST."""
    steps = [each for each in posixpath.normpath(path).split("/") if each]
    if path.startswith("/"):
        return "/" + "/".join(steps) if all(map(_WORD.fullmatch, steps)) else f"/. + {string(path)}"
    if all(map(_WORD.fullmatch, steps)):
        return "/".join(("../../..", *steps))
    return f"../../.. + {string('/' + '/'.join(steps))}"


def entrance(machine: Machine, names: tuple[str, ...]) -> Module:
    """generated/default.nix: who the host is, and the other files."""
    asked = tuple(str(each) for each in machine.ground.lab.network.dns)
    network = {"hostName": Apply("lib.mkDefault", (machine.host.name,))}
    if asked:
        network["nameservers"] = Apply("lib.mkDefault", (asked,))
    values: dict[str, Nix] = {
        "imports": tuple(Raw(f"./{each}") for each in names),
        "networking": network,
        "time": {"timeZone": Apply("lib.mkDefault", (machine.host.timezone,))},
        "nixpkgs": {"hostPlatform": Apply("lib.mkDefault", (machine.host.system,))},
    }
    if machine.host.port != _SSH:
        ports = Apply("lib.mkDefault", ((machine.host.port,),))
        values["services"] = {"openssh": {"ports": ports}}
    return Module("default.nix", {key: each for key, each in values.items() if each != ()})


def featured(machine: Machine) -> tuple[Module, tuple[Finding, ...], frozenset[str]]:
    """generated/features.nix: the flags of the lab's own modules, and which these are."""
    found, findings = flags(machine)
    return Module("features.nix", {"lab": found} if found else {}), findings, frozenset(found)


def extras(machine: Machine) -> Iterator[Artifact | Finding]:
    """What the lab says in Nix, word for word, each in a file of its own."""
    for service in machine.services:
        declared = machine.ground.declared.get(service.key)
        text = declared.extra.nixos if declared else None
        if not declared or not text or not text.strip():
            continue
        # Not indented: a string of several lines would be another one.
        body = (
            f"# `extra` of {service.key}, out of lab.yaml, word for word.\n"
            f"{{\n  config,\n  lib,\n  pkgs,\n  ...\n}}:\n\n{{\n{text.rstrip()}\n}}\n"
        )
        if _holds_bindings(text):
            yield Artifact(f"{machine.folder}/extra/{service.key}.nix", body)
        else:
            yield Finding(
                "bad-extra", "error",
                f"`extra: nixos` of `{service.key}` is not what a set of Nix holds",
                declared.extra.at,
                "write bindings, `services.x.y = 1;`, as between the braces of a module",
                subject=service.key,
            )  # fmt: skip


def _holds_bindings(text: str) -> bool:
    """Whether it is what stands between `let` and `in`: nothing in it closes the set around it."""
    # Imported here: few labs have such texts, and the parser's library is large.
    from labkeeper.audit.nix.parsing import parsed  # noqa: PLC0415

    return not parsed(Slice.whole("extra.nix", f"let\n{text}\nin null")).broken
