"""Docker's own reader of compose files, Debian 13's: it understands what the plan says."""

import json
import os
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from labkeeper.plan import Container
from labkeeper.targets.ground import Ground
from labkeeper.targets.health import asked_inside
from tests.targets.debian13 import debian13
from tests.targets.labs import ON_COMPOSE, compiled, ground, text_of

SECRETS = "/etc/labkeeper/secrets"
ODD = ("$HOME", "${X:-y}", "a$$b", "100%", "it's", '"x"', "a\nb\n", "ä→🎉", " a ", "", "~", "no",
       "08", "1_000", "0x1f", "2026-11-21", "22:22", "\\n", "a\tb", "# x", "&a", "<<", "{{.X}}",
       "\x85", "\u2028", "\x7f")  # fmt: skip


def docker() -> str:
    return debian13("docker-compose", "usr/libexec/docker/cli-plugins/docker-compose")


def read(text: str, folder: Path) -> dict[str, Any]:
    """What it makes of a file, with the secrets that the file's head names in its reach."""
    inside = folder / "secrets"
    inside.mkdir(exist_ok=True)
    for line in text.splitlines():
        if line.startswith(f"#   {SECRETS}/"):
            name = line.split()[1].rpartition("/")[2]
            (inside / name).write_text("SECRET='it costs $5'\n", "utf-8")
    (folder / "compose.yaml").write_text(text.replace(SECRETS, str(inside)), "utf-8")
    done = subprocess.run(
        [docker(), "-f", str(folder / "compose.yaml"), "config", "--format", "json"],
        capture_output=True, text=True, check=False,
        env={"PATH": os.environ["PATH"], "HOME": str(folder)},
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")
    found: dict[str, Any] = json.loads(done.stdout)
    return found


@pytest.mark.parametrize("name", ON_COMPOSE)
def test_docker_reads_the_plan(name: str, tmp_path: Path) -> None:
    """Every container is there with all that it is given, and nothing is warned of."""
    base, made = ground(text_of(name)), compiled(text_of(name))
    for host in base.hosts("compose"):
        [text] = [each.body for each in made.artifacts if each.path == f"{host.name}/compose.yaml"]
        found = read(text, tmp_path)
        wanted = {c.key: c for c in base.plan.containers if c.host == host.name}

        assert sorted(found.get("services") or {}) == sorted(wanted)
        for key, container in wanted.items():
            assert_same(found["services"][key], container, base)


def plain(text: str) -> str:
    """What it prints may be read again: it writes `$$` for a dollar."""
    return text.replace("$$", "$")


def assert_same(found: Mapping[str, Any], plan: Container, base: Ground) -> None:
    key = (plan.host, plan.key)
    given = dict(found.get("environment") or {})
    if any(use.variable for use in base.secrets.get(key, ())):
        assert plain(given.pop("SECRET")) == "it costs $5"
    assert plan.image
    assert found["image"].endswith(plan.image.text)
    assert {name: plain(text) for name, text in given.items()} == {
        v.name: v.value.text for v in plan.environment if v.value
    }
    command = list(map(plain, found.get("command") or []))
    assert command == [word.text for word in plan.command]
    mounted = {(each.get("source", ""), each["target"]) for each in found.get("volumes") or []}
    assert mounted >= {(m.source.text if m.source else "", m.target.text) for m in plan.mounts
                       if m.kind == "bind"}  # fmt: skip
    assert {f.path for f in base.configured.get(key, ())} <= {target for _, target in mounted}
    asked = asked_inside(base.services_by_key[key])
    assert found.get("healthcheck", {}).get("test") == (["CMD", *asked] if asked else None)
    assert len(found.get("ports") or []) == len(plan.ports)
    assert bool(found.get("privileged")) == (plan.privileged is not None)
    service = base.services_by_key[key]
    assert int(found.get("mem_limit") or 0) == (service.memory or 0)
    assert set(found.get("depends_on") or {}) == {
        each for each in service.after if (plan.host, each) in base.containers
    }


def test_odd_texts_arrive_as_they_are(tmp_path: Path) -> None:
    """Nothing is filled in, read as a number, or lost, in variables, arguments and labels."""
    app = {"image": "x/y:1", "command": [text for text in ODD if text],
           "environment": {f"V{n}": text for n, text in enumerate(ODD)}}  # fmt: skip
    lab = {"lab": "x", "hosts": {"box": {"target": "compose"}}, "services": {"app": app}}
    made = compiled(yaml.safe_dump(lab))
    [text] = [each.body for each in made.artifacts if each.path.endswith("compose.yaml")]
    found = read(text, tmp_path)["services"]["app"]

    assert list(map(plain, found["command"])) == app["command"]
    assert {name: plain(text) for name, text in found["environment"].items()} == app["environment"]
