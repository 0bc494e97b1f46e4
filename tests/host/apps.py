"""Apps that answer over HTTP as the real ones do; held to what is known of their APIs."""

import json
import re
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

APIS: dict[str, Any] = json.loads(Path(__file__).with_name("apis.json").read_text("utf-8"))
_TYPES: dict[str, type | tuple[type, ...]] = {
    "string": str, "integer": int, "number": (int, float), "boolean": bool, "date": str,
}  # fmt: skip


@dataclass(frozen=True)
class Asked:
    """A request."""

    method: str
    path: str
    query: Mapping[str, str]
    form: Mapping[str, str]
    body: bytes
    head: Mapping[str, str]


@dataclass(frozen=True)
class Said:
    """An answer; `raw` is sent as it is, in place of all else."""

    body: bytes = b""
    status: int = 200
    head: Mapping[str, str] = field(default_factory=dict)
    raw: bytes | None = None

    @classmethod
    def json(cls, value: object) -> "Said":
        """A value."""
        return cls(json.dumps(value).encode(), head={"Content-Type": "application/json"})


Answering = Callable[[Asked], Said]


@contextmanager
def serving(answer: Answering) -> Iterator[str]:
    """A server that answers as told, on a port of its own."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._answer("GET")

        def do_POST(self) -> None:
            self._answer("POST")

        def _answer(self, method: str) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            parts = urlsplit(self.path)
            is_form = "form" in self.headers.get("Content-Type", "")
            said = answer(
                Asked(method, parts.path, _flat(parts.query),
                      _flat(body.decode()) if is_form else {}, body, dict(self.headers))
            )  # fmt: skip
            with suppress(OSError):  # the one who asked has given up
                if said.raw is not None:
                    self.wfile.write(said.raw)
                    return
                self.send_response(said.status)
                for name, value in said.head.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(said.body)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, args=(0.005,))
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def _flat(text: str) -> dict[str, str]:
    return {name: values[-1] for name, values in parse_qs(text).items()}


class App:
    """One of the apps whose API is known: it refuses what the real one does not take."""

    def __init__(self, name: str, key: str, answers: dict[str, object]) -> None:
        self.name = name
        self.answers = answers
        self._key = key
        self.faults: list[str] = []
        self.asked: list[Asked] = []
        for request, value in answers.items():
            self.faults += fits(value, APIS[name][request]["answer"], request)

    def __call__(self, asked: Asked) -> Said:
        """Answer as the real one."""
        self.asked.append(asked)
        request = f"{asked.method} {asked.path}"
        if request not in APIS[self.name]:
            self.faults.append(f"{self.name} does not know {request}")
            return Said(status=404)
        if extra := set(asked.query) - set(APIS[self.name][request]["query"]):
            self.faults.append(f"{request} takes no {extra}")
        given = asked.head.get("X-Api-Key") or asked.head.get("Authorization", "")
        if given not in (self._key, f'MediaBrowser Token="{self._key}"'):
            return Said(status=401)
        answer = self.answers[request]
        if isinstance(answer, list) and "date" in asked.query:
            since = asked.query["date"].removesuffix("Z")
            answer = [row for row in answer if row["date"].removesuffix("Z") >= since]
        return Said.json(answer)


def fits(value: object, shape: Any, where: str) -> list[str]:
    """Say in what a value is not what an API answers with."""
    match shape, value:
        case dict(), dict():
            strange = [f"{where} has no `{name}`" for name in value if name not in shape]
            known = [name for name in value if name in shape]
            return strange + [f for n in known for f in fits(value[n], shape[n], f"{where}.{n}")]
        case [inner], list():
            return [fault for each in value for fault in fits(each, inner, f"{where}[]")]
        case "map", dict():
            return []
        case str() as name, _ if name.startswith("enum:"):
            is_known = value in name.removeprefix("enum:").split("|")
            return [] if is_known else [f"{where} is never `{value}`"]
        case str() as name, None if name.endswith("?"):
            return []
        case str() as name, _ if name.rstrip("?") in _TYPES:
            kind = _TYPES[name.rstrip("?")]
            is_odd = isinstance(value, bool) and name.rstrip("?") != "boolean"
            is_day = name.rstrip("?") != "date" or re.match(r"\d{4}-\d\d-\d\dT", str(value))
            if isinstance(value, kind) and not is_odd and is_day:
                return []
    return [f"{where}: {value!r} is no {shape}"]


class Sab:
    """SABnzbd, which takes everything as one form and tells a wrong key with 403."""

    def __init__(self, key: str) -> None:
        self._key = key
        self.version = "4.5.3"
        self.slots: list[dict[str, object]] = []
        self.past: list[dict[str, object]] = []
        self.folders = ("/downloads/incomplete", "/downloads/complete")
        self.is_paused = False
        self.pause: Callable[[], object] = bool  # before each answer

    def __call__(self, asked: Asked) -> Said:
        """Answer as the real one."""
        self.pause()
        words = {**asked.query, **asked.form}
        if asked.path not in ("/api", "/sabnzbd/api") or words.get("output") != "json":
            return Said(status=404)
        if words["mode"] == "version":
            return Said.json({"version": self.version})
        if words.get("apikey") != self._key:
            return Said(b"API Key Incorrect", 403)
        if words["mode"] == "fullstatus":
            down, complete = self.folders
            return Said.json({"status": {"downloaddir": down, "completedir": complete, "pid": 9}})
        start, limit = int(words.get("start", 0)), int(words.get("limit", 0))
        rows = self.slots if words["mode"] == "queue" else self.past
        shown = rows[start : start + limit] if limit else rows[start:]
        return Said.json({words["mode"]: {"slots": shown, "noofslots": len(rows),
                                           "paused": self.is_paused}})  # fmt: skip
