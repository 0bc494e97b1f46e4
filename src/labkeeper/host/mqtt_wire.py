"""One connection to a broker of MQTT 3.1.1, and what goes over it.

https://docs.oasis-open.org/mqtt/mqtt/v3.1.1/os/mqtt-v3.1.1-os.html, whose sections are cited.
"""

import select
import socket
import struct
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import field
from typing import Final

from labkeeper.values import dataclass

LARGEST: Final = 1 << 20  # bytes of a message; what is larger is passed over
_PATIENCE: Final = 10.0  # seconds until a broker has answered
_PING: Final = 60.0
_PIECE: Final = 1 << 16
# 2.2.1: the kinds of packets, with the flags that 2.2.2 demands.
_CONNECT, _CONNACK, _PUBLISH, _PUBACK = 0x10, 0x20, 0x30, 0x40
_SUBSCRIBE, _SUBACK, _PINGREQ, _DISCONNECT = 0x82, 0x90, 0xC0, 0xE0
# 3.2.2.3
_REFUSALS: Final = {
    1: ("it speaks no MQTT 3.1.1", "labkeeper needs a broker that does: Mosquitto 1.4 or newer"),
    2: ("it does not take the client's name", "let the broker accept it"),
    3: ("it is not available now", ""),
    4: ("user or password are wrong", "give both as the broker has them"),
    5: ("it does not let labkeeper in", "give a user and a password that may read the topic"),
}


class Unheard(Exception):
    """A broker cannot be listened to."""

    def __init__(self, why: str, help_: str = "") -> None:
        super().__init__(why)
        self.why = why
        self.help = help_ or "see that the broker runs and answers at this address"


@dataclass(frozen=True, slots=True)
class Broker:
    """Where a broker is, and as whom labkeeper listens to it."""

    host: str
    port: int
    client: str
    user: str | None = None
    password: str = field(default="", repr=False)
    is_tls: bool = False
    # A file with the authority that signed the broker's certificate; none: the system's own.
    authority: str | None = None

    @property
    def shown(self) -> str:
        """The address, which holds no secret."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{'mqtts' if self.is_tls else 'mqtt'}://{host}:{self.port}"


@dataclass(frozen=True, slots=True)
class Message:
    """What was published; a retained one is old, and was not published now."""

    topic: str
    payload: bytes
    is_retained: bool


# Raises Unheard where it cannot be noted now; it comes again.
Note = Callable[[Message], None]


class Wire:
    """One connection."""

    def __init__(self, broker: Broker, keep_alive: int) -> None:
        self._broker = broker
        self._keep_alive = keep_alive
        self._buffer = bytearray()
        self._socket: socket.socket | None = None
        self._sent_at = 0.0
        # When the broker was asked whether it is there, and has not answered since.
        self._asked_at: float | None = None
        self._is_in = False

    def enter(self, *, is_kept: bool) -> None:
        """Connect and log in; what is published while nobody listens is kept, or it is not."""
        broker = self._broker
        try:
            self._socket = self._connected()
        except (OSError, ValueError) as error:
            raise self._silent(error) from None
        flags = 0x00 if is_kept else 0x02  # 3.1.2.4: clean session
        words = _text(broker.client if is_kept else "")
        if broker.user is not None:
            flags |= 0xC0
            words += _text(broker.user) + _text(broker.password)
        head = _text("MQTT") + struct.pack(">BBH", 4, flags, self._keep_alive)
        self._send(_packet(_CONNECT, head + words))
        body = self._expect(_CONNACK, 2, lambda _: None)
        if body[1]:
            why, help_ = _REFUSALS.get(body[1], (f"it refuses with {body[1]}", ""))
            raise Unheard(f"{broker.shown}: {why}", help_)
        self._is_in = True

    def subscribe(self, topic: str, note: Note) -> None:
        """Ask for a topic; each message is to be acknowledged (3.8)."""
        self._send(_packet(_SUBSCRIBE, struct.pack(">H", 1) + _text(topic) + b"\x01"))
        code = self._expect(_SUBACK, 3, note)[2]
        if code > 1:
            raise Unheard(
                f"{self._broker.shown} does not let labkeeper read `{topic}`",
                "let its user read it: `topic read` in the broker's list of rights",
            )

    def take(self, note: Note) -> None:
        """Take one packet."""
        kind, length = self._head()
        if kind & 0xF0 == _PUBLISH:
            self._publish(kind, length, note)
        else:
            self._skip(length)

    def _publish(self, kind: int, length: int, note: Note) -> None:
        """A message is acknowledged when it is noted (4.3.2)."""
        quality = kind >> 1 & 3
        if quality > 1:
            raise Unheard(f"{self._broker.shown} sends more than was asked for")
        size = struct.unpack(">H", self._read(2))[0]
        topic = self._read(size)
        number = self._read(2) if quality else b""
        rest = length - 2 - size - len(number)
        if rest < 0:
            raise Unheard(f"{self._broker.shown} speaks no MQTT")
        if rest > LARGEST:
            self._skip(rest)
        else:
            payload = self._read(rest)
            note(Message(topic.decode("utf-8", "replace"), payload, bool(kind & 1)))
        if number:
            self._send(_packet(_PUBACK, number))

    def fileno(self) -> int | None:
        """What can be waited for."""
        return None if self._socket is None else self._socket.fileno()

    def has_more(self) -> bool:
        """Whether something has come; of a packet that has begun, the rest is waited for."""
        if self._buffer or self._socket is None:
            return bool(self._buffer)
        # What came sealed may be opened already, and cannot be waited for any more.
        pending = getattr(self._socket, "pending", None)
        if pending is not None and pending():
            return True
        poll = select.poll()
        poll.register(self._socket, select.POLLIN)
        return bool(poll.poll(0))

    def keep_up(self) -> None:
        """Tell the broker that somebody listens (3.1.2.10), and see that it is there."""
        now = time.monotonic()
        if self._asked_at is not None and now - self._asked_at > _PATIENCE:
            raise Unheard(f"{self._broker.shown} does not answer any more")
        if now - self._sent_at > min(_PING, self._keep_alive / 2):
            self._send(_packet(_PINGREQ, b""))
            self._asked_at = now

    def close(self) -> None:
        """Go, and say so where there is still somebody who hears it (3.14)."""
        if self._socket is not None:
            with suppress(OSError):
                self._socket.sendall(_packet(_DISCONNECT, b""))
            self._socket.close()

    def _connected(self) -> socket.socket:
        broker = self._broker
        found = socket.create_connection((broker.host, broker.port), _PATIENCE)
        try:
            if broker.is_tls:
                import ssl  # noqa: PLC0415  five megabytes that few need

                context = ssl.create_default_context(cafile=broker.authority)
                found = context.wrap_socket(found, server_hostname=broker.host)
            found.settimeout(_PATIENCE)
        except BaseException:
            found.close()
            raise
        return found

    def _expect(self, kind: int, size: int, note: Note) -> bytes:
        """The one answer that can come now; what the broker kept may come before it (3.8.4)."""
        found, length = self._head()
        while found & 0xF0 == _PUBLISH and self._is_in:
            self._publish(found, length, note)
            found, length = self._head()
        if (found, length) != (kind, size):
            raise Unheard(f"{self._broker.shown} speaks no MQTT")
        return self._read(length)

    def _head(self) -> tuple[int, int]:
        """A packet's kind and length, which is seven bits a byte (2.2.3)."""
        kind, length = self._read(1)[0], 0
        for shift in (0, 7, 14, 21):
            digit = self._read(1)[0]
            length |= (digit & 0x7F) << shift
            if digit < 0x80:
                return kind, length
        raise Unheard(f"{self._broker.shown} speaks no MQTT")

    def _read(self, size: int) -> bytes:
        while len(self._buffer) < size:
            self._buffer += self._receive()
        found = bytes(self._buffer[:size])
        del self._buffer[:size]
        return found

    def _skip(self, size: int) -> None:
        while size:
            size -= len(self._read(min(size, _PIECE)))

    def _receive(self) -> bytes:
        assert self._socket is not None  # noqa: S101  `enter` has set it
        try:
            piece = self._socket.recv(_PIECE)
        except (OSError, ValueError) as error:
            raise self._silent(error) from None
        if not piece:
            raise self._silent(ConnectionError("it hung up"))
        self._asked_at = None
        return piece

    def _send(self, packet: bytes) -> None:
        assert self._socket is not None  # noqa: S101  `enter` has set it
        try:
            self._socket.sendall(packet)
        except (OSError, ValueError) as error:
            raise self._silent(error) from None
        self._sent_at = time.monotonic()

    def _silent(self, error: Exception) -> Unheard:
        why = getattr(error, "verify_message", None) or getattr(error, "strerror", None) or error
        return Unheard(f"{self._broker.shown} does not answer ({str(why).lower()})")


def _text(text: str) -> bytes:
    encoded = text.encode("utf-8", "replace")
    if len(encoded) > 0xFFFF:
        raise Unheard("what labkeeper was given for the broker is too long for MQTT")
    return struct.pack(">H", len(encoded)) + encoded


def _packet(kind: int, body: bytes) -> bytes:
    length, left = bytearray(), len(body)
    while True:
        left, digit = left >> 7, left & 0x7F
        length.append(digit | (0x80 if left else 0))
        if not left:
            return bytes((kind,)) + bytes(length) + body
