from pathlib import Path

import pytest

from labkeeper.targets import Configuration, compile_plan
from labkeeper.targets.ground import Ground
from labkeeper.targets.monitoring import alertmanager
from tests.programs import program, said
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
    assert '"https://ntfy.example/lab?x=1&template=alertmanager&priority=urgent"' in body
    assert "credentials_file: /run/secrets/ntfy" in body
    assert "auth_password_file: /run/secrets/smtp" in body
    assert 'auth_username: "a: b"' in body
    assert body.count("max_alerts: 10") == 1


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


def test_labkeeper_passes_on_what_alertmanager_does_not_speak() -> None:
    """With labkeeper in the lab, its own address takes the channel's place."""
    base = ground(LAB.replace("quadlet", "nixos").replace("SERVICES", "labkeeper: "))

    assert compile_plan(base.lab, base.plan, base.catalog).findings == ()
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
