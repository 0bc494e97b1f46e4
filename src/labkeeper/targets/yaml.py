"""YAML as programs of every age read it: `true` and `false`, and quotes where one may doubt."""

from collections.abc import Mapping, Sequence
from typing import Final, TypeAlias

from labkeeper.source import Bare, Comments, Flow, Plain, Writable, write_yaml
from labkeeper.values import dataclass

Tree: TypeAlias = (
    "str | bool | int | float | Plain | Line | Sequence[Tree] | Mapping[str, Tree] | None"
)

# What stands above all that a build may write over.
HEAD: Final = "# Made by labkeeper from lab.yaml: changes here are lost with the next build.\n"


@dataclass(frozen=True, slots=True)
class Line:
    """A list or a mapping that reads best on one line."""

    value: Sequence[Tree] | Mapping[str, Tree]


def yaml(value: Tree, head: str = "", comments: Comments | None = None) -> str:
    """A document, below a comment that says where it comes from."""
    return head + write_yaml(_writable(value), comments)


def _writable(value: Tree) -> Writable:
    match value:
        case bool():
            return Bare("true" if value else "false")
        case Line(value=Mapping() as inner):
            return Flow({key: _writable(each) for key, each in inner.items()})
        case Line(value=inner):
            return Flow([_writable(each) for each in inner])
        case Mapping():
            return {key: _writable(each) for key, each in value.items()}
        case str() | int() | float() | Plain() | None:
            return value
        case _:
            return [_writable(each) for each in value]
