import socket

import pytest

from labkeeper.host.lines import Lines, TooLong


@pytest.fixture
def ends(request: pytest.FixtureRequest) -> tuple[socket.socket, socket.socket]:
    pair = socket.socketpair()
    for end in pair:
        request.addfinalizer(end.close)
    return pair


def test_lines_in_parts(ends: tuple[socket.socket, socket.socket]) -> None:
    """A line is heard when it is whole, however it comes."""
    lines = Lines(ends[0], 100)
    ends[1].sendall(b"one\ntw")
    assert lines.hear() == [b"one"]
    ends[1].sendall(b"o\n\nthree\n")
    assert lines.hear() == [b"two", b"", b"three"]
    assert lines.hear() == []
    assert not lines.is_over
    ends[1].close()
    assert lines.hear() == []
    assert lines.is_over


@pytest.mark.parametrize("text", [b"x" * 101, b"x" * 101 + b"\n", b"ok\n" + b"y" * 200])
def test_a_line_without_end(ends: tuple[socket.socket, socket.socket], text: bytes) -> None:
    """No more is kept of a line than it may be long."""
    lines = Lines(ends[0], 100)
    ends[1].sendall(text)
    with pytest.raises(TooLong):
        lines.hear()


def test_what_does_not_fit_waits(ends: tuple[socket.socket, socket.socket]) -> None:
    """Somebody who does not listen stops nobody, and hears all of it later."""
    lines = Lines(ends[0], 100)
    text = b"z" * (4 << 20)
    lines.say(text)
    assert lines.is_waiting
    heard = 0
    while heard < len(text):
        heard += len(ends[1].recv(1 << 20))
        lines.say(b"")

    assert not lines.is_waiting
    assert heard == len(text)


def test_nobody_is_there(ends: tuple[socket.socket, socket.socket]) -> None:
    """To say something to somebody who has gone ends nothing."""
    lines = Lines(ends[0], 100)
    ends[1].close()
    lines.say(b"hello\n")
    lines.say(b"hello\n")

    assert lines.is_over
    assert not lines.is_waiting
