"""Unit files: repeated keys, continued lines, places."""

from hypothesis import given, settings
from hypothesis import strategies as st

from labkeeper.source import Mapping, Problem, Slice, parse_ini

UNIT = """\
# a mover
[Unit]
Description=Moves \\
    media

[Service]
ExecStart=/bin/one
ExecStart=
ExecStart=/bin/sh -c 'find /mnt \\
  # a comment between
  -delete'
Environment=A=1
Environment=B=2
"""


def section(text: str, name: str) -> Mapping:
    parsed = parse_ini(Slice.whole("f.service", text))
    assert isinstance(parsed, Mapping)
    found = parsed.mapping(name)
    assert found
    return found


def test_keys_gather_and_empty_values_clear() -> None:
    """A key may be given many times; an empty value forgets those before it."""
    service = section(UNIT, "Service")

    assert [s.value for s in service.scalars("Environment")] == ["A=1", "B=2"]
    assert len(service.scalars("ExecStart")) == 1


def test_continued_lines_are_joined_and_keep_places() -> None:
    """A backslash joins lines, comments between them are skipped, places stay."""
    (start,) = section(UNIT, "Service").scalars("ExecStart")

    at = start.text.find("-delete")

    assert "comment" not in start.value
    assert start.text.text == start.value
    assert UNIT[at.start : at.end] == "-delete"


def test_first_bad_line_is_the_problem() -> None:
    """A line that is neither a section nor a key is named."""
    parsed = parse_ini(Slice.whole("f", "[Unit]\nA=1\nnonsense\n"))

    assert isinstance(parsed, Problem)
    assert parsed.at.start == len("[Unit]\nA=1\n")


@settings(max_examples=300)
@given(st.text(alphabet=st.sampled_from("[]=\\#;\n Aé\t\r"), max_size=60))
def test_no_text_breaks_the_reader(text: str) -> None:
    """Any text is a tree or a problem, and every value maps onto the text."""
    parsed = parse_ini(Slice.whole("f", text))

    if isinstance(parsed, Problem):
        assert 0 <= parsed.at.start <= parsed.at.end <= len(text)
        return
    for _, inner in parsed.pairs:
        assert isinstance(inner, Mapping)
        for key, _ in inner.pairs:
            for value in inner.scalars(key.value):
                assert value.text.text == value.value
                assert 0 <= value.span.start <= value.span.end <= len(text)
