import pytest
from hypothesis import given
from hypothesis import strategies as st

from labkeeper.source import (
    Bare,
    Problem,
    Scalar,
    Sequence,
    Slice,
    Writable,
    parse_yaml,
    write_yaml,
)
from labkeeper.source import Mapping as Tree
from labkeeper.source.tree import Node

_TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
_VALUES = st.recursive(
    _TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_TEXT, inner, max_size=3),
    max_leaves=8,
)


def plain(node: Node) -> Writable:
    match node:
        case Scalar():
            return None if node.is_null else node.value
        case Sequence():
            return [plain(item) for item in node.items]
        case Tree():
            return {key.value: plain(value) for key, value in node.pairs}


@given(_VALUES)
def test_what_is_written_is_read_back(value: Writable) -> None:
    """Any text, in any nesting, comes back as it was."""
    nodes = parse_yaml(Slice.whole("x.yaml", write_yaml(value)))

    assert not isinstance(nodes, Problem), nodes
    assert value == plain(nodes[0])


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ({"a": None, "b": {}, "c": []}, "a:\nb: {}\nc: []\n"),
        (
            {"a": "no", "b": Bare("no"), "c": "1.5", "d": "15%"},
            'a: "no"\nb: no\nc: "1.5"\nd: 15%\n',
        ),
        ({"a": ["p", "q"]}, "a: [p, q]\n"),
        ({"a": ["x: y", "z"]}, 'a:\n  - "x: y"\n  - z\n'),
        ({"a": [{"b": "c", "d": "e"}]}, "a:\n  - b: c\n    d: e\n"),
        ({"a": "one\n\ntwo\n"}, "a: |\n  one\n\n  two\n"),
        ({"a": "one\ntwo"}, "a: |-\n  one\n  two\n"),
        ({"a": "x\x07\u2028"}, 'a: "x\\x07\\u2028"\n'),
    ],
)
def test_the_way_of_writing(value: Writable, text: str) -> None:
    """Quotes stand only where YAML, or a person, would take the text for something else."""
    assert text == write_yaml(value)


def test_comments_stand_above_their_keys() -> None:
    """A comment is one line of its own, whatever it holds, and no part of the value."""
    value: Writable = {"a": {"b": "1", "c": ["x"]}}
    comments = {("a", "c"): ("one\nb: 2", ""), ("a",): ("two",), ("no",): ("never",)}

    text = write_yaml(value, comments)

    assert text == '# two\na:\n  b: "1"\n  # one\\nb: 2\n\n  c: [x]\n'
