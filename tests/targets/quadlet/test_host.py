"""A real Debian 13 with Podman 5.4 runs what a build wrote for it."""

import shutil
from collections.abc import Iterator

import pytest

from tests.programs import program
from tests.targets.quadlet.debian import Debian
from tests.targets.quadlet.labs import on_box

pytestmark = pytest.mark.testbed

LOOP = "trap exit TERM; while :; do sleep 1; done"
# As YAML has it, and as the container is to have it.
ODD = r'''"a 50% $HOME ${X} $$ \"q\" 'ä' \\ \n\tline"'''
WANTED = "a 50% $HOME ${X} $$ \"q\" 'ä' \\ \n\tline"
LAB = f"""
  teller:
    image: localhost/shell:1
    command: [sh, -c, 'cat /run/secrets/key.pem; echo "[$TOKEN][$ODD]"; {LOOP}']
    user: "7:8"
    environment: {{TOKEN: secret:token, ODD: {ODD}}}
    secrets: [key.pem]
    paths: {{/data: /srv/teller}}
    health: {{command: [test, -w, /data]}}
  gate:
    image: localhost/shell:1
    command: [sh, -c, '{LOOP}']
    health: {{command: [test, "!", -e, /sick], every: 2s, start-within: 1s}}
  client:
    image: localhost/shell:1
    command: [sh, -c, '{LOOP}']
    through: gate
  keeper:
    image: localhost/shell:1
    command: [sh, -c, '{LOOP}']
    paths: {{/data: "hot:keeper"}}
"""
HOST = "versions: {podman: 5.4}, tiers: {hot: {path: /mnt/hot}}"


@pytest.fixture(scope="module")
def debian(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Debian]:
    for name in ("systemd-nspawn", "debootstrap", "busybox", "nsenter"):
        program(name)
    made = on_box(LAB, HOST, "secrets: {store: files, folder: /etc/lab/secrets}")
    assert [each for each in made.findings if each.severity == "error"] == []
    found = Debian(tmp_path_factory.mktemp("debian"))
    secrets = found.root / "etc/lab/secrets"
    secrets.mkdir(parents=True, mode=0o700)
    for name, text in (("token", "s3cret"), ("key.pem", "KEY\n")):
        (secrets / name).write_text(text)
        (secrets / name).chmod(0o600)
    found.boot()
    try:
        found.image("localhost/shell:1")
        found.copy(made.artifacts, "box")
        found.said("systemd-tmpfiles", "--create", "labkeeper.conf")
        # The next boot is the first that knows of it all.
        found.stop()
        found.boot()
        yield found
    finally:
        found.stop()
        # pytest keeps the folders of three runs, and a whole system is large.
        shutil.rmtree(found.root)


def test_values_and_secrets_reach_a_container(debian: Debian) -> None:
    """A hardened unit brings the secrets, every character arrives, and state is its user's own."""
    debian.until(60, lambda: debian.state("teller.service") == "active")

    assert debian.said("podman", "logs", "teller") == f"KEY\n[s3cret][{WANTED}]\n"
    assert debian.said("stat", "-c", "%u:%g %a", "/srv/teller") == "7:8 750\n"
    assert "healthy" in debian.said("podman", "inspect", "teller", "--format", "{{.State.Health}}")


def test_a_changed_secret_is_given_anew(debian: Debian) -> None:
    """Its unit is restarted by hand, and what needs it follows."""
    (debian.root / "etc/lab/secrets/token").write_text("another")
    assert debian.run("systemctl", "restart", "labkeeper-secret@token")[0] == 0
    debian.until(90, lambda: "[another]" in debian.said("podman", "logs", "teller"))


def test_a_client_of_a_gateway_is_never_without_it(debian: Debian) -> None:
    """A gateway that no longer works is killed; its client stops and comes back with it."""
    debian.until(60, lambda: debian.state("client.service") == "active")
    before = debian.said("podman", "inspect", "gate", "--format", "{{.Id}}")
    assert debian.run("podman", "exec", "gate", "touch", "/sick")[0] == 0

    debian.until(60, lambda: debian.state("client.service") != "active")
    debian.until(60, lambda: debian.state("client.service") == "active")
    after = debian.said("podman", "inspect", "gate", "--format", "{{.Id}}")
    assert debian.state("gate.service") == "active"
    assert before != after


def test_a_service_waits_for_its_disk(debian: Debian) -> None:
    """It does not start before its tier is mounted, and makes its folder there, not below."""
    assert debian.state("keeper.service") == "inactive"
    assert debian.run("systemctl", "start", "keeper")[0] != 0
    assert not (debian.root / "mnt/hot/keeper").exists()

    assert debian.run("sh", "-c", "mkdir -p /mnt/hot && mount -t tmpfs none /mnt/hot")[0] == 0
    assert debian.run("systemctl", "start", "keeper")[0] == 0
    assert debian.run("test", "-d", "/mnt/hot/keeper")[0] == 0
