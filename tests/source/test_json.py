"""JSON trees: what YAML's reader refuses, places, and no text that breaks the reader."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from labkeeper.source import Mapping, Problem, Scalar, Slice, parse_json, walk
from tests.source.test_yaml import TREES, plain


def test_surrogate_pairs_and_long_keys() -> None:
    """Surrogate pairs are one character, and a key may be longer than YAML's 1,024."""
    long = "k" * 5_000
    text = '{"smile": "\\ud83d\\ude00 then foo", "' + long + '": 1}'

    parsed = parse_json(Slice.whole("f", text))

    assert isinstance(parsed, Mapping)
    smile = parsed.scalar("smile")
    assert smile
    assert smile.value == "\U0001f600 then foo"
    at = smile.text.find("foo")
    assert text[at.start : at.end] == "foo"
    assert long in parsed


@pytest.mark.parametrize(
    ("text", "words", "at"),
    [
        ("", "a JSON value is missing here", 0),
        ("{,}", "expected a key in double quotes here", 1),
        ('{"a" 1}', "expected `:` here", 5),
        ('{"a": 1 "b": 2}', "expected `,` or `}` here", 8),
        ("[1 2]", "expected `,` or `]` here", 3),
        ("[1] x", "text after the end of the JSON value", 4),
        ('"abc', "unterminated string", 0),
        ("[" * 50_000, "nested more than 100 levels deep", 101),
    ],
)
def test_refused_texts(text: str, words: str, at: int) -> None:
    """What is no JSON is one problem, at the character where it stops being JSON."""
    parsed = parse_json(Slice.whole("f", text))

    assert isinstance(parsed, Problem)
    assert words in parsed.message
    assert parsed.at.start == at


@given(TREES, st.booleans())
def test_reads_what_json_writers_write(tree: object, ascii_only: bool) -> None:
    """A tree of texts is read back, escapes and all."""
    text = json.dumps(tree, ensure_ascii=ascii_only, indent=1)

    parsed = parse_json(Slice.whole("f", text))

    assert not isinstance(parsed, Problem)
    assert plain(parsed) == tree
    for node in walk(parsed):
        assert 0 <= node.span.start <= node.span.end <= len(text)
        if isinstance(node, Scalar):
            assert node.text.text == node.value


@settings(max_examples=300)
@given(st.text(alphabet=st.sampled_from('{}[]:,"\\u0aé1.-e \ntrue'), max_size=60))
def test_no_text_breaks_the_reader(text: str) -> None:
    """Any text is a tree exactly where the standard library reads one."""
    parsed = parse_json(Slice.whole("f", text))

    try:
        json.loads(text)
    except ValueError:
        assert isinstance(parsed, Problem)
    else:
        assert not isinstance(parsed, Problem)
