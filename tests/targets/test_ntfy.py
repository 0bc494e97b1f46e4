"""What reaches a phone: Alertmanager's message, as ntfy itself makes a text of it."""

import json
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from labkeeper.plan import Integration
from labkeeper.targets.ground import Ground
from tests.ports import free_port
from tests.programs import program
from tests.targets.debian13 import debian13
from tests.targets.labs import ground
from tests.targets.test_alertmanager import file_of

LAB = """
lab: small
hosts: {box: {target: quadlet, tiers: {data: {path: /srv/data}}}}
services: {prometheus: , alertmanager: , node-exporter: }
notify:
  channels: {phone: {ntfy: "http://ntfy.test/lab"}}
  routes: {critical: [phone], warning: [phone], info: [phone]}
"""
ALERT: dict[str, Any] = {
    "status": "firing",
    "labels": {"alertname": "TierNotMounted", "host": "box", "severity": "critical"},
    "annotations": {"summary": "nothing is mounted at /mnt/“hot”, 100% & {{odd}}",
                    "description": "1. `mount /mnt/hot`\n2. look"},
    "startsAt": "2026-11-21T02:00:00Z", "endsAt": "0001-01-01T00:00:00Z",
}  # fmt: skip


def asked(base: Ground, receiver: str) -> Integration:
    """The address that a severity is told at."""
    [found] = [each for each in base.plan.alertmanagers[0].receivers
               if each.name.text == receiver]  # fmt: skip
    return found.integrations[0]


@contextmanager
def ntfy(folder: Path) -> Iterator[int]:
    """A server of its own; its port."""
    port = free_port()
    command = [debian13("ntfy", "usr/bin/ntfy"), "serve", "--config", "/dev/null",
               "--listen-http", f"127.0.0.1:{port}", "--base-url", f"http://127.0.0.1:{port}",
               "--cache-file", str(folder / "cache.db")]  # fmt: skip
    with (folder / "ntfy.log").open("ab") as log:
        server = subprocess.Popen(command, stdout=log, stderr=log, env={"HOME": str(folder)})
    try:
        until(lambda: get(f"http://127.0.0.1:{port}/v1/health"), 30)
        yield port
    finally:
        server.terminate()
        server.wait(30)


def until(what: Any, seconds: float) -> Any:
    """The first answer that is one."""
    end = time.monotonic() + seconds
    while True:
        try:
            if found := what():
                return found
        except (urllib.error.URLError, ConnectionError):
            if time.monotonic() > end:
                raise
        assert time.monotonic() < end
        time.sleep(0.1)


def get(url: str) -> str:
    with urllib.request.urlopen(url, timeout=10) as answer:
        body: bytes = answer.read()
        return body.decode()


def post(url: str, data: object) -> None:
    body = json.dumps(data).encode()
    request = urllib.request.Request(url, body, {"Content-Type": "application/json"})
    with urllib.request.urlopen(request, timeout=10) as answer:
        assert answer.status == 200


def messages(port: int) -> list[dict[str, Any]]:
    """What a phone would show."""
    lines = get(f"http://127.0.0.1:{port}/lab/json?poll=1").splitlines()
    return [json.loads(line) for line in lines]


def here(url: str, port: int) -> str:
    return urlsplit(url)._replace(netloc=f"127.0.0.1:{port}").geturl()


def sent(alerts: list[dict[str, Any]], truncated: int = 0) -> dict[str, Any]:
    """Alertmanager's message, version 4: https://prometheus.io/docs/alerting/latest/configuration."""
    return {
        "version": "4", "groupKey": "x", "truncatedAlerts": truncated, "receiver": "critical",
        "status": alerts[0]["status"], "groupLabels": alerts[0]["labels"],
        "commonLabels": alerts[0]["labels"], "commonAnnotations": {},
        "externalURL": "http://alertmanager:9093", "alerts": alerts,
    }  # fmt: skip


def test_ntfy_makes_a_message_of_it(tmp_path: Path) -> None:
    """Title, text and priority are what somebody reads at night, of one, of many and at the end."""
    base = ground(LAB)
    critical, info = (asked(base, name).url for name in ("critical", "info"))
    assert critical
    assert info
    over = {**ALERT, "status": "resolved"}
    with ntfy(tmp_path) as port:
        post(here(critical.text, port), sent([ALERT]))
        post(here(info.text, port), sent([over]))
        post(here(critical.text, port), sent([ALERT] * 3, 7))
        one, end, many = until(lambda: messages(port), 30)

    assert one["title"] == "TierNotMounted on box"
    # Newer ones take white space away at the end.
    assert one["message"].strip() == (
        f"{ALERT['annotations']['summary']}\n1. `mount /mnt/hot`\n2. look"
    )
    assert one["priority"] == 5
    assert end["title"] == "Over: TierNotMounted on box"
    assert end["message"].strip() == ALERT["annotations"]["summary"]
    assert end["priority"] == 2
    assert many["message"].endswith("and 7 more")
    assert many["message"].count("mount /mnt/hot") == 3


@pytest.mark.testbed
@pytest.mark.parametrize("version", ["0.25", "0.28"])
def test_an_alert_reaches_a_phone(version: str, tmp_path: Path) -> None:
    """From Alertmanager's own door, through its routes, to what ntfy keeps for the phone."""
    name = "prometheus-alertmanager"
    path = program(name) if version == "0.25" else debian13(name, f"usr/bin/{name}")
    with ntfy(tmp_path) as port, ExitStack() as stack:
        body = file_of(ground(LAB)).body.replace("http://ntfy.test", f"http://127.0.0.1:{port}")
        (tmp_path / "alertmanager.yml").write_text(body, "utf-8")
        own = free_port()
        server = stack.enter_context(subprocess.Popen(
            [path, f"--config.file={tmp_path}/alertmanager.yml", f"--storage.path={tmp_path}/am",
             "--cluster.listen-address=", f"--web.listen-address=127.0.0.1:{own}"],
            stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
        ))  # fmt: skip
        stack.callback(server.terminate)
        until(lambda: get(f"http://127.0.0.1:{own}/-/ready"), 60)
        alert = {key: ALERT[key] for key in ("labels", "annotations")}
        post(f"http://127.0.0.1:{own}/api/v2/alerts", [alert])
        # It waits ten seconds for others of the group.
        [message] = until(lambda: messages(port), 90)

    assert message["title"] == "TierNotMounted on box"
    assert message["message"].startswith(ALERT["annotations"]["summary"])
    assert message["priority"] == 5
