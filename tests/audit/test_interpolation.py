"""Variables in compose files are filled in as Compose fills them in."""

import time

import pytest

from labkeeper.audit.interpolation import filled
from labkeeper.source import Slice

KNOWN = {"A": "x", "EMPTY": "", "NAME_1": "y"}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("$A", "x"),
        ("${A}", "x"),
        ("a$A/${NAME_1}z", "ax/yz"),
        ("$Ab", "$Ab"),
        ("${NONE}", "${NONE}"),
        # `:-` also replaces an empty value, `-` only one that is not there.
        ("${NONE:-d}", "d"),
        ("${EMPTY:-d}", "d"),
        ("${EMPTY-d}", ""),
        ("${A:-d}", "x"),
        ("${NONE-}", ""),
        # A required variable that is not there stays as it is.
        ("${NONE:?why}", "${NONE:?why}"),
        ("${A:?why}", "x"),
        ("${EMPTY:?why}", "${EMPTY:?why}"),
        ("${EMPTY?why}", ""),
        ("${A:+alt}", "alt"),
        ("${NONE:+alt}", "${NONE:+alt}"),
        # Nested defaults, and braces in them.
        ("${NONE:-${A}}", "x"),
        ("${NONE:-${OTHER:-deep}}", "deep"),
        ("${NONE:-a}${A}", "ax"),
        # A doubled dollar is one of its own.
        ("$$A", "$A"),
        ("$${A}", "${A}"),
        # Not a variable.
        ("$", "$"),
        ("$1", "$1"),
        ("${", "${"),
        ("${A", "${A"),
        ("${A!b}", "${A!b}"),
    ],
)
def test_forms(text: str, expected: str) -> None:
    """Each form becomes what compose-go makes of it, or stays where only the outside knows."""
    assert filled(Slice.whole("f", text), KNOWN).text == expected


def test_what_was_filled_in_stands_where_the_variable_stands() -> None:
    """Text around keeps its own place, a default has one, a value has the variable's."""
    text = "ab${A}cd${NONE:-def}g"
    result = filled(Slice.whole("f", text), KNOWN)

    assert result.text == "abxcddefg"
    cd = result.find("cd")
    assert text[cd.start : cd.end] == "cd"
    default = result.find("def")
    assert text[default.start : default.end] == "def"
    value = result.find("x")
    assert text[value.start : value.end] == "${A}"


def test_open_braces_cost_no_more_than_their_length() -> None:
    """20,000 braces that nothing closes stay as they are, and nobody waits for minutes."""
    text = "${X:-" * 20_000
    start = time.process_time()

    assert filled(Slice.whole("f", text), {}).text == text
    assert time.process_time() - start < 30


def test_deep_nesting_ends() -> None:
    """A thousand defaults inside each other are no harm."""
    text = "${X:-" * 1000 + "}" * 1000

    assert filled(Slice.whole("f", text), {}).text
