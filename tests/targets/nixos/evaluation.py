"""A build as Nix itself reads it: a flake's hosts to what they set."""

import json
import re
import subprocess
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from labkeeper.targets.artifact import Artifact
from labkeeper.targets.ground import Ground
from labkeeper.targets.nixos.release import release
from tests.programs import program
from tests.targets.labs import compiled, ground
from tests.targets.nixos.options import Tree, nested, table

STUB = Path(__file__).parent / "stub"
# Packages that modules choose by a setting.
_CHOSEN = ("bash", "zsh", "fish", "neovim", "vim", "emacs", "helix", "micro", "nano")


@dataclass(frozen=True)
class Built:
    """A lab, its files, and what each of its NixOS hosts sets."""

    ground: Ground
    files: dict[str, str]
    hosts: dict[str, dict[str, Tree]]


@cache
def built(text: str) -> Built:
    """The lab of a text, compiled and evaluated."""
    made = compiled(text)
    assert not [each for each in made.findings if each.severity == "error"]
    files = {each.path: each.body for each in made.artifacts}
    base = ground(text)
    names = [host.name for host in base.hosts("nixos")]
    return Built(base, files, evaluated(files, names, base))


@cache
def artifacts_of(text: str) -> tuple[Artifact, ...]:
    """The files of a lab."""
    return compiled(text).artifacts


def evaluated(files: dict[str, str], hosts: list[str], base: Ground) -> dict[str, dict[str, Tree]]:
    """What Nix makes of the files."""
    with TemporaryDirectory() as above:
        root = Path(above) / "build"
        for path, body in files.items():
            (root / path).parent.mkdir(parents=True, exist_ok=True)
            (root / path).write_bytes(body.encode())
        _secrets(Path(above), base)
        named = re.findall(r"pkgs\.([A-Za-z0-9_-]+)", "\n".join(files.values()))
        packages = sorted({*named, *_CHOSEN})
        names = " ".join(json.dumps(each) for each in packages)
        releases = {host.name: release(host) for host in base.hosts("nixos")}
        for each in set(releases.values()):
            body = json.dumps(nested(table(each)))
            (Path(above) / f"options-{each}.json").write_text(body, "utf-8")
        calls = " ".join(
            f"{json.dumps(host)} = host {{ flake = {root}; host = {json.dumps(host)}; "
            f"table = {above}/options-{releases[host]}.json; packages = [ {names} ]; }};"
            for host in hosts
        )
        expression = f"let host = import {STUB}/host.nix; in {{ {calls} }}"
        done = subprocess.run(
            [program("nix-instantiate"), "--eval", "--strict", "--json", "--readonly-mode", "-E",
             expression],
            capture_output=True, text=True, timeout=120, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        found: dict[str, dict[str, Tree]] = json.loads(done.stdout)
        return found


def _secrets(folder: Path, base: Ground) -> None:
    """What a user keeps beside lab.yaml."""
    store = base.lab.secrets
    if store and store.file:
        (folder / store.file).parent.mkdir(parents=True, exist_ok=True)
        (folder / store.file).write_text("{}", "utf-8")
    if store and store.folder and not store.folder.startswith("/"):
        (folder / store.folder).mkdir(parents=True, exist_ok=True)
        for name in {use.name for use in base.plan.secret_uses}:
            (folder / store.folder / f"{name}.age").write_text("", "utf-8")


def at(tree: Tree, path: str) -> Tree:
    """What stands at a path; nothing, where there is nothing."""
    for step in path.split("."):
        tree = tree.get(step) if isinstance(tree, dict) else None
    return tree
