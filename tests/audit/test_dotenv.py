"""Files of variables are read as Compose reads them."""

import pytest

from labkeeper.audit.dotenv import is_dotenv, read_dotenv
from labkeeper.source import Slice


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("A=1\nB=2", {"A": "1", "B": "2"}),
        ("A=1\nA=2", {"A": "2"}),
        ("export A=1", {"A": "1"}),
        ("A = spaced ", {"A": "spaced"}),
        ("A: yaml", {"A": "yaml"}),
        ("# A=1\n  # B=2\n\nC=3", {"C": "3"}),
        ("A=one # why", {"A": "one"}),
        ("A=one#two", {"A": "one#two"}),
        ("A='single $B' # why", {"A": "single $B"}),
        ('A="double"', {"A": "double"}),
        ('A="two\nlines"\nB=1', {"A": "two\nlines", "B": "1"}),
        ('A="a\\nb\\"c"', {"A": 'a\nb"c'}),
        ("A=1\nB=${A}2\nC='${A}'", {"A": "1", "B": "12", "C": "${A}"}),
        ("A=${NONE:-x}", {"A": "x"}),
        ("A=", {"A": ""}),
        ("A", {}),
        ("A='open\nB=1", {"A": "'open", "B": "1"}),
        ("A=1\r\nB=2\r\n", {"A": "1", "B": "2"}),
        ("=1\n1 2=3\n", {}),
    ],
)
def test_lines(text: str, expected: dict[str, str]) -> None:
    """Quotes, comments, variables and line ends mean what they mean to Compose."""
    found = read_dotenv(Slice.whole(".env", text))

    assert {name: value.text for name, value in found.items()} == expected


def test_names() -> None:
    """`.env` and what is called after it hold variables."""
    assert is_dotenv("a/.env")
    assert is_dotenv(".env.example")
    assert is_dotenv("stack/db.env")
    assert not is_dotenv("environment.yml")
