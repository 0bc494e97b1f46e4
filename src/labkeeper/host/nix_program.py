"""What Nix is given to evaluate: a program that says in JSON what configurations come to."""

import json
from collections.abc import Iterable, Sequence
from typing import Final

from labkeeper.values import dataclass

Path = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Wanted:
    """Parts of a configuration: whole ones, sets of which some names are wanted, or some fields."""

    options: tuple[Path, ...] = ()
    # Sets of which the names are wanted that the folder's own files give them.
    named: tuple[Path, ...] = ()
    # Sets of which each has these fields, as the rest may be expensive; and how names have to begin
    # where not all are wanted.
    picked: tuple[tuple[Path, tuple[Path, ...], tuple[str, ...]], ...] = ()

    def __len__(self) -> int:
        return len(self.options) + len(self.named) + len(self.picked)

    def halves(self) -> "tuple[Wanted, Wanted]":
        """Two that together want the same."""
        return self._cut(0), self._cut(1)

    def _cut(self, which: int) -> "Wanted":
        parts = [(kind, each) for kind in ("options", "named", "picked")
                 for each in getattr(self, kind)]  # fmt: skip
        middle = len(parts) // 2
        kept = parts[middle:] if which else parts[:middle]
        return Wanted(*(tuple(each for kind, each in kept if kind == name)
                        for name in ("options", "named", "picked")))  # fmt: skip

    @property
    def one(self) -> str:
        """What is wanted, where it is one thing."""
        paths = (*self.options, *self.named, *(path for path, _, _ in self.picked))
        return ".".join(paths[0]) if paths else ""


# What JSON cannot say, or Nix refuses to, becomes a mark; JSON is told nothing that would be built.
# A configuration's names are asked for first: an option that is not declared is told of there, and
# nowhere else. Definitions as they were given may hold what `mkIf` and its like have made.
_PROGRAM: Final = """
let
  at = path: set: builtins.foldl'
    (here: name: if builtins.isAttrs here && here ? ${name} then here.${name} else null) set path;
  unknown = { __unknown = true; };
  plain = depth: value:
    let tried = builtins.tryEval value; it = tried.value; in
    if !tried.success || depth > 12 then unknown
    else if builtins.isAttrs it then
      if (it.type or null) == "derivation" || it ? __functor || it ? outPath
        || builtins.elem (it._type or null) [ "if" "merge" "order" "override" ] then unknown
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
  together = builtins.foldl' merge { };
  is = test: value: let tried = builtins.tryEval (test value); in tried.success && tried.value;
  names = value: if is builtins.isAttrs value then builtins.attrNames value else [ ];
  length = builtins.stringLength root + 1;
  inside = file: builtins.substring 0 length (toString file) == root + "/";
  short = file: builtins.substring length 4096 (toString file);
  given = host: path:
    let option = at path host.options; in
    builtins.filter (d: inside d.file)
      (if builtins.isAttrs option then option.definitionsWithLocations or [ ] else [ ]);
  byFile = host: path: read: builtins.foldl' (all: d: all // {
      ${short d.file} = (all.${short d.file} or [ ]) ++ read d.value;
    }) { } (given host path);
  chosen = host: path:
    let all = at path host.config; in
    builtins.listToAttrs (map (name: { inherit name; value = plain 0 (at [ name ] all); })
      (builtins.concatMap (d: names d.value) (given host path)
       ++ builtins.filter (n: (builtins.tryEval ((at [ n ] all).enable or false)).value == true)
         (if builtins.elem "exporters" path then names all else [ ])));
  begins = name: start: builtins.substring 0 (builtins.stringLength start) name == start;
  picks = host: { path, fields, starts }:
    let
      tried = builtins.tryEval (at path host.config);
      all = if tried.success && builtins.isAttrs tried.value then tried.value else { };
      fits = name: starts == [ ] || builtins.any (begins name) starts;
      wanted = builtins.filter fits (names all);
      one = value: together (map (field: set field (plain 0 (at field value))) fields);
    in if !tried.success then unknown
    else if !(builtins.isAttrs tried.value) then null
    else builtins.listToAttrs (map (name: { inherit name; value = one all.${name}; }) wanted);
  listed = value: if is builtins.isList value then map (plain 1) value else [ unknown ];
  one = host: builtins.seq (builtins.attrNames (host.config or { })) {
    values = together (map (path: set path (plain 0 (at path host.config))) paths
      ++ map (path: set path (chosen host path)) named
      ++ map (pick: set pick.path (picks host pick)) picked);
    definitions = builtins.listToAttrs (map (path: {
      name = builtins.concatStringsSep "." path;
      value = byFile host path names;
    }) (named ++ paths ++ map (pick: pick.path) picked));
    parts = builtins.listToAttrs (map (path: {
      name = builtins.concatStringsSep "." path;
      value = byFile host path listed;
    }) (builtins.filter (path: is builtins.isList (at path host.config)) paths));
  };
in builtins.mapAttrs (_: %s) chosenHosts
"""
# What a set's names are alone, in the same form: one of them may be what cannot be evaluated.
_NAMES: Final = """(host: {
    values = together (map (path: set path (builtins.listToAttrs (map
      (name: { inherit name; value = unknown; })
      (builtins.concatMap (d: names d.value) (given host path))))) named);
    definitions = builtins.listToAttrs (map (path: {
      name = builtins.concatStringsSep "." path;
      value = byFile host path names;
    }) named);
  })"""
# Which hosts there are, and whether the modules of each can be put together at all.
_HOSTS: Final = "builtins.mapAttrs (_: host: null) chosenHosts"


def program(
    hosts: str, wanted: Wanted, only: str | None = None, *, names_alone: bool = False
) -> str:
    """What says all that is wanted of one host, or of all; or the names in its sets alone."""
    picked = " ".join(
        f"{{ path = {_list(path)}; fields = [ {_lists(fields)} ]; starts = {_list(starts)}; }}"
        for path, fields, starts in wanted.picked
    )
    return (
        f"let {_chosen(hosts, only)} paths = [ {_lists(wanted.options)} ];"
        f" named = [ {_lists(wanted.named)} ]; picked = [ {picked} ]; in "
        + _PROGRAM.replace("%s", _NAMES if names_alone else "one")
    )


def hosts_alone(hosts: str) -> str:
    """What says which hosts there are."""
    return f"let {_chosen(hosts, None)} in {_HOSTS}"


def _chosen(hosts: str, only: str | None) -> str:
    chosen = "hosts" if only is None else f"{{ inherit (hosts) {quoted(only)}; }}"
    return f"{hosts} chosenHosts = {chosen};"


def _lists(paths: Iterable[Sequence[str]]) -> str:
    return " ".join(map(_list, paths))


def _list(path: Sequence[str]) -> str:
    return f"[ {' '.join(map(quoted, path))} ]"


def quoted(text: str) -> str:
    """A text as Nix writes it."""
    return json.dumps(text, ensure_ascii=False).replace("${", "\\${")
