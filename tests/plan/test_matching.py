import pytest

from labkeeper.plan import accepts, accepts_all, matchers_in
from labkeeper.source import Slice


def read(text: str) -> list[tuple[str, str, str]] | None:
    found = matchers_in(Slice.whole("alertmanager.yml", text))
    return None if found is None else [(m.label, m.operator, m.value) for m in found]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('severity="critical"', [("severity", "=", "critical")]),
        ("severity = critical", [("severity", "=", "critical")]),
        ('a=~"x|y" , b!="z"', [("a", "=~", "x|y"), ("b", "!=", "z")]),
        ('{a!~"x.*"}', [("a", "!~", "x.*")]),
        ('"a name"="é \\"q\\" \\n"', [("a name", "=", 'é "q" \n')]),
        ('a="with, comma and } brace"', [("a", "=", "with, comma and } brace")]),
        ("a=", [("a", "=", "")]),
        ("", []),
        ("nonsense", None),
        ('="b"', None),
    ],
)
def test_matchers(text: str, expected: list[tuple[str, str, str]] | None) -> None:
    """Matchers are read in the classic and in the newer form."""
    assert read(text) == expected


def test_places() -> None:
    """Each matcher knows where it stands."""
    text = '{a="1", b=~"2"}'
    found = matchers_in(Slice.whole("f", text))

    assert found is not None
    assert [text[m.at.start : m.at.end] for m in found] == ['a="1"', 'b=~"2"']


def test_accepts() -> None:
    """A pattern fits the whole value, and what is beyond us is not guessed."""
    found = matchers_in(Slice.whole("f", 'a="1",a!="1",a=~"1.",a!~"1.",a=~"(?!x)"'))

    assert found is not None
    assert [accepts(m, "1") for m in found] == [True, False, False, True, None]
    assert accepts_all(found[3:], {"a": "1"}) is None
    assert accepts_all(found[1:2], {}) is True
