import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from labkeeper.host import wire
from labkeeper.host.wire import Asked, Greeting, Said


def test_there_and_back() -> None:
    """What is said arrives as it was said."""
    asked = Asked("act", "move", "films", 3600.5)
    said = Said("doing", "", "films", "hot:done", "cold:films", 3, 1000, 10, 2000, 1.5, 0.0)

    assert wire.asked(wire.line(asked)) == asked
    assert wire.told(wire.line(said)) == said
    assert wire.greeting(wire.line(Greeting("26.11", 1))) == Greeting("26.11", 1)


def test_a_greeting_of_a_later_one() -> None:
    """A later labkeeper may say more; what is known of it is understood."""
    later = b'{"labkeeper": "40.1", "protocol": 7, "speaks": ["move"]}'

    assert wire.greeting(later) == Greeting("40.1", 7)


@pytest.mark.parametrize(
    "text",
    [
        b"", b"[]", b"null", b"{}", b'{"ask": "shell"}', b'{"ask": "act", "rule": 3}', b"\xff\xfe",
        b'{"ask": "act", "kind": "purge", "rule": "films"}', b"[" * 4000, b'{"ask": "act", "rule"',
        b'{"ask":"act","rule":"films","full_in":' + b"9" * 4000 + b"}",
    ],
)  # fmt: skip
def test_junk(text: bytes) -> None:
    """What is no message is refused as such, and nothing else happens."""
    with pytest.raises(wire.Junk):
        wire.asked(text)


@settings(max_examples=300)
@given(st.binary(max_size=200) | st.text(max_size=100).map(str.encode))
def test_any_bytes(text: bytes) -> None:
    """Whatever comes is a message or junk."""
    for read in (wire.asked, wire.told, wire.greeting):
        try:
            read(text)
        except wire.Junk:
            continue
