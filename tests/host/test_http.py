"""Whatever stands at an address: a whole answer, or Unanswered, soon and without secrets."""

import json
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from labkeeper.host import http
from labkeeper.host.http import Body, Door, Unanswered
from labkeeper.host.jellyfin import Jellyfin
from labkeeper.host.qbittorrent import Changes, Login, QBittorrent, Row, Torrent, merged
from labkeeper.host.sabnzbd import SABnzbd
from labkeeper.host.servarr import FLAVOURS, Servarr
from tests.host.apps import Said, serving

SECRET = "do-not-tell-0123456789"
# Everything that is asked of any app, each with a key and no patience to speak of.
ASKS: dict[str, Callable[[str], object]] = {
    "qbittorrent": lambda url: QBittorrent(url, Login("u", SECRET), 1.0).torrents(),
    "qbittorrent enter": lambda url: QBittorrent(url, Login("u", SECRET), 1.0).enter(),
    "qbittorrent follow": lambda url: QBittorrent(url, None, 1.0).follow(),
    "sabnzbd": lambda url: SABnzbd(url, SECRET, 1.0).jobs(),
    "sonarr": lambda url: Servarr(FLAVOURS["sonarr"], url, SECRET, 1.0).queue(),
    "lidarr": lambda url: Servarr(FLAVOURS["lidarr"], url, SECRET, 1.0).roots(),
    "jellyfin": lambda url: Jellyfin(url, SECRET, 1.0).playing(),
}
LIES = {
    "500": Said(b"oh", 500),
    "403": Said(SECRET.encode(), 403),
    "redirect": Said(status=302, head={"Location": "http://127.0.0.1:1/"}),
    "html": Said(b"<!doctype html><title>Login</title>"),
    "nothing": Said(b""),
    "half": Said(b'[{"hash": "a', head={"Content-Length": "1000"}),
    "half a piece": Said(raw=b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nff\r\n[1,"),
    "no http": Said(raw=b"SSH-2.0-OpenSSH_9.2\r\n"),
    "deep": Said(b"[" * 200_000),
    "old": Said(b"[]", head={"Age": "30"}),
    "10 GB": Said(raw=b"HTTP/1.1 200 OK\r\nContent-Length: 10737418240\r\n\r\n[" + b" " * 9999),
    "told back": Said(json.dumps({"error": SECRET, "version": SECRET}).encode()),
    "no utf-8": Said(b'[{"hash": "\xff\xfe"}]'),
}


@pytest.mark.parametrize("ask", ASKS.values(), ids=ASKS)
@pytest.mark.parametrize("lie", LIES.values(), ids=LIES)
def test_a_lie(ask: Callable[[str], object], lie: Said) -> None:
    """It is no answer, and what labkeeper was given to log in is in no message."""
    with serving(lambda _: lie) as url, pytest.raises(Unanswered) as unanswered:
        ask(url)

    assert SECRET not in unanswered.value.why + unanswered.value.help
    assert "\n" not in unanswered.value.why


@contextmanager
def dripping(first: bytes) -> Iterator[str]:
    """A server that goes on for ever, a byte at a time."""
    server = socket.create_server(("127.0.0.1", 0))
    is_over = threading.Event()

    def drip() -> None:
        with suppress(OSError):
            peer, _ = server.accept()
            with peer:
                peer.sendall(first)
                while not is_over.wait(0.02):
                    peer.sendall(b" ")

    thread = threading.Thread(target=drip)
    thread.start()
    try:
        yield f"127.0.0.1:{server.getsockname()[1]}"
    finally:
        is_over.set()
        thread.join()
        server.close()


@pytest.mark.parametrize(
    "first",
    [b"", b"HTTP/1.1 200 OK\r\nX: ", b"HTTP/1.1 200 OK\r\nContent-Length: 99999\r\n\r\n["],
    ids=["before it begins", "in the head", "in the body"],
)
def test_an_answer_without_end(first: bytes) -> None:
    """Patience is for the whole of an answer, not for each byte."""
    with dripping(first) as place, pytest.raises(Unanswered, match="does not answer"):
        Door("it", f"http://{place}", patience=0.3).ask("GET", "x")


def test_a_handshake_without_end() -> None:
    """Not even where it is to be secret."""
    with dripping(b"\x16\x03\x03\x40\x00") as place, pytest.raises(Unanswered):
        Door("it", f"https://{place}", patience=0.3).ask("GET", "x")


def test_an_answer_that_never_stops(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a length said before, it is read as far as an answer can be."""
    monkeypatch.setattr(http, "_LARGEST", 5000)
    with (
        serving(lambda _: Said(b"[" + b" " * 6000)) as url,
        pytest.raises(Unanswered, match="too large"),
    ):
        Door("it", url).ask("GET", "x")


def test_a_certificate_of_nobody(tmp_path: object) -> None:
    """TLS is checked: what nobody signed is not asked."""
    context = ssl.create_default_context()
    assert context.verify_mode is ssl.CERT_REQUIRED
    assert http._Tls("localhost", 1, 1.0)._checked.verify_mode is ssl.CERT_REQUIRED
    assert http._Tls("localhost", 1, 1.0)._checked.check_hostname


def test_no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    """A proxy of the environment hears nothing of it."""
    for name in ("http_proxy", "HTTP_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    with serving(lambda _: Said(b"[]")) as url:
        assert Door("it", url).ask("GET", "x").content == b"[]"


@pytest.mark.parametrize(
    "url", ["", "ftp://a", "http://", "127.0.0.1:8080", "http://a:b", "http://u:p@a"]
)
def test_no_address(url: str) -> None:
    """What is no address is told, and a password in it is not."""
    with pytest.raises(Unanswered) as unanswered:
        Door("it", url)
    assert "u:p" not in unanswered.value.why


def test_a_secret_that_cannot_be_sent() -> None:
    """A line end in a key would be a header of its own."""
    with pytest.raises(Unanswered, match="characters that no login has") as unanswered:
        Servarr(FLAVOURS["sonarr"], "http://127.0.0.1:1", f"{SECRET}\r\nX: y")
    assert SECRET not in str(unanswered.value)


def test_a_body() -> None:
    """A form and a value arrive as such."""
    with serving(lambda asked: Said(asked.body)) as url:
        door = Door("it", url)
        assert door.ask("POST", "x", body=Body.form({"a": "b c"})).content == b"a=b+c"
        assert door.ask("POST", "x", body=Body.json({"a": 1})).content == b'{"a": 1}'


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=4),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["rid", "torrents", "full_update", "queue", "slots", "records", "h"]),
            inner,
        )
    ),
    max_leaves=8,
)


@settings(max_examples=30, deadline=None, suppress_health_check=list(HealthCheck))
@given(body=_JSON.map(lambda value: json.dumps(value).encode()) | st.binary(max_size=30))
def test_any_body(body: bytes) -> None:
    """Whatever comes, nothing but Unanswered is raised."""
    with serving(lambda _: Said(body)) as url:
        for ask in ASKS.values():
            with suppress(Unanswered):
                ask(url)


FULL = {"name": "n", "state": "uploading", "progress": 1.0, "save_path": "/d"}
_ROWS = st.dictionaries(
    st.sampled_from("abc"),
    st.fixed_dictionaries({}, optional={"progress": st.floats(0, 1), "state": st.just("moving")}),
)


@given(st.lists(st.tuples(_ROWS, st.sets(st.sampled_from("abc")))))
def test_changes_add_up(steps: list[tuple[dict[str, dict[str, object]], set[str]]]) -> None:
    """What changes is put on what is known, as the client itself has it."""
    truth = {h: dict(FULL) for h in "abc"}
    known = merged({}, Changes(1, True, {h: Row(**FULL) for h in "abc"}))  # type: ignore[arg-type]
    for each, removed in steps:
        rows = {h: row for h, row in each.items() if h in truth and h not in removed}
        for hash_, row in rows.items():
            truth[hash_].update(row)
        for hash_ in removed:
            truth.pop(hash_, None)
        sent = {h: Row(**row) for h, row in rows.items()}  # type: ignore[arg-type]
        known = merged(known, Changes(2, False, sent, tuple(removed)))
    assert known == {h: Torrent(hash=h, **row) for h, row in truth.items()}  # type: ignore[arg-type]


def test_changes_to_nothing() -> None:
    """A change to what was never given is no answer."""
    with pytest.raises(Unanswered, match="never gave"):
        merged({}, Changes(2, False, {"a": Row(progress=0.5)}))


def test_silence_begins_anew() -> None:
    """After an answer that was none, the whole list is asked for again."""
    answers = iter(
        [Said.json({"rid": 1, "full_update": True, "torrents": {"a": FULL}}), Said(status=500),
         Said.json({"rid": 1, "full_update": True, "torrents": {"b": FULL}})]
    )  # fmt: skip
    asked = []
    with serving(lambda each: asked.append(each.form["rid"]) or next(answers)) as url:  # type: ignore[func-returns-value]
        client = QBittorrent(url, None)
        assert set(client.follow()) == {"a"}
        with pytest.raises(Unanswered):
            client.follow()
        assert set(client.follow()) == {"b"}
    assert asked == ["0", "1", "0"]
