"""A page over HTTP: slow, large and wrong requests keep nobody, and take nothing."""

import socket
import threading
from collections.abc import Iterator

import pytest

from labkeeper.host import exposing
from labkeeper.host.exposing import Exposer


@pytest.fixture
def door() -> Iterator[Exposer]:
    exposer = Exposer("127.0.0.1", 0)
    yield exposer
    exposer.close()


def connect(door: Exposer) -> socket.socket:
    return socket.create_connection(("127.0.0.1", door.port), timeout=30)


def heard(connection: socket.socket) -> bytes:
    """All that is said until the other side ends."""
    found = b""
    while piece := connection.recv(65536):
        found += piece
    connection.close()
    return found


def said(door: Exposer, request: bytes) -> bytes:
    connection = connect(door)
    connection.sendall(request)
    return heard(connection)


def test_the_last_text_is_served(door: Exposer) -> None:
    """Nothing before there is one; then what was shown last, and to HEAD its length alone."""
    assert said(door, b"GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n").startswith(b"HTTP/1.1 503 ")
    door.show("a 1\n")
    door.show("a 2\n")

    text = said(door, b"GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n")
    head = said(door, b"HEAD /metrics?x=1 HTTP/1.0\r\n\r\n")

    assert text.startswith(b"HTTP/1.1 200 OK\r\n")
    assert text.endswith(b"\r\n\r\na 2\n")
    assert b"text/plain; version=0.0.4" in text
    assert head == text[: -len(b"a 2\n")]
    assert said(door, b"GET /-/healthy HTTP/1.1\r\n\r\n").endswith(b"\r\n\r\nok\n")


@pytest.mark.parametrize(
    ("request_", "status"),
    [
        (b"GET / HTTP/1.1\r\n\r\n", b"404"),
        (b"GET /../metrics HTTP/1.1\r\n\r\n", b"404"),
        (b"POST /metrics HTTP/1.1\r\nContent-Length: 9\r\n\r\n", b"405"),
        (b"\x16\x03\x01\x02\x00\x01\r\n\r\n", b"400"),
        (b"GET\r\n\r\n", b"400"),
        (b"GET /metrics SPDY/3\r\n\r\n", b"400"),
        (b"GET /metrics HTTP/1.1\r\nX: " + b"x" * 4090 + b"\r\n", b"431"),
    ],
)
def test_what_is_no_scrape(door: Exposer, request_: bytes, status: bytes) -> None:
    """Each is told so in a line, and the next one is served."""
    door.show("a 1\n")

    assert said(door, request_)[9:12] == status
    assert said(door, b"GET /metrics HTTP/1.1\r\n\r\n").endswith(b"a 1\n")


def test_who_says_nothing_keeps_nobody(door: Exposer, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every place is taken by somebody who waits: they are sent away, and the next is served."""
    monkeypatch.setattr(exposing, "_PATIENCE", 0.5)
    door.show("a 1\n")
    idle = [connect(door) for _ in range(exposing._MOST)]
    for connection in idle[::2]:
        connection.sendall(b"GET /met")

    assert said(door, b"GET /metrics HTTP/1.1\r\n\r\n").endswith(b"a 1\n")
    assert [connection.recv(1) for connection in idle] == [b""] * len(idle)
    for connection in idle:
        connection.close()


def test_who_does_not_read_keeps_nobody(door: Exposer) -> None:
    """A page larger than the kernel takes waits for its reader, while others are served."""
    door.show("x" * (20 << 20))
    slow = connect(door)
    slow.sendall(b"GET /metrics HTTP/1.1\r\n\r\n")

    assert said(door, b"GET /-/healthy HTTP/1.1\r\n\r\n").endswith(b"ok\n")
    assert len(heard(slow)) > 20 << 20


def test_many_at_once(door: Exposer) -> None:
    """More than have a place wait for one, and all are served."""
    door.show("a 1\n")
    found: list[bytes] = []
    threads = [
        threading.Thread(target=lambda: found.append(said(door, b"GET /metrics HTTP/1.1\r\n\r\n")))
        for _ in range(4 * exposing._MOST)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert [text[-4:] for text in found] == [b"a 1\n"] * len(threads)


def test_ipv6() -> None:
    """The loopback of IPv6 is served as well."""
    if not socket.has_ipv6:
        pytest.skip("no IPv6 here")
    try:
        door = Exposer("::1", 0)
    except OSError:
        pytest.skip("no IPv6 here")
    door.show("a 1\n")
    connection = socket.create_connection(("::1", door.port), timeout=30)
    connection.sendall(b"GET /metrics HTTP/1.1\r\n\r\n")

    assert heard(connection).endswith(b"a 1\n")
    door.close()


def test_a_port_that_is_taken(door: Exposer) -> None:
    """It is an error at the start, not later."""
    with pytest.raises(OSError, match="in use"):
        Exposer("127.0.0.1", door.port)
