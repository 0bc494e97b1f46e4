"""Listening to a real Mosquitto: nothing that was published is lost, and junk is passed over."""

import socket
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path

import pytest

from labkeeper.host.mqtt import LARGEST, Broker, Listener, Message, Unheard, knock
from tests.host.mosquitto import Mosquitto, mosquitto
from tests.programs import program

TOPIC = "frigate/reviews"


@pytest.fixture
def real(tmp_path: Path) -> Iterator[Mosquitto]:
    with mosquitto(tmp_path / "broker") as found:
        yield found


def broker(port: int) -> Broker:
    return Broker("127.0.0.1", port, "labkeeper-test")


@contextmanager
def listening(
    where: Broker, note: Callable[[Message], None], keep_alive: int = 60
) -> Iterator[Listener]:
    listener, ending = Listener(where, TOPIC, note, (0.05,), keep_alive), threading.Event()

    def listen() -> None:
        while not ending.wait(0.01):
            listener.step()
        listener.close()

    thread = threading.Thread(target=listen)
    thread.start()
    try:
        yield listener
    finally:
        ending.set()
        thread.join()


def until(asked: Callable[[], bool]) -> None:
    for _ in range(1200):
        if asked():
            return
        time.sleep(0.025)
    raise AssertionError("it did not come")


@pytest.mark.testbed
def test_messages(real: Mosquitto) -> None:
    """What is published is heard, in its order, and other topics are not."""
    heard: list[Message] = []
    with listening(broker(real.port), heard.append) as listener:
        until(lambda: listener.unheard is None)
        real.publish("frigate/stats", b"{}")
        for number in range(30):  # more than a broker sends before the first is acknowledged
            real.publish(TOPIC, b"%d" % number)
        until(lambda: len(heard) == 30)

    assert [m.payload for m in heard] == [b"%d" % n for n in range(30)]
    assert {(m.topic, m.is_retained) for m in heard} == {(TOPIC, False)}


@pytest.mark.testbed
def test_away(real: Mosquitto) -> None:
    """What is published while nobody listens comes when somebody does, after a restart, too."""
    heard: list[bytes] = []
    with listening(broker(real.port), lambda m: heard.append(m.payload)) as listener:
        until(lambda: listener.unheard is None)
    real.publish(TOPIC, b"while away")
    real.stop()
    real.start()
    with listening(broker(real.port), lambda m: heard.append(m.payload)):
        until(lambda: len(heard) == 1)

    assert heard == [b"while away"]


@pytest.mark.testbed
def test_not_noted(real: Mosquitto) -> None:
    """A message that could not be noted is not acknowledged: it comes again."""
    seen: list[bytes] = []

    def note(message: Message) -> None:
        seen.append(message.payload)
        if len(seen) < 3:
            raise Unheard("the disk is full")

    with listening(broker(real.port), note) as listener:
        until(lambda: listener.unheard is None)
        real.publish(TOPIC, b"kept")
        until(lambda: len(seen) == 3)
        until(lambda: listener.unheard is None)

    assert seen == [b"kept"] * 3


@pytest.mark.testbed
def test_restart(real: Mosquitto) -> None:
    """A broker that goes away and comes back is listened to again."""
    heard: list[bytes] = []
    with listening(broker(real.port), lambda m: heard.append(m.payload)) as listener:
        until(lambda: listener.times == 1)
        real.stop()
        until(lambda: listener.unheard is not None)
        real.start()
        until(lambda: listener.times == 2)
        real.publish(TOPIC, b"back")
        until(lambda: heard == [b"back"])


@pytest.mark.testbed
def test_keep_alive(real: Mosquitto) -> None:
    """Where nothing is published the connection stays: the broker is told that somebody listens."""
    with listening(broker(real.port), lambda _: None, 2) as listener:
        until(lambda: listener.unheard is None)
        # One and a half times the two seconds, and the broker would have hung up.
        time.sleep(4.5)

        assert (listener.times, listener.unheard) == (1, None)


@pytest.mark.testbed
def test_huge(real: Mosquitto) -> None:
    """A message that is too large is passed over, and the next one is heard."""
    heard: list[int] = []
    with listening(broker(real.port), lambda m: heard.append(len(m.payload))) as listener:
        until(lambda: listener.unheard is None)
        real.publish(TOPIC, bytes(LARGEST + 1))
        real.publish(TOPIC, bytes(LARGEST))
        real.publish(TOPIC, b"")
        until(lambda: len(heard) == 2)

        assert heard == [LARGEST, 0]
        assert listener.times == 1


@pytest.mark.testbed
def test_retained(real: Mosquitto) -> None:
    """What is retained says of itself that it is old."""
    heard: list[Message] = []
    real.publish(TOPIC, b"old", "-r")
    with listening(broker(real.port), heard.append):
        until(lambda: bool(heard))

    assert heard == [Message(TOPIC, b"old", is_retained=True)]


@pytest.mark.testbed
def test_login(tmp_path: Path) -> None:
    """Who is not let in is told why, and never with the password."""
    names = tmp_path / "names"
    names.touch(0o600)
    subprocess.run(
        [program("mosquitto_passwd"), "-b", str(names), "lab", "right"], check=True, timeout=60
    )
    lines = ("allow_anonymous false", f"password_file {names}")
    with mosquitto(tmp_path / "broker", *lines) as real:
        knock(replace(broker(real.port), user="lab", password="right"))
        with pytest.raises(Unheard, match=r"are wrong|does not let") as wrong:
            knock(replace(broker(real.port), user="lab", password="wrong-one"))
        with pytest.raises(Unheard):
            knock(broker(real.port))

        assert "wrong-one" not in str(wrong.value) + repr(
            replace(broker(real.port), user="lab", password="wrong-one")
        )


def certified(folder: Path) -> tuple[Path, Path]:
    """A certificate for this machine that signs itself."""
    key, certificate = folder / "key.pem", folder / "certificate.pem"
    subprocess.run(
        [program("openssl"), "req", "-x509", "-newkey", "ec", "-pkeyopt",
         "ec_paramgen_curve:prime256v1", "-nodes", "-keyout", str(key), "-out", str(certificate),
         "-days", "2", "-subj", "/CN=localhost", "-addext", "subjectAltName=IP:127.0.0.1"],
        check=True, timeout=60, capture_output=True,
    )  # fmt: skip
    return key, certificate


@pytest.mark.testbed
def test_tls(tmp_path: Path) -> None:
    """A certificate is checked against the authority that was given, and no other."""
    key, certificate = certified(tmp_path)
    lines = ("allow_anonymous true", f"keyfile {key}", f"certfile {certificate}")
    with mosquitto(tmp_path / "broker", *lines) as real:
        where = replace(broker(real.port), is_tls=True, authority=str(certificate))
        heard: list[bytes] = []
        with listening(where, lambda m: heard.append(m.payload)) as listener:
            until(lambda: listener.unheard is None)
            real.publish(TOPIC, b"sealed", "--cafile", str(certificate))
            until(lambda: heard == [b"sealed"])
        with pytest.raises(Unheard, match="certificate"):
            knock(replace(where, authority=None))
        with pytest.raises(Unheard):
            knock(replace(where, is_tls=False))


@contextmanager
def saying(*answers: bytes) -> Iterator[int]:
    """Something that answers every packet with the next of these."""
    server = socket.create_server(("127.0.0.1", 0))
    server.settimeout(30)

    def serve() -> None:
        connection, _ = server.accept()
        with connection, suppress(OSError):  # who listens hangs up
            connection.settimeout(30)
            for answer in answers:
                connection.recv(4096)
                connection.sendall(answer)
            connection.recv(4096)

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        yield server.getsockname()[1]
    finally:
        thread.join()
        server.close()


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.1 400 Bad Request\r\n\r\n", b"\x20\x03\x00\x00\x00", b"\x20\xff\xff\xff\xff\x7f",
        b"\x00\x00", b"\x20\x02\x00\x63", b"\x20\x00", b"\x30\x02\x00\x00",
    ],
)  # fmt: skip
def test_no_broker(answer: bytes) -> None:
    """Whatever else answers there is no broker, and is said to be none."""
    with saying(answer) as port, pytest.raises(Unheard):
        knock(broker(port))


@pytest.mark.parametrize(
    "packet",
    [
        b"\x34\x07\x00\x01a\x00\x01hi",  # more than once was asked for
        b"\x32\x04\xff\xffab",  # a topic that is longer than its packet
        b"\x32\x02\x00\x01",
    ],
)
def test_packets_that_lie(packet: bytes) -> None:
    """A packet that cannot be is the end of its connection, and nothing is noted."""
    heard: list[Message] = []
    answers = (b"\x20\x02\x00\x00", b"\x90\x03\x00\x01\x01" + packet + bytes(70_000))
    with saying(*answers) as port, listening(broker(port), heard.append) as listener:
        until(lambda: listener.times == 1)
        until(lambda: listener.unheard is not None)

    assert heard == []


def test_nobody(tmp_path: Path) -> None:
    """Where nobody answers it is said, and closing waits for nothing."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port = found.getsockname()[1]
    with pytest.raises(Unheard, match="does not answer"):
        knock(broker(port))
    with listening(broker(port), lambda _: None) as listener:
        until(lambda: listener.failures > 2)

        assert listener.unheard is not None
        assert str(port) in listener.unheard.why


def test_too_long() -> None:
    """What is longer than MQTT can say is refused here."""
    with saying() as port, pytest.raises(Unheard, match="too long"):
        knock(replace(broker(port), user="u" * 70_000))
