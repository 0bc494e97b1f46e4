"""YAML as programs of every age read it: `true` and `false`, and quotes where one may doubt."""

from collections.abc import Mapping, Sequence
from typing import Final

from labkeeper.source import Bare, Writable, write_yaml

Tree = str | bool | int | float | Sequence["Tree"] | Mapping[str, "Tree"] | None

# What stands above all that a build may write over.
HEAD: Final = "# Made by labkeeper from lab.yaml: changes here are lost with the next build.\n"


def yaml(value: Tree, head: str = "") -> str:
    """A document, below a comment that says where it comes from."""
    return head + write_yaml(_writable(value))


def _writable(value: Tree) -> Writable:
    match value:
        case bool():
            return Bare("true" if value else "false")
        case Mapping():
            return {key: _writable(each) for key, each in value.items()}
        case str() | int() | float() | None:
            return value
        case _:
            return [_writable(each) for each in value]
