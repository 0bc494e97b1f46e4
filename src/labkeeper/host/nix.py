"""Nix, asked what a configuration comes to: offline, building nothing, writing no lock file."""

import json
import time
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from labkeeper.host.nix_program import Wanted, hosts_alone, program, quoted
from labkeeper.host.run import ask, is_there
from labkeeper.values import dataclass, regex

# Five hosts take a minute on a small machine; all questions together take no longer than this.
PATIENCE: Final = 600.0
# Names that a file asks its configuration for, as far as they are written out.
_ASKED: Final = regex(r"\bconfig((?:\.[A-Za-z_][\w-]*){2,})")
# Far more than anybody asks for, or asked for in another way.
_LEFT: Final = frozenset({"systemd", "environment", "nixpkgs", "lib", "boot", "nix", "assertions"})
_ALWAYS: Final = (
    "--option", "allow-import-from-derivation", "false",
    "--option", "flake-registry", "",
    "--extra-experimental-features", "nix-command flakes",
)  # fmt: skip
# `--offline` keeps Nix from its caches alone: `fetchurl`, `fetchTarball` and `fetchGit` still go to
# the network (seen with Nix 2.8). Its downloads and Git's are led to a port where nobody listens.
_NOWHERE: Final = "http://127.0.0.1:9"
_CUT_OFF: Final = {
    **dict.fromkeys(
        [name for each in ("http", "https", "ftp", "all")
         for name in (f"{each}_proxy", f"{each.upper()}_PROXY")],
        _NOWHERE,
    ),
    "no_proxy": "", "NO_PROXY": "",
    "GIT_ALLOW_PROTOCOL": "file", "GIT_TERMINAL_PROMPT": "0",
}  # fmt: skip


def whole_file(texts: Mapping[str, str]) -> str | None:
    """The file that a folder is evaluated by."""
    return next((name for name in ("flake.nix", "configuration.nix") if name in texts), None)


@dataclass(frozen=True, slots=True)
class Told:
    """What each host's configuration comes to, as JSON; and what could not be told, and why."""

    hosts: Mapping[str, str]
    lost: tuple[str, ...] = ()


def evaluated(root: Path, texts: Mapping[str, str], wanted: Wanted) -> Told | str:
    """What Nix says of all hosts; or why it says nothing."""
    if not is_there("nix") or not is_there("nix-instantiate"):
        return "`nix` is not installed here"
    options = tuple(sorted({*wanted.options, *_asked(texts)}))
    asking = _Asking(_hosts(root, texts), time.monotonic() + PATIENCE)
    return asking.told(replace(wanted, options=options))


def _hosts(root: Path, texts: Mapping[str, str]) -> str:
    folder = str(root.resolve())
    if whole_file(texts) == "flake.nix":
        return (
            f"flake = builtins.getFlake {quoted(folder)}; root = toString flake.outPath;"
            " hosts = flake.nixosConfigurations;"
        )
    return (
        f"root = {quoted(folder)}; hosts.{quoted('')} = import <nixpkgs/nixos>"
        f" {{ configuration = /. + {quoted(folder + '/configuration.nix')}; }};"
    )


class _Asking:
    """Asks for all at once, and where that fails for less and less, so that one fault costs one."""

    def __init__(self, hosts: str, until: float) -> None:
        self.hosts = hosts
        self.until = until
        self.lost: list[str] = []

    def told(self, wanted: Wanted) -> Told | str:
        all_of_them = self._answer(program(self.hosts, wanted))
        if not isinstance(all_of_them, str):
            return Told({name: json.dumps(host) for name, host in all_of_them.items()})
        names = self._answer(hosts_alone(self.hosts))
        if isinstance(names, str):
            return names
        found: dict[str, str] = {}
        for name in names:
            host = self._host(name, wanted)
            if host:
                found[name] = json.dumps(host)
        return Told(found, tuple(self.lost)) if found else all_of_them

    def _host(self, name: str, wanted: Wanted) -> dict[str, Any]:
        # Where not even its modules fit together, there is no part to look for.
        bare = self._answer(program(self.hosts, Wanted(), name))
        if isinstance(bare, str):
            self.lost.append(f"nothing of `{name}`: {bare}")
            return {}
        return self._parts(name, wanted)

    def _parts(self, name: str, wanted: Wanted) -> dict[str, Any]:
        answer = self._answer(program(self.hosts, wanted, name))
        if not isinstance(answer, str):
            found = answer.get(name)
            return found if isinstance(found, dict) else {}
        if len(wanted) == 1:
            if wanted.named and (found := self._each(name, wanted, wanted.named[0])):
                return found
            of = f" of `{name}`" if name else ""
            self.lost.append(f"`{wanted.one}`{of}: {answer}")
            return {}
        first, second = (self._parts(name, half) for half in wanted.halves())
        return _merged(first, second)

    def _each(self, host: str, wanted: Wanted, path: tuple[str, ...]) -> dict[str, Any]:
        """A set of which one thing cannot be evaluated: each of them by itself."""
        answer = self._answer(program(self.hosts, wanted, host, names_alone=True))
        found = answer.get(host) if isinstance(answer, dict) else None
        names = _inner(found, "definitions", ".".join(path))
        each = {str(name) for given in names.values() for name in given}
        if not found or not each:
            return {}
        parts = self._parts(host, Wanted(tuple((*path, name) for name in sorted(each))))
        return _merged(found, parts)

    def _answer(self, text: str) -> dict[str, Any] | str:
        left = self.until - time.monotonic()
        if left <= 0:
            return f"it took more than {PATIENCE:.0f} s"
        command = ["nix", *_ALWAYS, "eval", "--json", "--impure", "--offline", "--expr", text]
        answer = ask(command, left, _CUT_OFF)
        if answer is None or not answer.is_good:
            errors = [line.strip() for line in (answer.error if answer else "").splitlines()]
            told = [line for line in errors if line.startswith("error:") and line != "error:"]
            return (told or [line for line in errors if line] or ["it did not answer"])[-1]
        try:
            hosts = json.loads(answer.out)
        except ValueError:
            return "its answer is no JSON"
        return hosts if isinstance(hosts, dict) else "`nixosConfigurations` is no set of hosts"


def _inner(tree: Any, *path: str) -> dict[str, Any]:
    for name in path:
        tree = tree.get(name) if isinstance(tree, dict) else None
    return tree if isinstance(tree, dict) else {}


def _merged(first: dict[str, Any], second: dict[str, Any]) -> dict[str, Any]:
    found = dict(first)
    for key, value in second.items():
        mine = found.get(key)
        both = isinstance(mine, dict) and isinstance(value, dict)
        found[key] = _merged(mine, value) if both else value  # type: ignore[arg-type]
    return found


def _asked(texts: Mapping[str, str]) -> set[tuple[str, ...]]:
    """The parts of their own configuration that files ask for, each without those inside it."""
    found = {
        tuple(match[1].strip(".").split("."))
        for path, text in texts.items() if path.endswith(".nix")
        for match in _ASKED.finditer(text)
    }  # fmt: skip
    kept = {path for path in found if path[0] not in _LEFT}
    return {path for path in kept if not any(path[:n] in kept for n in range(1, len(path)))}
