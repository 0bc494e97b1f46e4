"""Slices keep every character's place."""

from hypothesis import given
from hypothesis import strategies as st

from labkeeper.source import Piece, Position, Slice, Span, line_at, position


def test_cut_keeps_places() -> None:
    """A cut of a cut still knows where its characters stand in the file."""
    whole = Slice.whole("f", "0123456789")

    inner = whole.cut(2, 9).cut(1, 4)

    assert inner.text == "345"
    assert inner.span == Span("f", 3, 6)
    assert inner.within(1, 2) == Span("f", 4, 5)


def test_removed_text_lies_between_pieces() -> None:
    """What was taken out (an indentation) is no part of any character's place."""
    lines = Slice("ab\ncd", "f", (Piece(0, 10, 3), Piece(3, 17, 2)), 19)

    assert lines.find("cd") == Span("f", 17, 19)
    assert lines.find("b\nc") == Span("f", 11, 18)
    assert lines.cut(3, 5).span == Span("f", 17, 19)


def test_placed_text_stands_where_it_came_from() -> None:
    """Text that was worked out belongs to the whole stretch that it came from."""
    made = Slice.placed("a long default", Span("f", 4, 8))

    assert made.span == Span("f", 4, 8)
    assert made.find("long").file == "f"


def test_absent_text_is_found_as_the_whole() -> None:
    """A finding about something that does not stand there points at the whole of it."""
    assert Slice.whole("f", "abc").find("x") == Span("f", 0, 3)


@given(st.text(alphabet="ab\n\r é", max_size=40), st.data())
def test_position_counts_lines_and_columns(text: str, data: st.DataObject) -> None:
    """A position's line and column lead back to the same character."""
    offset = data.draw(st.integers(0, len(text)))

    at = position(text, offset)

    assert at.line == text.count("\n", 0, offset) + 1
    assert at == Position(at.line, offset - (text.rfind("\n", 0, offset) + 1) + 1)
    assert line_at(text, at.line) == text.split("\n")[at.line - 1].rstrip("\r")


@given(st.text(min_size=1, max_size=60), st.data())
def test_cuts_say_what_the_file_says(text: str, data: st.DataObject) -> None:
    """Any cut of a file reads as the file does at the place that it gives."""
    start = data.draw(st.integers(0, len(text) - 1))
    end = data.draw(st.integers(start + 1, len(text)))

    cut = Slice.whole("f", text).cut(start, end)

    assert text[cut.span.start : cut.span.end] == cut.text == text[start:end]
