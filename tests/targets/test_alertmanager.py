import json
import subprocess
import time
import urllib.error
import urllib.request
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

import pytest

from labkeeper.checks import View
from labkeeper.prove.arrival import arrival
from labkeeper.targets import Configuration, compile_plan
from labkeeper.targets.ground import Ground
from labkeeper.targets.monitoring import alertmanager
from tests.ports import free_port
from tests.programs import program, said
from tests.targets.debian13 import debian13
from tests.targets.labs import NAMES, ground, text_of

LAB = """
lab: small
hosts: {box: {target: quadlet, versions: {podman: 5.4}, tiers: {data: {path: /srv/data}}}}
services: {prometheus: , alertmanager: , node-exporter: , blackbox-exporter: , SERVICES}
notify:
  channels:
    phone: {ntfy: "https://ntfy.example/lab?x=1", token: secret:ntfy}
    mail: {mail: me@example.org, server: "smtp.example.org:587", from: lab@example.org,
           user: "a: b", password: secret:smtp}
    hook: {webhook: "http://hook.example/in"}
    broker: {mqtt: "broker.example:1883"}
  routes: {critical: [phone, mail], warning: [hook], info: [broker]}
monitoring: {dead-mans-switch: {to: hook, every: 5m}}
secrets: {store: files, folder: /etc/labkeeper/secrets, names: [ntfy, smtp]}
"""


def lab(services: str = "loki: ") -> Ground:
    return ground(LAB.replace("SERVICES", services))


def file_of(base: Ground) -> Configuration:
    files = [f for f in alertmanager.configurations(base) if isinstance(f, Configuration)]
    return files[0]


@pytest.mark.parametrize("name", NAMES)
def test_amtool_accepts_it(name: str, tmp_path: Path) -> None:
    """amtool 0.25, the oldest that is supported, takes the file of each example."""
    path = tmp_path / "alertmanager.yml"
    path.write_text(file_of(ground(text_of(name))).body, "utf-8")

    status, text = said(program("amtool"), "check-config", str(path))

    assert status == 0, text


@pytest.mark.parametrize("name", NAMES)
def test_a_newer_amtool_accepts_it(name: str, tmp_path: Path) -> None:
    """amtool 0.28, Debian 13's, takes the same file and warns of nothing."""
    path = tmp_path / "alertmanager.yml"
    path.write_text(file_of(ground(text_of(name))).body, "utf-8")
    amtool = debian13("prometheus-alertmanager", "usr/bin/amtool")

    status, text = said(amtool, "check-config", str(path))

    assert status == 0, text
    assert "level=" not in text


@pytest.mark.parametrize(
    ("labels", "receiver"),
    [
        ("alertname=TierBelowReserve severity=critical host=box", "critical"),
        ("alertname=HostHot severity=warning host=box", "warning"),
        ("alertname=ProbeSlow severity=info host=box", "info"),
        ("alertname=Watchdog severity=info", "dead-mans-switch"),
        ("alertname=SomebodyElses", "nobody"),
    ],
)
def test_each_severity_goes_to_its_own(labels: str, receiver: str, tmp_path: Path) -> None:
    """amtool sends an alert of each severity to that severity's receiver, and to no other."""
    path = tmp_path / "alertmanager.yml"
    path.write_text(file_of(lab()).body, "utf-8")

    status, text = said(
        program("amtool"), "config", "routes", "test", f"--config.file={path}", *labels.split()
    )

    assert status == 0
    # It then warns of the file that holds its own settings, which is not there.
    assert text.split()[0] == receiver


def test_every_channel_is_spoken(tmp_path: Path) -> None:
    """Tokens and passwords are files, addresses survive, and ntfy is never sent too much."""
    path = tmp_path / "alertmanager.yml"
    body = file_of(lab()).body
    path.write_text(body, "utf-8")

    assert said(program("amtool"), "check-config", str(path))[0] == 0
    assert '"https://ntfy.example/lab?x=1&template=yes&title=' in body
    assert '&priority=urgent"' in body
    assert "credentials_file: /run/secrets/ntfy" in body
    assert "auth_password_file: /run/secrets/smtp" in body
    assert 'auth_username: "a: b"' in body
    assert body.count("max_alerts: 3") == 1


def test_its_secrets_are_given_to_it() -> None:
    """Each secret that the file names is one that the container is given, as a file."""
    base = lab()
    uses = {use.file for use in base.secrets[("box", "alertmanager")]}
    named = {word for word in file_of(base).body.split() if word.startswith("/run/secrets/")}

    assert named == uses == {"/run/secrets/ntfy", "/run/secrets/smtp"}
    assert base.containers[("box", "alertmanager")].secrets == ("ntfy", "smtp")


def test_the_switch_is_on_time() -> None:
    """It is sent again after exactly its time, and its end is never a sign of life."""
    body = file_of(lab()).body
    switch = body[body.index("- receiver: dead-mans-switch") :]

    assert "group_interval: 1m\n      repeat_interval: 4m30s" in switch
    assert switch.endswith("send_resolved: false\n")


def test_a_channel_that_nobody_speaks_is_told_of() -> None:
    """MQTT is no language of Alertmanager's: a lab without labkeeper is told that nobody hears."""
    base = lab()
    wrong = compile_plan(base.lab, base.plan, base.catalog).findings

    assert [(each.check, each.severity, each.subject) for each in wrong] == [
        ("channel-not-supported", "warning", "broker")
    ]
    assert "  - name: info\n" in file_of(base).body


def test_a_proof_knows_that_nobody_speaks_it() -> None:
    """An alert whose only channel is MQTT reaches nobody, and its proof says so."""
    base = lab()
    rule = next(r for r in base.plan.rules if r.name.text == "TargetAnswersSlowly")
    labels = {"alertname": rule.name.text, "severity": "info", "host": "box"}
    found = arrival(View(base.plan, catalog=base.catalog), rule, labels, {})

    assert found.arrives == "no"
    assert "does not speak what `broker` is" in found.reason


def test_labkeeper_passes_on_what_alertmanager_does_not_speak() -> None:
    """With labkeeper in the lab, its own address takes the channel's place."""
    base = ground(LAB.replace("quadlet", "nixos").replace("SERVICES", "labkeeper: "))

    said = compile_plan(base.lab, base.plan, base.catalog).findings

    # There is no program yet that does, and so the build says.
    assert [each.message for each in said] == [
        "nothing runs `labkeeper` yet: it has no metrics, and passes no alerts on"
    ]
    assert "url: http://host.containers.internal:9999/alertmanager/broker" in file_of(base).body


def test_what_says_it_all_mutes_what_follows() -> None:
    """A host that is down speaks for its services, and only for those of the same host."""
    body = file_of(lab()).body

    assert (
        "  - source_matchers:\n"
        "      - alertname=HostDown\n"
        "    target_matchers:\n"
        '      - "alertname=~\\"TargetDown|ProbeFails\\""\n'
        "    equal: [host, tier, device]\n"
    ) in body


def rendered(text: str, data: object, folder: Path) -> str:
    """What Go's templates make of a text: Caddy has them, and reads JSON as ntfy does."""
    (folder / "data.json").write_text(json.dumps(data), "utf-8")
    (folder / "page.txt").write_text(
        f'{{{{with fromJson (include "data.json")}}}}{text}{{{{end}}}}'
    )
    (folder / "Caddyfile").write_text(
        "{\n\tadmin off\n\tauto_https off\n}\n"
        f"http://:{(port := free_port())} {{\n\tbind 127.0.0.1\n\troot * {folder}\n"
        "\ttemplates {\n\t\tmime text/plain\n\t}\n\tfile_server\n}\n"
    )
    command = [
        program("caddy"),
        "run",
        "--config",
        str(folder / "Caddyfile"),
        "--adapter",
        "caddyfile",
    ]
    with subprocess.Popen(command, stderr=subprocess.DEVNULL, env={"HOME": str(folder)}) as caddy:
        try:
            for _ in range(100):
                time.sleep(0.1)
                try:
                    with urllib.request.urlopen(f"http://127.0.0.1:{port}/page.txt") as answer:
                        body: bytes = answer.read()
                        return body.decode()
                except urllib.error.URLError:
                    continue
            raise AssertionError("Caddy did not answer")
        finally:
            caddy.terminate()


@pytest.mark.testbed
@pytest.mark.parametrize("status", ["firing", "resolved"])
def test_a_message_of_ntfy_is_never_too_long(status: str, tmp_path: Path) -> None:
    """The longest alerts, with names of four bytes a letter, make a text that ntfy takes."""
    url = next(
        integration.url.text
        for receiver in lab().plan.alertmanagers[0].receivers
        for integration in receiver.integrations
        if integration.channel == "phone" and integration.url
    )
    asked = dict(parse_qsl(urlsplit(url).query))
    alert = {
        "status": status, "labels": {"alertname": "TierFillsUp", "host": "box"},
        "annotations": {"summary": "🖥" * 500, "description": "do this first\n" * 200},
    }  # fmt: skip
    data = {
        "status": status, "commonLabels": alert["labels"], "alerts": [alert] * 3,
        "truncatedAlerts": 7,
    }  # fmt: skip
    message = rendered(asked["message"], data, tmp_path)

    assert len(message.encode()) <= 4096
    assert message.endswith("and 7 more")
    assert ("do this first" in message) == (status == "firing")
    over = "Over: " if status == "resolved" else ""
    assert rendered(asked["title"], data, tmp_path) == f"{over}TierFillsUp on box"
    assert rendered(asked["title"], {"status": status, "commonLabels": {"alertname": "A"}},
                    tmp_path) == f"{over}A"  # fmt: skip


def test_what_alertmanager_fills_in_itself_is_not_in_an_address() -> None:
    """Since 0.31 it takes braces in an address for a template of its own."""
    urls = [
        i.url.text for r in lab().plan.alertmanagers[0].receivers for i in r.integrations if i.url
    ]

    assert len(urls) == 3
    assert not any("{" in url for url in urls)
