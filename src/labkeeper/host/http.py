"""The one door to programs that speak HTTP: no detours, no end of patience, no secret in a message.

There is no proxy, as `http.client` knows none, and what answers with a redirection has not
answered. An answer that is too old, too long, cut off or of another kind is none.
"""

import http.client
import json
import socket
import ssl
import threading
from collections.abc import Generator, Mapping, Sequence
from contextlib import suppress
from typing import Final, Literal, TypeVar
from urllib.parse import urlencode, urlsplit

import msgspec

from labkeeper.values import dataclass

PATIENCE: Final = 10.0  # seconds for one whole answer
_LARGEST: Final = 64 * 1024 * 1024
_PIECE: Final = 1 << 20
_SHOWN: Final = 60
_T = TypeVar("_T")
Method = Literal["GET", "POST"]


class Unanswered(Exception):
    """A program gave no answer that can be believed."""

    def __init__(self, why: str, help_: str = "") -> None:
        super().__init__(why)
        self.why = why
        self.help = help_ or "see that it runs and answers at this address; nothing was touched"


@dataclass(frozen=True, slots=True)
class Body:
    """What is sent along: the words of a form, or a value as JSON."""

    content: bytes
    kind: str

    @classmethod
    def form(cls, words: Mapping[str, str]) -> "Body":
        """A form."""
        return cls(urlencode(words).encode(), "application/x-www-form-urlencoded")

    @classmethod
    def json(cls, value: object) -> "Body":
        """A value."""
        return cls(json.dumps(value).encode(), "application/json")


@dataclass(frozen=True, slots=True)
class Heard:
    """A whole answer."""

    content: bytes
    cookie: str | None


class Door:
    """One program at one address; every method raises Unanswered where there is any doubt."""

    def __init__(
        self, name: str, url: str, secrets: Sequence[str] = (), patience: float = PATIENCE
    ):
        self.name = name
        self.head: dict[str, str] = {}
        self._secrets = tuple(filter(None, secrets))
        self._patience = patience
        if any(not each.isascii() or not each.isprintable() for each in self._secrets):
            raise Unanswered(
                f"what labkeeper was given to log in to {name} holds characters that no login has",
                "give it again, without line ends",
            )
        try:
            parts = urlsplit(url)
            self._port = parts.port
        except ValueError:
            raise Unanswered("the address is none: its port is not a number") from None
        if parts.username is not None:
            raise Unanswered("the address holds a user", "give user and password apart from it")
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise Unanswered(f"`{url}` is not an address like http://127.0.0.1:8080")
        self._host = parts.hostname
        self._is_tls = parts.scheme == "https"
        self._base = parts.path.rstrip("/") + "/"
        self.origin = f"{parts.scheme}://{parts.netloc}"

    def ask(
        self, method: Method, path: str, query: Mapping[str, str] | None = None,
        body: Body | None = None,
    ) -> Heard:  # fmt: skip
        """Send a request, and return an answer that is new and complete."""
        target = self._base + path + (f"?{urlencode(query)}" if query else "")
        head = {"Accept": "application/json", "Cache-Control": "no-cache", **self.head}
        if body is not None:
            head["Content-Type"] = body.kind
        connection = self._connection()
        with _Deadline(connection, self._patience) as deadline:
            try:
                connection.request(method, target, body.content if body else None, head)
                deadline.socket = connection.sock
                with connection.getresponse() as answer:
                    self._check(path, answer)
                    content = answer.read(_LARGEST + 1)
                    is_cut = bool(answer.length)
            # A header that cannot be sent is a ValueError which quotes it.
            except (OSError, http.client.HTTPException, ValueError) as error:
                raise self._silent(error, deadline) from None
        self._check_end(path, len(content), deadline, is_cut=is_cut)
        return Heard(content, _cookie(answer))

    def pour(self, path: str, patience: float) -> Generator[bytes, None, None]:
        """Pass on an answer of any length as it comes; only its end says that it was whole."""
        connection = self._connection()
        with _Deadline(connection, patience) as deadline:
            try:
                connection.request("GET", self._base + path, headers={**self.head})
                deadline.socket = connection.sock
                answer = connection.getresponse()
                self._check(path, answer, None)
            except (OSError, http.client.HTTPException, ValueError) as error:
                raise self._silent(error, deadline) from None
            with answer:
                while piece := self._piece(answer, deadline):
                    yield piece
                is_cut = bool(answer.length)
            self._check_end(path, 0, deadline, is_cut=is_cut)

    def _piece(self, answer: http.client.HTTPResponse, deadline: "_Deadline") -> bytes:
        try:
            return answer.read(_PIECE)
        except (OSError, http.client.HTTPException, ValueError) as error:
            raise self._silent(error, deadline) from None

    def _connection(self) -> http.client.HTTPConnection:
        if self._is_tls:
            return _Tls(self._host, self._port, self._patience)
        return _Plain(self._host, self._port, timeout=self._patience)

    def read(self, kind: type[_T], path: str, heard: Heard) -> _T:
        """Read an answer as what it has to be."""
        try:
            return msgspec.json.decode(heard.content, type=kind)
        except msgspec.ValidationError as error:
            why = f"{self.name}'s answer to {path} is another than is known: {error}"
            raise Unanswered(self.hidden(why)) from None
        except (msgspec.DecodeError, RecursionError, UnicodeError):
            is_page = heard.content.lstrip()[:1] == b"<"
            more = ", but a web page" if is_page else ""
            raise Unanswered(f"{self.name}'s answer to {path} is not JSON{more}") from None

    def hidden(self, text: str) -> str:
        """A text without what labkeeper was given to log in, whoever put it there."""
        for secret in self._secrets:
            text = text.replace(secret, "***")
        return text

    def shown(self, text: str) -> str:
        """The beginning of what somebody else said."""
        return self.hidden("".join(c if c.isprintable() else "?" for c in text[:_SHOWN]))

    def _silent(self, error: Exception, deadline: "_Deadline") -> Unanswered:
        if deadline.is_over:
            return Unanswered(f"{self.name} does not answer (timed out)")
        if isinstance(error, ssl.SSLCertVerificationError):
            return Unanswered(
                f"{self.name}'s certificate is not one to trust ({error.verify_message})",
                "give the name that its certificate has, or have it signed by one that is trusted",
            )
        if isinstance(error, ValueError):
            return Unanswered(f"{self.name} cannot be asked: the request would not be a valid one")
        why = self.shown(str(error)) or type(error).__name__
        return Unanswered(f"{self.name} does not answer ({why})")

    def _check(
        self, path: str, answer: http.client.HTTPResponse, most: int | None = _LARGEST
    ) -> None:
        if answer.status in (401, 403):
            raise Unanswered(
                f"{self.name} does not let labkeeper in ({answer.status} to {path})",
                "give its user and password, or its key; some ban an address after many tries",
            )
        if 300 <= answer.status < 400:
            raise Unanswered(
                f"{self.name} answers {answer.status} to {path}: it sends labkeeper elsewhere",
                "name the address at which it answers itself",
            )
        if answer.status not in (200, 201, 204):
            raise Unanswered(f"{self.name} answers {answer.status} to {path}")
        if answer.getheader("Age", "0").strip() != "0":
            raise Unanswered(
                "the answer is an old one that something on the way kept",
                "name its own address, not that of a proxy which caches",
            )
        if most is not None and (answer.length or 0) > most:
            raise Unanswered(f"{self.name}'s answer to {path} is too large to be one")

    def _check_end(self, path: str, size: int, deadline: "_Deadline", *, is_cut: bool) -> None:
        if deadline.is_over:
            raise Unanswered(f"{self.name} does not answer (timed out)")
        if size > _LARGEST:
            raise Unanswered(f"{self.name}'s answer to {path} is too large to be one")
        if is_cut:
            raise Unanswered(f"{self.name}'s answer to {path} ends in the middle")


_Plain = http.client.HTTPConnection


class _Tls(http.client.HTTPSConnection):
    """Its socket is known before the handshake, so that the handshake can be ended, too."""

    def __init__(self, host: str, port: int | None, patience: float) -> None:
        super().__init__(host, port, timeout=patience)
        self._checked = ssl.create_default_context()

    def connect(self) -> None:
        _Plain.connect(self)
        self.sock = self._checked.wrap_socket(
            self.sock, server_hostname=self.host, do_handshake_on_connect=False
        )
        self.sock.do_handshake()


class _Deadline:
    """Ends a connection after so long, however often a little of the answer comes."""

    def __init__(self, connection: http.client.HTTPConnection, patience: float) -> None:
        self._connection = connection
        self._timer = threading.Timer(patience, self._end)
        self._timer.daemon = True
        self.socket: socket.socket | None = None
        self.is_over = False

    def __enter__(self) -> "_Deadline":
        self._timer.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._timer.cancel()
        self._timer.join()  # whoever forks next is alone
        self._connection.close()
        if self.socket is not None:
            self.socket.close()

    def _end(self) -> None:
        self.is_over = True
        now = self.socket or self._connection.sock
        if now is not None:
            with suppress(OSError):
                now.shutdown(socket.SHUT_RDWR)


def _cookie(answer: http.client.HTTPResponse) -> str | None:
    found = [v for name, v in answer.getheaders() if name.lower() == "set-cookie"]
    return found[-1].partition(";")[0] if found else None
