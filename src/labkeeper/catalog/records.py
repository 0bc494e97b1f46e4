"""The catalog's own files to records."""

from typing import TypeVar

from labkeeper.source import Problem, Slice, decode, parse_yaml

T = TypeVar("T")


def read_records(path: str, text: str, want: type[T]) -> tuple[list[T], list[Problem]]:
    """What a file holds, a document each, and what is wrong with it."""
    nodes = parse_yaml(Slice.whole(path, text))
    if isinstance(nodes, Problem):
        return [], [nodes]
    decoded = [decode(node, want) for node in nodes]
    found = [each.value for each in decoded if each.value is not None]
    return found, [problem for each in decoded for problem in each.problems]
