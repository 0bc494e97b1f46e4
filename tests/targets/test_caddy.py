import contextlib
import json
import os
import re
import socket
import ssl
import subprocess
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, ClassVar

import pytest

from labkeeper.source import Finding
from labkeeper.targets.artifact import Configuration
from labkeeper.targets.ground import Ground
from labkeeper.targets.sites import caddy
from tests.ports import free_port
from tests.programs import program, said
from tests.targets.labs import NAMES, ON_COMPOSE, ground, text_of

LAB = """\
lab: home
hosts: {box: {target: compose, address: 10.0.0.1}, other: {target: compose, address: 10.0.0.2}}
services:
  caddy: {on: box, version: 2.6.2}
  authelia:
    on: box
    environment:
      AUTHELIA_SESSION_SECRET: secret:a
      AUTHELIA_STORAGE_ENCRYPTION_KEY: secret:b
      AUTHELIA_IDENTITY_VALIDATION_RESET_PASSWORD_JWT_SECRET: secret:c
  navidrome: {on: box, login: on}
  jellyfin: {on: other, login: off, domain: films.example.org}
  frigate: {on: box}
network: {domain: home.lan, proxy: caddy}
secrets: {store: sops, file: secrets.yaml, names: [a, b, c]}
"""


def caddyfiles(base: Ground) -> list[Configuration]:
    found = list(caddy.configurations(base))
    assert not [each for each in found if isinstance(each, Finding)]
    return [each for each in found if isinstance(each, Configuration)]


def adapted(text: str, folder: Path) -> dict[str, Any]:
    """What Caddy itself makes of it; it must have nothing to say against it."""
    path = folder / "Caddyfile"
    path.write_text(text, "utf-8")
    status, words = said(program("caddy"), "adapt", "--config", str(path))
    assert status == 0, words
    assert "warn" not in words.lower(), words
    found: dict[str, Any] = json.loads(next(x for x in words.splitlines() if x[:1] == "{"))
    return found


def routes(config: dict[str, Any]) -> dict[str, str]:
    """Each site, and what it leads to."""
    found: dict[str, str] = {}
    for server in config["apps"]["http"]["servers"].values():
        for route in server["routes"]:
            for match in route.get("match", []):
                for host in match.get("host", []):
                    found[host] = json.dumps(route["handle"])
    return found


def old(text: str) -> str:
    """The lab with a Caddy no newer than the one that is installed."""
    found = re.search(r"v?(\d+)\.(\d+)", said(program("caddy"), "version")[1])
    assert found
    if (int(found[1]), int(found[2])) >= (2, 9):
        return text
    return text.replace("  caddy: {", "  caddy: {version: 2.6.2, ")


@pytest.mark.parametrize("name", [*NAMES, *ON_COMPOSE])
def test_caddy_reads_every_site(name: str, tmp_path: Path) -> None:
    """Caddy adapts the file, and each site of the plan leads to its upstream."""
    base = ground(old(text_of(name)))
    files = caddyfiles(base)

    assert bool(files) == bool(base.plan.sites)
    for file in files:
        found = routes(adapted(file.body, tmp_path))
        wanted = [site for site in base.plan.sites if site.proxy_host == file.host]
        assert sorted(found) == sorted(site.domain for site in wanted)
        for site in wanted:
            assert f'"dial": "{site.upstream}"' in found[site.domain]


def test_it_is_formatted_as_caddy_does(tmp_path: Path) -> None:
    """`caddy fmt` has nothing to change."""
    for base in (ground(LAB), *(ground(text_of(name)) for name in NAMES)):
        for file in caddyfiles(base):
            path = tmp_path / "Caddyfile"
            path.write_text(file.body, "utf-8")
            assert said(program("caddy"), "fmt", str(path))[1] == file.body


def test_who_may_enter_is_asked_first(tmp_path: Path) -> None:
    """Authelia stands before every site, but not before its own, or where it is switched off."""
    (file,) = caddyfiles(ground(LAB))
    found = routes(adapted(file.body, tmp_path))
    asked = {domain for domain, handle in found.items() if "/api/authz/forward-auth" in handle}

    assert asked == {"navidrome.home.lan", "frigate.home.lan"}
    assert set(found) == asked | {"authelia.home.lan", "films.example.org"}


def test_another_host_is_reached_by_its_address(tmp_path: Path) -> None:
    """A container of the same host by its name; TLS where the service itself speaks it."""
    (file,) = caddyfiles(ground(LAB))
    found = routes(adapted(file.body, tmp_path))

    assert '"dial": "10.0.0.2:8096"' in found["films.example.org"]
    assert '"dial": "navidrome:4533"' in found["navidrome.home.lan"]
    assert '"insecure_skip_verify": true' in found["frigate.home.lan"]


def test_who_signs() -> None:
    """Names of the lan are signed by Caddy, public ones by an authority, unless the lab says so."""
    (mixed,) = caddyfiles(ground(LAB))
    (all_,) = caddyfiles(
        ground(LAB.replace("proxy: caddy", "proxy: caddy, certificates: internal"))
    )
    (none,) = caddyfiles(ground(LAB.replace("proxy: caddy", "proxy: caddy, certificates: public")))

    assert "navidrome.home.lan {\n\ttls internal\n" in mixed.body
    assert "films.example.org {\n\treverse_proxy" in mixed.body
    assert "local_certs" in all_.body
    assert "tls internal" not in all_.body
    assert "tls internal" not in none.body
    assert "local_certs" not in none.body


def test_metrics_are_where_the_version_has_them() -> None:
    """Caddy before 2.9 refuses the general option, later ones warn of the other."""
    (older,) = caddyfiles(ground(LAB))
    (newer,) = caddyfiles(ground(LAB.replace(", version: 2.6.2", "")))

    assert "\tservers {\n\t\tmetrics\n\t}\n" in older.body
    assert "\tservers" not in newer.body
    assert "\n\tmetrics\n" in newer.body


def targets(base: Ground) -> list[str]:
    return [each.address.text for job in base.plan.scrapes for each in job.targets]


def test_prometheus_asks_the_proxy() -> None:
    """Its metrics are switched on, so they are asked for; those of another Caddy may not be."""
    watched = "services:\n  prometheus: {on: box}\n"
    text = LAB.replace("services:\n", watched)
    other = text.replace("proxy: caddy", "lan: 10.0.0.0/24")

    assert "caddy:2019" in targets(ground(text))
    assert "caddy:2019" not in targets(ground(other))


def test_the_users_own_file_stays() -> None:
    """Where the lab mounts its own Caddyfile, there is no other."""
    text = LAB.replace("{on: box, version: 2.6.2}", "{on: box, paths: {/etc/caddy: /srv/caddy}}")

    assert caddyfiles(ground(text)) == []


def test_another_proxy_is_told_of() -> None:
    """Sites of a proxy that labkeeper cannot configure are a finding."""
    text = LAB.replace("proxy: caddy", "proxy: nginx-proxy-manager").replace(
        "  caddy: {on: box, version: 2.6.2}\n", "  nginx-proxy-manager: {on: box}\n"
    )
    (found,) = caddy.configurations(ground(text))

    assert isinstance(found, Finding)
    assert (found.check, found.subject) == ("proxy-not-supported", "nginx-proxy-manager")


class Answering(BaseHTTPRequestHandler):
    """A service that says who it is; as Authelia, one that lets nobody in without a cookie."""

    seen: ClassVar[list[str]] = []

    def do_GET(self) -> None:
        """One answer."""
        asked = self.path.startswith("/api/authz/forward-auth")
        allowed = not asked or "in=yes" in self.headers.get("Cookie", "")
        self.send_response(200 if allowed else 302)
        if asked and allowed:
            self.send_header("Remote-User", "somebody")
        if not allowed:
            self.send_header("Location", "https://authelia.home.lan/")
        body = f"user={self.headers.get('Remote-User')}".encode()
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args: object) -> None:
        """Not on the terminal."""
        self.seen.append(self.path)


@contextlib.contextmanager
def serving() -> Iterator[int]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Answering)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield server.server_address[1]
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def asked(port: int, name: str, cookie: str = "") -> str:
    """What a browser gets from a site, TLS and all; the first attempt may be too early."""
    context = ssl._create_unverified_context()
    for _ in range(100):
        try:
            raw = socket.create_connection(("127.0.0.1", port))
            with context.wrap_socket(raw, server_hostname=name) as one:
                head = f"GET / HTTP/1.1\r\nHost: {name}\r\nCookie: {cookie}\r\n"
                one.sendall(f"{head}Connection: close\r\n\r\n".encode())
                return b"".join(iter(lambda: one.recv(4096), b"")).decode()
        except OSError:
            time.sleep(0.1)
    raise AssertionError


@pytest.mark.testbed
def test_caddy_serves_it(tmp_path: Path) -> None:
    """A site asks for a login, then shows its service and who came in; metrics are to be had."""
    text = LAB.replace("proxy: caddy", "proxy: caddy, certificates: internal")
    (file,) = caddyfiles(ground(text))
    plain, secure, admin, metrics = free_port(), free_port(), free_port(), free_port()
    with serving() as service:
        body = file.body.replace("{\n", f"{{\n\thttp_port {plain}\n\thttps_port {secure}\n", 1)
        body = body.replace("localhost:2020", f"localhost:{admin}").replace(":2019", f":{metrics}")
        body = body.replace("navidrome:4533", f"127.0.0.1:{service}")
        body = body.replace("authelia:9091", f"127.0.0.1:{service}")
        path = tmp_path / "Caddyfile"
        path.write_text(body, "utf-8")
        with (tmp_path / "log").open("wb") as log:
            process = subprocess.Popen(
                [program("caddy"), "run", "--config", str(path)], stdout=log, stderr=log,
                env={"HOME": str(tmp_path), "PATH": os.environ["PATH"]},
            )  # fmt: skip
        try:
            refused = asked(secure, "navidrome.home.lan")
            entered = asked(secure, "navidrome.home.lan", cookie="in=yes")
            with socket.create_connection(("127.0.0.1", metrics)) as one:
                one.sendall(b"GET /metrics HTTP/1.0\r\n\r\n")
                shown = b"".join(iter(lambda: one.recv(65536), b"")).decode()
        finally:
            process.terminate()
            process.wait(10)

    assert refused.startswith("HTTP/1.1 302")
    assert entered.startswith("HTTP/1.1 200")
    assert entered.endswith("user=somebody")
    assert "caddy_http_requests_total" in shown


def test_who_has_apps_is_not_hidden_behind_a_login_page() -> None:
    """No app and no notification gets past Authelia; what people alone open, it guards."""
    text = LAB.replace(
        "navidrome: {on: box, login: on}", "vaultwarden: {on: box}\n  ntfy: {on: box}"
    )
    logins = {site.service: site.login for site in ground(text).plan.sites}

    assert logins["vaultwarden"] is None
    assert logins["ntfy"] is None
    assert logins["frigate"] == "authelia:9091"
