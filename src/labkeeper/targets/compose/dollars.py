"""Texts that compose would fill in, made to stay as they are."""

from collections.abc import Mapping

from labkeeper.source import Plain
from labkeeper.targets.yaml import Line, Tree


def escaped(tree: Tree) -> Tree:
    """`$$` for each `$` of its values: names of keys are not filled in.

    https://docs.docker.com/reference/compose-file/interpolation/
    """
    match tree:
        case str():
            return tree.replace("$", "$$")
        case Line(value=Mapping() as inner):
            return Line({key: escaped(each) for key, each in inner.items()})
        case Line(value=inner):
            return Line([escaped(each) for each in inner])
        case Mapping():
            return {key: escaped(each) for key, each in tree.items()}
        case bool() | int() | float() | Plain() | None:
            return tree
        case _:
            return [escaped(each) for each in tree]
