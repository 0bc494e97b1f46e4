"""Nix, asked what a configuration comes to: offline, building nothing, writing no lock file."""

import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Final

from labkeeper.host.run import ask, is_there
from labkeeper.values import regex

# Five hosts take a minute on a small machine.
_PATIENCE: Final = 600.0
# Names that a file asks its configuration for, as far as they are written out.
_ASKED: Final = regex(r"\bconfig((?:\.[A-Za-z_][\w-]*){2,})")
# Far more than anybody asks for, or asked for in another way.
_LEFT: Final = frozenset({"systemd", "environment", "nixpkgs", "lib", "boot", "nix", "assertions"})
_ALWAYS: Final = (
    "--option", "allow-import-from-derivation", "false",
    "--extra-experimental-features", "nix-command flakes",
)  # fmt: skip

# What JSON cannot say, or Nix refuses to, becomes a mark; JSON is told nothing that would be built.
_PROGRAM: Final = """
let
  at = path: set: builtins.foldl'
    (here: name: if builtins.isAttrs here && here ? ${name} then here.${name} else null) set path;
  unknown = { __unknown = true; };
  plain = depth: value:
    let tried = builtins.tryEval value; it = tried.value; in
    if !tried.success || depth > 12 then unknown
    else if builtins.isAttrs it then
      if (it.type or null) == "derivation" || it ? __functor || it ? outPath then unknown
      else builtins.mapAttrs (_: plain (depth + 1)) it
    else if builtins.isList it then map (plain (depth + 1)) it
    else if builtins.isString it then builtins.unsafeDiscardStringContext it
    else if builtins.isPath it then toString it
    else if builtins.isFunction it then unknown
    else it;
  set = path: value: if path == [ ] then value
    else { ${builtins.head path} = set (builtins.tail path) value; };
  merge = a: b: if builtins.isAttrs a && builtins.isAttrs b
    then a // builtins.mapAttrs (n: v: if a ? ${n} then merge a.${n} v else v) b else b;
  names = value: if builtins.isAttrs value then builtins.attrNames value else [ ];
  length = builtins.stringLength root + 1;
  inside = file: builtins.substring 0 length (toString file) == root + "/";
  short = file: builtins.substring length 4096 (toString file);
  given = host: path:
    let option = at path host.options; in
    builtins.filter (d: inside d.file)
      (if builtins.isAttrs option then option.definitionsWithLocations or [ ] else [ ]);
  chosen = host: path:
    let all = at path host.config; in
    builtins.listToAttrs (map (name: { inherit name; value = plain 0 (at [ name ] all); })
      (builtins.concatMap (d: names d.value) (given host path)
       ++ builtins.filter (n: (builtins.tryEval ((at [ n ] all).enable or false)).value == true)
         (if builtins.elem "exporters" path then names all else [ ])));
  one = host: {
    values = builtins.foldl' merge { } (map (path: set path (plain 0 (at path host.config))) paths
      ++ map (path: set path (chosen host path)) named);
    definitions = builtins.listToAttrs (map (path: {
      name = builtins.concatStringsSep "." path;
      value = builtins.foldl' (all: d: all // {
        ${short d.file} = (all.${short d.file} or [ ]) ++ names d.value;
      }) { } (given host path);
    }) (named ++ paths));
  };
in builtins.mapAttrs (_: one) hosts
"""


def whole_file(texts: Mapping[str, str]) -> str | None:
    """The file that a folder is evaluated by."""
    return next((name for name in ("flake.nix", "configuration.nix") if name in texts), None)


def evaluated(
    root: Path,
    texts: Mapping[str, str],
    options: Iterable[Sequence[str]],
    named: Iterable[Sequence[str]],
) -> Mapping[str, str] | str:
    """What each host's configuration comes to, as JSON; or why Nix does not say."""
    if not is_there("nix") or not is_there("nix-instantiate"):
        return "`nix` is not installed here"
    folder = str(root.resolve())
    if whole_file(texts) == "flake.nix":
        hosts = (
            f"flake = builtins.getFlake {_quoted(folder)}; root = toString flake.outPath;"
            " hosts = flake.nixosConfigurations;"
        )
    else:
        hosts = (
            f"root = {_quoted(folder)}; hosts.{_quoted('')} = import <nixpkgs/nixos>"
            f" {{ configuration = /. + {_quoted(folder + '/configuration.nix')}; }};"
        )
    paths = {tuple(path) for path in options} | _asked(texts)
    program = (
        f"let {hosts} paths = [ {_lists(sorted(paths))} ]; named = [ {_lists(named)} ];"
        f" in {_PROGRAM}"
    )
    return _answer(["nix", *_ALWAYS, "eval", "--json", "--impure", "--offline", "--expr", program])


def _answer(command: list[str]) -> Mapping[str, str] | str:
    answer = ask(command, _PATIENCE)
    if answer is None or not answer.is_good:
        errors = [line.strip() for line in (answer.error if answer else "").splitlines()]
        told = [line for line in errors if line.startswith("error:") and line != "error:"]
        return (told or [line for line in errors if line] or ["it did not answer"])[-1]
    try:
        hosts = json.loads(answer.out)
    except ValueError:
        return "its answer is no JSON"
    if not isinstance(hosts, dict):
        return "`nixosConfigurations` is no set of hosts"
    return {str(name): json.dumps(host) for name, host in hosts.items()}


def _asked(texts: Mapping[str, str]) -> set[tuple[str, ...]]:
    """The parts of their own configuration that files ask for, each without those inside it."""
    found = {
        tuple(match[1].strip(".").split("."))
        for path, text in texts.items() if path.endswith(".nix")
        for match in _ASKED.finditer(text)
    }  # fmt: skip
    kept = {path for path in found if path[0] not in _LEFT}
    return {path for path in kept if not any(path[:n] in kept for n in range(1, len(path)))}


def _lists(paths: Iterable[Sequence[str]]) -> str:
    return " ".join(f"[ {' '.join(map(_quoted, path))} ]" for path in paths)


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False).replace("${", "\\${")
