"""What is compiled is started for real: only addresses and folders are other ones."""

import json
import re
import socket
import ssl
import subprocess
import threading
import time
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from labkeeper.targets import Configuration
from labkeeper.targets.compile import CONFIGURATIONS
from labkeeper.targets.ground import Ground
from tests.ports import free_port
from tests.programs import program
from tests.targets.labs import ground

LAB = """
lab: real
hosts: {box: {target: quadlet}}
services:
  prometheus: {domain: watch.home.lan}
  alertmanager:
  node-exporter:
  blackbox-exporter:
  caddy:
network: {domain: home.lan, proxy: caddy}
notify:
  channels: {hook: {webhook: "http://hook:9999/critical"}, beat: {webhook: "http://hook:9999/beat"}}
  routes: {critical: [hook], warning: [hook]}
monitoring:
  interval: 1s
  detect-within: 15s
  dead-mans-switch: {to: beat, every: 10s}
  retention: {time: 1h, size: 64MiB}
"""
PROGRAMS = {
    "prometheus": "prometheus",
    "alertmanager": "prometheus-alertmanager",
    "node-exporter": "prometheus-node-exporter",
    "blackbox-exporter": "prometheus-blackbox-exporter",
    "caddy": "caddy",
}
# The folders that containers have, and a test has not.
FOLDERS = ("/etc/prometheus", "/etc/alertmanager", "/etc/blackbox_exporter", "/etc/caddy",
           "/prometheus", "/alertmanager")  # fmt: skip


class Hook(ThreadingHTTPServer):
    """Takes what Alertmanager sends."""

    def __init__(self, port: int) -> None:
        self.taken: list[tuple[str, dict[str, Any]]] = []
        super().__init__(("127.0.0.1", port), Handler)


class Handler(BaseHTTPRequestHandler):
    """Keeps what it is sent."""

    def do_POST(self) -> None:
        """Takes one message."""
        assert isinstance(self.server, Hook)
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.taken.append((self.path, json.loads(body)))
        self.send_response(204)
        self.end_headers()

    def log_request(self, code: object = "-", size: object = "-") -> None:
        """Says nothing."""


class Bed:
    """The programs of a lab on this machine."""

    def __init__(self, base: Ground, folder: Path) -> None:
        self.base, self.folder = base, folder
        inner = (80, 443, 2019, 2020, 9090, 9093, 9100, 9115, 9999)
        self.ports = {port: free_port() for port in inner}
        self.by_service = {"prometheus": 9090, "alertmanager": 9093, "node-exporter": 9100,
                           "blackbox-exporter": 9115}  # fmt: skip
        self.running: dict[str, subprocess.Popen[bytes]] = {}

    def moved(self, text: str) -> str:
        """A text with this machine's addresses and this test's folders."""
        for port, here in self.ports.items():
            text = re.sub(rf"\b[a-z][a-z.-]*:{port}\b", f"127.0.0.1:{here}", text)
        text = text.replace("http://:2019", f"http://:{self.ports[2019]}")
        # Caddy's own ports are options of its file; where metrics stand, it moved after Debian's.
        own = f"http_port {self.ports[80]}\n\thttps_port {self.ports[443]}"
        text = text.replace("{\n\tadmin", f"{{\n\t{own}\n\tadmin")
        text = text.replace("\n\tmetrics\n\tlocal", "\n\tservers {\n\t\tmetrics\n\t}\n\tlocal")
        for folder in FOLDERS:
            text = re.sub(rf"(?<![\w/]){folder}(?=[/\s\"]|$)", f"{self.folder}{folder}", text)
        return text

    def write(self) -> None:
        """Puts every file where its program looks for it."""
        for folder in FOLDERS:
            (self.folder / folder.lstrip("/")).mkdir(parents=True, exist_ok=True)
        for make in CONFIGURATIONS:
            for file in make(self.base):
                assert isinstance(file, Configuration)
                path = self.folder / file.path.lstrip("/")
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(self.moved(file.body), "utf-8")

    def start(self, service: str) -> None:
        """Starts a service with the arguments that its container would have."""
        with (self.folder / f"{service}.log").open("ab") as log:
            self.running[service] = subprocess.Popen(
                [program(PROGRAMS[service]), *self.arguments(service)],
                stdout=log, stderr=log, cwd=self.folder, env={"HOME": str(self.folder)},
            )  # fmt: skip

    def arguments(self, service: str) -> list[str]:
        """The container's own, and the image's where it says none."""
        if service == "caddy":
            # Dockerfile of the official image, CMD.
            path = str(self.folder / "etc/caddy/Caddyfile")
            return ["run", "--config", path, "--adapter", "caddyfile"]
        given = [self.moved(word.text) for word in self.base.containers["box", service].command]
        own = [re.sub(r"=/host(?=/|$)", "=/", word).replace("=//", "=/") for word in given]
        return [*own, f"--web.listen-address=127.0.0.1:{self.ports[self.by_service[service]]}"]

    def stop(self, service: str) -> None:
        """Stops a service, if it runs."""
        found = self.running.pop(service, None)
        if found:
            found.terminate()
            found.wait(20)

    def ask(self, port: int, path: str) -> Any:
        """What a program answers."""
        url = f"http://127.0.0.1:{self.ports[port]}{path}"
        with urllib.request.urlopen(url, timeout=5) as answer:
            return json.load(answer)

    def site(self, name: str, path: str) -> str:
        """What a site of the proxy answers, over TLS with the proxy's own certificate."""
        trusting = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        trusting.check_hostname, trusting.verify_mode = False, ssl.CERT_NONE
        with (
            socket.create_connection(("127.0.0.1", self.ports[443]), 5) as plain,
            trusting.wrap_socket(plain, server_hostname=name) as safe,
        ):
            safe.sendall(f"GET {path} HTTP/1.0\r\nHost: {name}\r\n\r\n".encode())
            return b"".join(iter(lambda: safe.recv(65536), b"")).decode()

    def query(self, text: str) -> list[dict[str, Any]]:
        """What Prometheus answers to a query."""
        path = "/api/v1/query?query=" + urllib.parse.quote(text)
        found: list[dict[str, Any]] = self.ask(9090, path)["data"]["result"]
        return found


@contextmanager
def running(folder: Path) -> Iterator[tuple[Bed, Hook]]:
    bed = Bed(ground(LAB), folder)
    bed.write()
    hook = Hook(bed.ports[9999])
    with ExitStack() as stack:
        stack.callback(hook.server_close)
        stack.callback(hook.shutdown)
        threading.Thread(target=hook.serve_forever, daemon=True).start()
        for service in PROGRAMS:
            bed.start(service)
            stack.callback(bed.stop, service)
        yield bed, hook


def soon(what: Callable[[], object], seconds: float) -> bool:
    """Whether something comes true in time."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        try:
            if what():
                return True
        except (OSError, KeyError):
            pass
        time.sleep(0.2)
    return False


@pytest.mark.testbed
def test_a_lab_that_runs_watches_itself(tmp_path: Path) -> None:
    """All targets are up, every rule is loaded, probes succeed, and alerts come and go in time."""
    with running(tmp_path) as (bed, hook):
        targets = sum(len(job.targets) for job in bed.base.plan.scrapes)
        probed = len([probe for probe in bed.base.plan.probes if probe.kind == "http"])

        def alerts(path: str, name: str, status: str) -> bool:
            return any(
                sent == path and alert["labels"]["alertname"] == name and alert["status"] == status
                for sent, body in list(hook.taken)
                for alert in body["alerts"]
            )

        assert soon(lambda: len(bed.query("up == 1")) == targets, 40), bed.query("up")
        assert len(bed.query("up")) == targets
        assert soon(lambda: len(bed.query("probe_success == 1")) == probed, 20)
        groups = bed.ask(9090, "/api/v1/rules")["data"]["groups"]
        rules = [rule for group in groups for rule in group["rules"]]
        assert len(rules) == len(bed.base.plan.rules)
        assert soon(
            lambda: {r["health"] for g in bed.ask(9090, "/api/v1/rules")["data"]["groups"]
                     for r in g["rules"]} == {"ok"}, 70,
        )  # fmt: skip
        assert soon(lambda: "Server is Ready" in bed.site("watch.home.lan", "/-/ready"), 20)
        flags = bed.ask(9090, "/api/v1/status/flags")["data"]
        assert flags["storage.tsdb.retention.time"] == "1h"
        assert flags["storage.tsdb.retention.size"] in {"64MiB", "64MB"}
        bed.stop("node-exporter")
        # A promise of 15 seconds, and a machine that has other things to do.
        assert soon(lambda: alerts("/critical", "HostDown", "firing"), 40)
        bed.start("node-exporter")
        # Prometheus looks for Alertmanager after it has begun, and says again what it said in vain
        # after a minute (--rules.alert.resend-delay).
        assert soon(lambda: alerts("/beat", "Watchdog", "firing"), 90)
        assert soon(lambda: alerts("/critical", "HostDown", "resolved"), 90)
        # The end of the switch is the silence.
        assert {body["status"] for path, body in hook.taken if path == "/beat"} == {"firing"}
        beats = [path for path, _ in hook.taken if path == "/beat"]
        assert len(beats) >= 2
