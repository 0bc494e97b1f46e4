"""Whatever a client or something on the way answers: a fact, or Unanswered with a reason."""

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from labkeeper.host.http import Unanswered
from labkeeper.host.qbittorrent import Login, QBittorrent, Torrent

Answer = tuple[int, bytes, dict[str, str]]
ROW = {"hash": "h", "name": "n", "state": "uploading", "progress": 1, "save_path": "/d"}


@contextmanager
def answering(answer: Callable[[str, dict[str, list[str]]], Answer]) -> Iterator[str]:
    """A server that answers as told."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            form = self.rfile.read(int(self.headers["Content-Length"])).decode()
            status, body, head = answer(self.path, parse_qs(form))
            self.send_response(status)
            for name, value in head.items():
                self.send_header(name, value)
            self.end_headers()
            with suppress(BrokenPipeError):  # the client gave up
                self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.005,))
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def good(path: str, form: dict[str, list[str]]) -> Answer:
    """A client that lets only its own user in."""
    if path.endswith("auth/login"):
        is_right = form == {"username": ["u"], "password": ["p"]}
        return 200, b"Ok." if is_right else b"Fails.", {"Set-Cookie": "SID=1; path=/"}
    if path.endswith("webapiVersion"):
        return 200, b"2.11.4", {}
    return 200, json.dumps([ROW]).encode(), {}


def test_a_client_that_answers() -> None:
    """It is logged in to, and its torrents are read."""
    with answering(good) as url:
        client = QBittorrent(url, Login("u", "p"))
        client.enter()

        assert client.torrents() == [Torrent("h", "n", "uploading", 1.0, "/d")]
        with pytest.raises(Unanswered, match="refuses this user"):
            QBittorrent(url, Login("u", "wrong")).enter()


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        ((403, b"Forbidden", {}), "does not let labkeeper in"),
        ((500, b"", {}), "answers 500"),
        ((302, b"", {"Location": "http://elsewhere"}), "answers 302"),
        ((200, b"<html>", {}), "is not JSON, but a web page"),
        ((200, b'{"a": 1}', {}), "Expected `array`"),
        ((200, b"[1]", {}), "Expected `object`"),
        ((200, b"[{}]", {}), "required field `hash`"),
        (
            (200, json.dumps([ROW | {"progress": True}]).encode(), {}),
            "Expected `float`, got `bool`",
        ),
        ((200, b"[]", {"Age": "30"}), "an old one"),
        ((200, b"[", {"Content-Length": "1000"}), "ends in the middle"),
    ],
)
def test_an_answer_that_is_none(answer: Answer, why: str) -> None:
    """An error, another page, a shortened, kept or senseless answer: none is taken for a list."""
    with answering(lambda *_: answer) as url, pytest.raises(Unanswered, match=why):
        QBittorrent(url, None).torrents()


@pytest.mark.parametrize("version", [b"", b"1.8", b"3.0", b"v2", b"<html>"])
def test_another_version(version: bytes) -> None:
    """An API that is not known is not talked to."""
    with (
        answering(lambda *_: (200, version, {})) as url,
        pytest.raises(Unanswered, match="version"),
    ):
        QBittorrent(url, None).enter()


def test_silence() -> None:
    """Nobody there, and somebody who never ends, are both given up."""

    def slow(*_: object) -> Answer:
        time.sleep(1)
        return 200, b"[]", {}

    with pytest.raises(Unanswered, match="refused"):
        QBittorrent("http://127.0.0.1:1", None).torrents()
    with answering(slow) as url, pytest.raises(Unanswered, match="timed out"):
        QBittorrent(url, None, patience=0.2).torrents()
    with pytest.raises(Unanswered, match="is not an address"):
        QBittorrent("localhost:8080", None)


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=4),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(list(ROW)), inner),
    max_leaves=8,
)


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(body=_JSON.map(lambda value: json.dumps(value).encode()) | st.binary(max_size=30))
def test_any_body(body: bytes) -> None:
    """Whatever comes, nothing but Unanswered is raised."""
    with answering(lambda *_: (200, body, {})) as url:
        try:
            QBittorrent(url, None).torrents()
        except Unanswered as unanswered:
            assert unanswered.why
