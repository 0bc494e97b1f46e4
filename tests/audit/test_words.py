"""A command that is one text is split as a shell splits it."""

import pytest

from labkeeper.audit.words import words
from labkeeper.source import Slice


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a b  c", ["a", "b", "c"]),
        ("--a='x y' z", ["--a=x y", "z"]),
        ('"a b"c', ["a bc"]),
        ('"a \\"b\\" \\n"', ['a "b" \\n']),
        ("'a \\ b'", ["a \\ b"]),
        ("a\\ b", ["a b"]),
        ("'' a", ["", "a"]),
        ("'open", ["open"]),
        ('"', [""]),
        ("a\\", ["a"]),
        ("\n a\n\tb \n", ["a", "b"]),
        ("", []),
    ],
)
def test_words(text: str, expected: list[str]) -> None:
    """Quotes and backslashes are taken off, and an open quote ends with the text."""
    assert [word.text for word in words(Slice.whole("f", text))] == expected


def test_places() -> None:
    """Each word knows where it stands, also behind a quote."""
    text = "a 'b c' --d=\"e\""
    places = [word.span for word in words(Slice.whole("f", text))]

    assert [text[p.start : p.end].strip("'\"") for p in places] == ["a", "b c", '--d="e']
