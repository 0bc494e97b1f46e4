"""Frigate is asked as its description says, and junk is no event."""

import json
from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labkeeper.host.frigate import Footage, Frigate, Publishing, Review, ended
from labkeeper.host.http import Unanswered
from tests.host.apps import Asked, Said, serving
from tests.host.frigates import FakeFrigate, video

NUMBER = "1795269802.475377-mxklsc"
T = 1795269802.475377


@contextmanager
def frigate(fake: FakeFrigate) -> Iterator[Frigate]:
    with serving(fake) as url:
        yield Frigate(url)
    assert fake.faults == []


def message(kind: str = "end", **changes: object) -> bytes:
    after: dict[str, object] = {
        "id": NUMBER, "camera": "yard", "start_time": T, "end_time": T + 20, "severity": "alert",
        "thumb_path": "/x.webp", "data": {"objects": ["person-verified", "car"], "audio": ["bark"],
                                          "zones": ["drive"], "metadata": None},
    }  # fmt: skip
    after |= changes
    return json.dumps({"type": kind, "before": after, "after": after}).encode()


def test_all_of_it() -> None:
    """What it lists, has recorded and sends is understood."""
    fake = FakeFrigate(mqtt={"enabled": True, "host": "mosquitto", "port": 1884})
    fake.see(NUMBER, "yard", ["person"], T, T + 20)
    fake.see("1795269900.1-going1", "yard", ["car"], T + 97, None)
    fake.see("1795269000.1-before", "yard", ["car"], T - 800, T - 700)
    with frigate(fake) as found:
        found.enter()
        reviews = found.reviews(T)
        footage = found.footage("yard", T - 5, T + 25)
        with closing(found.clip("yard", T - 5, T + 25)) as pieces:
            clip = b"".join(pieces)
        publishing = found.publishing()

    assert found.version == "0.17.2-3ef2f7a"
    assert [r.id for r in reviews] == [NUMBER, "1795269900.1-going1"]
    assert reviews[0] == Review(NUMBER, "yard", T, T + 20, "alert", frozenset({"person"}))
    assert reviews[1].end is None
    # All that touch the time from `T - 5` to `T + 25`, of recordings that begin at `T - 820`.
    assert footage == [Footage(T - 10 + 10 * n, T + 10 * n) for n in range(4)]
    assert clip == video()
    assert publishing == Publishing("mosquitto", 1884, "frigate", is_tls=False)


def test_it_publishes_nothing() -> None:
    """Where its settings switch that off, nobody listens."""
    with frigate(FakeFrigate()) as found:
        assert found.publishing() is None


@pytest.mark.parametrize("version", ["0.13.2-abc", "frigate", "<html>", ""])
def test_versions(version: str) -> None:
    """One that is too old, or is none, is not asked further."""
    with frigate(FakeFrigate(version=version)) as found, pytest.raises(Unanswered):
        found.enter()


def test_no_footage() -> None:
    """A camera that has recorded nothing has no clip, and that is an answer that is none."""
    with frigate(FakeFrigate()) as found:
        assert found.footage("yard", T, T + 5) == []
        with pytest.raises(Unanswered, match="400"), closing(found.clip("yard", T, T + 5)) as sent:
            list(sent)


def test_names_stay_in_the_address() -> None:
    """A camera's name is one part of an address, whatever it holds."""
    paths: list[str] = []

    def answer(asked: Asked) -> Said:
        paths.append(asked.path)
        return Said.json([])

    with serving(answer) as url:
        Frigate(url).footage("../../a b?c#d", T, T + 1)

    assert paths == ["/api/..%2F..%2Fa%20b%3Fc%23d/recordings"]


def test_the_end_of_an_event() -> None:
    """Of all messages, only the end of an event is one."""
    assert ended(message()) == Review(
        NUMBER, "yard", T, T + 20, "alert", frozenset({"person", "car", "bark"}), ("drive",)
    )
    assert ended(message("new")) is None
    assert ended(message("update")) is None
    assert ended(message(end_time=None)) is None


@pytest.mark.parametrize(
    "changes",
    [
        {"id": "../../etc/passwd"}, {"id": ""}, {"id": NUMBER + "/.."}, {"id": 7}, {"id": "a" * 99},
        {"camera": ""}, {"camera": ".."}, {"camera": None}, {"start_time": "never"},
        {"start_time": -1}, {"start_time": 1e300}, {"end_time": T - 1}, {"end_time": T + 1e6},
        {"end_time": True}, {"data": [1]}, {"data": {"objects": "person"}}, {"severity": None},
    ],
)  # fmt: skip
def test_events_that_cannot_be(changes: dict[str, Any]) -> None:
    """A number, a name or a time that no Frigate writes is no event."""
    assert ended(message(**changes)) is None


@pytest.mark.parametrize(
    "payload",
    [b"", b"{", b"null", b"[]", b'"end"', b"\xff\xfe", b"[" * 100_000, b'{"type":"end"}',
     b'{"type":"end","after":null}', b'{"type":"end","after":[]}', bytes(100_000)],
)  # fmt: skip
def test_junk(payload: bytes) -> None:
    """Whatever else is published is none."""
    assert ended(payload) is None


@given(st.binary(max_size=200) | st.recursive(
    st.none() | st.booleans() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.sampled_from(
        ["type", "after", "id", "camera", "start_time", "end_time", "data", "objects"]), inner),
).map(lambda value: json.dumps({"type": "end", "after": value}).encode()))  # fmt: skip
def test_no_payload_is_a_traceback(payload: bytes) -> None:
    """No payload raises anything."""
    ended(payload)


def test_rows_that_cannot_be() -> None:
    """One strange row hides no other; where all are strange, it is another program."""
    fake = FakeFrigate()
    fake.see(NUMBER, "yard", ["person"], T, T + 20)

    def answer(asked: Asked) -> Said:
        rows: list[Any] = json.loads(fake(asked).body)
        return Said.json([{"id": 1}, *rows])

    with serving(answer) as url:
        assert [r.id for r in Frigate(url).reviews(T)] == [NUMBER]
        fake.reviews.clear()
        with pytest.raises(Unanswered, match="another than is known"):
            Frigate(url).reviews(T)


@pytest.mark.parametrize(
    "head",
    [b"Content-Length: 4000\r\n", b"Transfer-Encoding: chunked\r\n"],
    ids=["length", "chunk"],
)
def test_a_clip_that_is_cut(head: bytes) -> None:
    """An answer that ends in the middle is none, though all of its pieces were passed on."""
    body = b"7d0\r\n" + bytes(2000) + b"\r\n" if b"chunked" in head else bytes(2000)
    raw = b"HTTP/1.0 200 OK\r\n" + head + b"\r\n" + body

    def answer(asked: Asked) -> Said:
        return Said(raw=raw.replace(b"HTTP/1.0", b"HTTP/1.1"))

    pieces: list[bytes] = []
    with serving(answer) as url, pytest.raises(Unanswered):
        pieces.extend(Frigate(url).clip("yard", T, T + 5))

    assert len(b"".join(pieces)) <= 2000
