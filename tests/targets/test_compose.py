import json
import os
import re
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import jsonschema
import podman_compose
import pytest
import yaml
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st

from labkeeper.cli.audit import command as audit
from labkeeper.plan import Container, Host
from labkeeper.source import Finding
from labkeeper.targets import Artifact
from labkeeper.targets.compose.dollars import escaped
from labkeeper.targets.ground import Ground
from labkeeper.targets.health import asked_inside
from labkeeper.targets.yaml import yaml as written
from tests.targets.labs import ON_COMPOSE, compiled, ground, text_of

# The schema of the compose specification; check-jsonschema brings a copy.
OFFICIAL = Path(os.environ.get("LK_COMPOSE_SCHEMA", "compose-spec.json"))


def load(text: str) -> Any:
    return yaml.load(text, Loader=yaml.CSafeLoader)


def files(text: str) -> dict[str, str]:
    made = compiled(text)
    assert not [each for each in made.findings if each.severity == "error"]
    return {each.path: each.body for each in made.artifacts}


def read(text: str, folder: Path) -> dict[str, Any]:
    """What podman-compose makes of a file, everything filled in."""
    (folder / "compose.yaml").write_text(text, "utf-8")
    done = subprocess.run(
        [sys.executable, "-m", "podman_compose", "config"],
        cwd=folder, capture_output=True, text=True, check=False, env={"PATH": os.environ["PATH"]},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = load(done.stdout)
    return found


def lab(services: str, head: str = "target: compose") -> str:
    return f"lab: home\nhosts: {{box: {{{head}}}}}\nservices:\n{services}"


def service(services: str, name: str = "app", head: str = "target: compose") -> dict[str, Any]:
    """One service of the file that a lab becomes."""
    found: dict[str, Any] = load(files(lab(services, head))["box/compose.yaml"])
    one: dict[str, Any] = found["services"][name]
    return one


@pytest.mark.parametrize("name", ON_COMPOSE)
def test_podman_compose_reads_the_plan(name: str, tmp_path: Path) -> None:
    """Every container of the plan is in the file that its host reads, with all that it is given."""
    base, made = ground(text_of(name)), files(text_of(name))
    for host in base.hosts("compose"):
        found = read(made[f"{host.name}/compose.yaml"], tmp_path)["services"]
        wanted = {c.key: c for c in base.plan.containers if c.host == host.name}

        assert sorted(found) == sorted(wanted)
        for key, container in wanted.items():
            assert_same(found[key], container, base, host)


def assert_same(found: Mapping[str, Any], plan: Container, base: Ground, host: Host) -> None:
    assert plan.image
    assert found["image"].endswith(plan.image.text)
    assert found.get("environment", {}) == {
        v.name: v.value.text for v in plan.environment if v.value
    }
    assert found.get("command", []) == [word.text for word in plan.command]
    assert found.get("cap_add", []) == [each.text for each in plan.capabilities]
    assert found.get("privileged", False) == (plan.privileged is not None)
    assert found.get("user") == (plan.user.text if plan.user else None)
    mounted = {mount_of(volume) for volume in found.get("volumes", [])}
    assert mounted >= {(m.source.text if m.source else "", m.target.text) for m in plan.mounts}
    key = (host.name, plan.key)
    assert {file.path for file in base.configured.get(key, ())} <= {target for _, target in mounted}
    command = asked_inside(base.services_by_key[key])
    assert found.get("healthcheck", {}).get("test") == (["CMD", *command] if command else None)
    published = list(found.get("ports", []))
    assert len(published) == len(plan.ports)
    if plan.namespace and plan.namespace.owner:
        assert found["network_mode"] == f"service:{plan.namespace.owner}"
        assert not published


def mount_of(volume: str | Mapping[str, Any]) -> tuple[str, str]:
    if isinstance(volume, str):
        source, target, *_ = volume.split(":")
        return source, target
    return volume["source"], volume["target"]


@pytest.mark.skipif(not OFFICIAL.is_file(), reason="LK_COMPOSE_SCHEMA names no copy of the schema")
@pytest.mark.parametrize("name", ON_COMPOSE)
def test_the_specification_knows_every_key(name: str) -> None:
    """The schema of the compose specification takes each file."""
    schema = json.loads(OFFICIAL.read_text("utf-8"))
    for path, body in files(text_of(name)).items():
        if path.endswith("/compose.yaml"):
            jsonschema.validate(load(body), schema)


@settings(max_examples=200, deadline=None)
@given(
    st.text()
    | st.text("$%{}'\"\\:-#,[]&*!|>@` \n\t\r\x85\u2028aA1")
    | st.sampled_from(["~", "1", "no"])
)
def test_every_text_survives(text: str) -> None:
    """What podman-compose fills in of a value is that value, whatever it holds."""
    body = written(escaped({"environment": {"X": text}, "command": [text]}))
    found = podman_compose.rec_subs(load(body), {"aA1": "filled", "a": "in"})

    assert found == {"environment": {"X": text}, "command": [text]}


TEXTS = (
    "$HOME",
    "${X:-y}",
    "a$$b",
    "100%",
    "it's",
    '"x"',
    "a\nb\n",
    "ä→🎉",
    "null",
    "007",
    "a: b # c",
)


def test_texts_survive_the_whole_way(tmp_path: Path) -> None:
    """From lab.yaml to what podman-compose says: dollars, quotes, line ends, numbers."""
    values = "\n".join(
        f"      V{n}: {json.dumps(text, ensure_ascii=False)}" for n, text in enumerate(TEXTS)
    )
    made = files(lab(f"  app:\n    image: example/app:1\n    environment:\n{values}\n"))
    found = read(made["box/compose.yaml"], tmp_path)["services"]["app"]["environment"]

    assert found == {f"V{n}": text for n, text in enumerate(TEXTS)}


def test_a_secret_is_only_named(tmp_path: Path) -> None:
    """A variable comes from a file of the host, a file from its own; the head says which."""
    made = files(
        lab("  app: {image: example/app:1, environment: {TOKEN: secret:one}, secrets: [two]}\n")
        + "secrets: {store: files, folder: /srv/keys, names: [one, two]}\n"
    )
    body = made["box/compose.yaml"]
    found = load(body)

    assert found["services"]["app"]["env_file"] == "/srv/keys/app.env"
    assert "environment" not in found["services"]["app"]
    assert found["services"]["app"]["secrets"] == ["two"]
    assert found["secrets"] == {"two": {"file": "/srv/keys/two"}}
    assert "#   /srv/keys/app.env  TOKEN (one)\n#   /srv/keys/two      the value alone\n" in body


def test_a_client_waits_for_its_gateway() -> None:
    """It has the gateway's network alone, and starts anew with it."""
    found = service(
        "  gluetun: {vpn: {provider: protonvpn, key: secret:key}}\n"
        "  qbittorrent: {through: gluetun}\n",
        "qbittorrent",
    )

    assert found["network_mode"] == "service:gluetun"
    assert found["depends_on"] == {"gluetun": {"condition": "service_healthy", "restart": True}}
    assert "networks" not in found
    assert "ports" not in found


def test_what_cannot_tell_is_not_waited_for() -> None:
    """A service whose health only others can ask for is waited for until it has started."""
    found = service(
        "  other: {image: example/other:1, health: {http: /, port: 80}}\n"
        "  app: {image: example/app:1, after: [other]}\n"
    )

    assert found["depends_on"] == {"other": {"condition": "service_started"}}


def test_a_missing_disk_is_not_filled_from_below() -> None:
    """A folder of a tier is never made by the engine; one of the system may be."""
    found = service(
        '  app: {image: example/app:1, paths: {/a: "hot:a", /b: /srv/b}}\n',
        head="target: compose, tiers: {hot: {path: /mnt/hot}}",
    )

    assert found["volumes"][0]["bind"] == {"create_host_path": False}
    assert found["volumes"][1] == "/srv/b:/b"


def test_docker_and_podman_are_told_in_their_own_ways() -> None:
    """A card, an image's registry, the log, and what starts again with the host."""
    text = "  app: {image: example/app:1, gpu: on}\n"
    head = "target: compose, gpu: {model: Quadro P1000, vram: 4GiB}, features: {gpu: on}"
    docker, podman = (
        service(text, head=head),
        service(text, head=head + ", versions: {podman: 5.4}"),
    )

    devices = docker["deploy"]["resources"]["reservations"]["devices"]
    assert devices == [{"driver": "nvidia", "count": "all", "capabilities": ["gpu"]}]
    assert docker["image"] == "example/app:1"
    assert docker["restart"] == "unless-stopped"
    assert docker["logging"] == {"driver": "local"}
    assert podman["devices"] == ["nvidia.com/gpu=all"]
    assert podman["image"] == "docker.io/example/app:1"
    assert podman["restart"] == "always"
    assert "logging" not in podman


def test_files_of_a_service_are_mounted_and_counted() -> None:
    """Each is mounted read-only from beside the file, and the label changes with any of them."""
    one = files(lab("  prometheus:\n  node-exporter:\n"))
    two = files(lab("  prometheus:\n") + "monitoring: {interval: 15s}\n")
    found = load(one["box/compose.yaml"])["services"]["prometheus"]
    other = load(two["box/compose.yaml"])["services"]["prometheus"]
    mine = [volume for volume in found["volumes"] if volume.startswith("./")]

    assert mine
    for volume in mine:
        source, _, option = volume.split(":")
        assert f"box/{source.removeprefix('./')}" in one
        assert option == "ro"
    label = "labkeeper.configuration"
    assert re.fullmatch("[0-9a-f]{16}", found["labels"][label])
    assert found["labels"][label] != other["labels"][label]


EXTRA = """\
  app:
    image: example/app:1
    command: [run]
    environment: {A: "1"}
    capabilities: [NET_ADMIN]
    extra:
      compose: |
"""


def with_extra(text: str) -> Artifact | Finding:
    block = "".join(f"        {line}\n" for line in text.splitlines())
    made = compiled(lab(EXTRA + block))
    return made.findings[0] if made.findings else made.artifacts[0]


def test_an_extra_is_laid_over() -> None:
    """Mappings are joined, lists grow, commands and single values are replaced, types stay."""
    made = with_extra(
        'environment: ["B=${HOST_SAYS}"]\ncap_add: [SYS_NICE]\ncommand: [walk]\n'
        'sysctls: {net.core.somaxconn: 1024}\nhostname: "007"\nread_only: true\nrestart: "no"'
    )
    assert isinstance(made, Artifact)
    found = load(made.body)["services"]["app"]

    assert found["environment"] == {"A": "1", "B": "${HOST_SAYS}"}
    assert found["cap_add"] == ["NET_ADMIN", "SYS_NICE"]
    assert found["command"] == ["walk"]
    assert found["sysctls"] == {"net.core.somaxconn": 1024}
    assert (found["hostname"], found["read_only"], found["restart"]) == ("007", True, "no")


@pytest.mark.parametrize("text", ["a: [", "- a", "word", "a: !reset null", "a: 1\n---\nb: 1"])
def test_an_extra_that_is_none_is_refused(text: str) -> None:
    """Where it stands in the lab, in words."""
    made = with_extra(text)

    assert isinstance(made, Finding)
    assert (made.check, made.at and made.at.file) == ("bad-extra", "lab.yaml")


@pytest.mark.parametrize("name", ON_COMPOSE)
def test_an_audit_finds_nothing(name: str, tmp_path: Path) -> None:
    """What a build writes stands before every check of hand-written stacks."""
    for path, body in files(text_of(name)).items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(body, "utf-8")
    report = CliRunner().invoke(audit, [str(tmp_path), "--json"], catch_exceptions=False)
    found = json.loads(report.stdout)

    assert [(each["check"], each["message"]) for each in found["findings"]] == []
    assert {each["check"] for each in found["allowed"]} <= {"container-socket-mounted"}
