"""Real servers on loopback: an exporter that is driven, Prometheus, Alertmanager, a webhook."""

import json
import subprocess
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import quote

from tests.programs import program

_PATIENCE = 30.0


@dataclass
class Exporter:
    """What is scraped: values that a test sets, and counters that it lets run."""

    values: dict[str, float]
    rates: dict[str, float] = field(default_factory=dict)
    _counted: dict[str, float] = field(default_factory=dict)
    _at: float = field(default_factory=time.monotonic)

    def text(self) -> str:
        """The page of metrics."""
        now = time.monotonic()
        for name, rate in self.rates.items():
            self._counted[name] = self._counted.get(name, 0.0) + rate * (now - self._at)
        self._at = now
        return "".join(f"{n} {v}\n" for n, v in {**self.values, **self._counted}.items())


@dataclass
class Told:
    """The messages that arrived: alert, status, when."""

    messages: list[tuple[str, str, float]] = field(default_factory=list)

    def when(self, alert: str, status: str, since: float) -> float | None:
        """When somebody was first told so, after a moment."""
        return next(
            (t for n, s, t in self.messages if (n, s) == (alert, status) and t >= since), None
        )


@contextmanager
def serving(address: int, handler: type[BaseHTTPRequestHandler]) -> Iterator[None]:
    """A server of our own while it is needed."""
    server = ThreadingHTTPServer(("127.0.0.1", address), handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def exporter(source: Exporter) -> type[BaseHTTPRequestHandler]:
    """Serves an exporter's page."""

    class Page(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = source.text().encode()
            self.send_response(200)
            self.send_header("Content-Type", "text/plain; version=0.0.4")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    return Page


def webhook(told: Told) -> type[BaseHTTPRequestHandler]:
    """Takes down what Alertmanager sends."""

    class Hook(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            now = time.monotonic()
            for alert in body["alerts"]:
                told.messages.append((alert["labels"]["alertname"], alert["status"], now))
            self.send_response(200)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    return Hook


@contextmanager
def running(folder: Path, prometheus: int, alertmanager: int) -> Iterator[None]:
    """Prometheus and Alertmanager with the folder's own files."""
    commands = {
        prometheus: [
            program("prometheus"), f"--config.file={folder}/prometheus.yml",
            f"--storage.tsdb.path={folder}/tsdb", f"--web.listen-address=127.0.0.1:{prometheus}",
        ],
        alertmanager: [
            program("prometheus-alertmanager"), f"--config.file={folder}/alertmanager.yml",
            f"--storage.path={folder}/alertmanager",
            f"--web.listen-address=127.0.0.1:{alertmanager}", "--cluster.listen-address=",
        ],
    }  # fmt: skip
    with ExitStack() as at_end:
        for address, command in commands.items():
            log = at_end.enter_context((folder / f"{address}.log").open("wb"))
            process = subprocess.Popen(command, stdout=log, stderr=log, cwd=folder)
            at_end.callback(_end, process)
        for address in commands:
            until(partial(_ready, address), f"port {address} is ready")
        yield


def _end(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(10)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _ready(address: int) -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{address}/-/ready", timeout=5) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False


def until(holds: Callable[[], bool], what: str, patience: float = _PATIENCE) -> None:
    """Waits until something holds."""
    end = time.monotonic() + patience
    while not holds():
        assert time.monotonic() < end, f"it never came to be that {what}"
        time.sleep(0.05)


def asked(prometheus: int, query: str) -> int:
    """How many series a query gives."""
    address = f"http://127.0.0.1:{prometheus}/api/v1/query?query={quote(query)}"
    with urllib.request.urlopen(address, timeout=5) as answer:
        return len(json.load(answer)["data"]["result"])
