"""The options of NixOS that builds set: that they are there, and take what they are given.

`options.json` is made by `scripts/derive_nixos_options.py`: a name as the manual has it (`_name_`
for any attribute), and the type in its words. `newer.json` are options that are younger than that
manual or went since, each with the releases that have it and where that is said.
"""

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

Tree = dict[str, "Tree"] | list["Tree"] | str | int | float | bool | None
HERE = Path(__file__).parent
# Beginnings of what is no option of NixOS itself: the lab's own modules, and the secret stores'.
ELSEWHERE: Final = ("lab.", "sops.", "age.", "assertions.", "warnings.")
# Types below which anything may stand.
_FREE: Final = re.compile(
    r"JSON value|YAML value|INI|systemd option|sysctl|nixpkgs config|attribute set of string"
)
_QUOTED: Final = re.compile("“([^”]*)”")


def table(release: str | None = None) -> dict[str, str]:
    """All options that builds may set, with their types; of one release, or of any."""
    found: dict[str, str] = json.loads((HERE / "options.json").read_text("utf-8"))
    newer = json.loads((HERE / "newer.json").read_text("utf-8"))
    for name, each in newer.items():
        if release is None or each["since"] <= release < each.get("until", "99"):
            found[name] = each["type"]
        else:
            found.pop(name, None)
    return found


def nested(known: Mapping[str, str]) -> Tree:
    """The same as modules see it in `options`: a type at the end of each path."""
    tree: dict[str, Tree] = {}
    for name, type_ in known.items():
        node = tree
        for step in name.split("."):
            inner = node.setdefault(step, {})
            assert isinstance(inner, dict)
            node = inner
        node["_type"] = type_
    return tree


def located(tree: Tree, known: Mapping[str, str]) -> Iterator[tuple[str, Tree]]:
    """What is set, by the name of its option; a name that is not known is as it was written."""
    nodes: dict[str, set[str]] = {}
    for name in known:
        steps = name.split(".")
        for at in range(len(steps)):
            nodes.setdefault(".".join(steps[:at]), set()).add(steps[at])
    yield from _below("", tree, known, nodes)


def _below(
    path: str, tree: Tree, known: Mapping[str, str], nodes: Mapping[str, set[str]]
) -> Iterator[tuple[str, Tree]]:
    children = nodes.get(path, set())
    if tree == {} and path not in known:
        # What no condition let through sets nothing.
        return
    if not isinstance(tree, dict) or not tree or not children:
        yield path, tree
        return
    for name, inner in tree.items():
        step = name if name in children else "_name_" if "_name_" in children else None
        if step:
            yield from _below(f"{path}.{step}".lstrip("."), inner, known, nodes)
        elif _FREE.search(known.get(path, "")):
            yield path, {name: inner}
        else:
            yield f"{path}.{name}".lstrip("."), inner


def fits(value: Tree, type_: str) -> bool:
    """Whether an option of a type takes a value, by the words of the manual."""
    if isinstance(value, dict):
        return bool(re.search("attribute set|submodule|INI", type_) or _FREE.search(type_))
    if isinstance(value, list):
        inner = re.search(r"list of \(?(.*)", type_)
        return inner is not None and all(fits(each, inner[1]) for each in value)
    if value is None:
        return type_.startswith("null or ")
    if isinstance(value, bool):
        return "boolean" in type_
    if isinstance(value, int):
        return "integer" in type_
    if isinstance(value, float):
        return "floating" in type_
    return _takes_text(value, type_)


def _takes_text(value: str, type_: str) -> bool:
    type_ = re.split("list of|attribute set of", type_)[0]
    if value.startswith("<package "):
        return bool(re.search("package|unspecified", type_))
    if "one of" in type_ or "singular enum" in type_:
        return value in _QUOTED.findall(type_) or "or string" in type_
    if re.search(r"\bpath\b", type_) and value.startswith("/"):
        return True
    return bool(re.search("string|unspecified|systemd option", type_))
