"""The examples, as Podman 5.4 itself reads them."""

import json
import subprocess
from functools import cache
from pathlib import Path

import pytest

from labkeeper.plan import Container
from labkeeper.targets.ground import Ground
from labkeeper.targets.images import qualified
from tests.programs import program
from tests.targets.quadlet.generator import generated, started, values
from tests.targets.quadlet.labs import NAMES, built, example, units


@cache
def every(name: str) -> list[tuple[Ground, Container, list[str], str]]:
    """Each container of an example, with what starts it, and the unit that does."""
    base, found = example(name), []
    for host, files in units(built(name)).items():
        made, said = generated(files)
        assert said == []
        assert len(made) == len(files)
        for container in base.plan.containers:
            if container.host == host:
                unit = made[f"{container.key}.service"]
                found.append((base, container, started(unit), unit))
    return found


def all_after(words: list[str], *flags: str) -> list[str]:
    """What follows a flag, or stands in it behind a `=`."""
    apart = [words[at + 1] for at, word in enumerate(words[:-1]) if word in flags]
    joined = [word.partition("=")[2] for word in words if word.partition("=")[0] in flags]
    return apart + [text for text in joined if text]


@pytest.mark.parametrize("name", NAMES)
def test_what_podman_is_told_is_the_plan(name: str) -> None:
    """Image, name, variables, ports, mounts, limits and command, with nothing left over."""
    for base, container, command, _ in every(name):
        key = container.host, container.key
        service = base.services_by_key[key]
        image = qualified(container.image.text) if container.image else ""
        at = command.index(image)
        words = command[:at]
        assert command[at + 1 :] == [word.text for word in container.command]
        assert all_after(words, "--name") == [container.key]
        assert sorted(all_after(words, "--env")) == sorted(
            f"{each.name}={each.value.text}" for each in container.environment if each.value
        )
        assert len(all_after(words, "--secret")) == len(base.secrets.get(key, ()))
        assert len(all_after(words, "--publish")) == len(container.ports)
        mounts = [each for each in all_after(words, "-v") if not each.startswith("/etc/labkeeper/")]
        assert sorted(mounts) == sorted(
            ":".join(filter(None, (
                each.source.text, each.target.text,
                ",".join((*(["ro"] if each.read_only else []), *each.options)),
            ))) for each in container.mounts if each.source
        )  # fmt: skip
        assert set(all_after(words, "--device")) == {
            *(device.text for device in container.devices),
            *(gpu.value for gpu in container.gpus),
        }
        limit = all_after(words, "--memory")
        assert [_bytes(text) for text in limit] == ([service.memory] if service.memory else [])
        wanted = {each.text.lower() for each in container.capabilities}
        assert set(all_after(words, "--cap-add")) == wanted


def _bytes(text: str) -> int:
    return int(text[:-1]) * {"b": 1, "k": 1 << 10, "m": 1 << 20, "g": 1 << 30}[text[-1]]


@pytest.mark.parametrize("name", NAMES)
def test_a_service_has_started_once_it_works(name: str) -> None:
    """Who is asked for its health is waited for, and longer than its start may take."""
    for base, container, words, unit in every(name):
        service = base.services_by_key[container.host, container.key]
        asked = all_after(words, "--health-cmd")
        assert ("--sdnotify=healthy" in words) == bool(asked)
        [seconds] = values(unit, "TimeoutStartSec")
        assert int(seconds) > (service.health.start_within if service.health else 0)
        for command in asked:
            read = json.loads(command) if command.startswith("[") else command.split()[1:]
            assert len(read) > 1 or command.startswith("CMD ")


def test_clients_of_a_vpn_live_and_die_with_it() -> None:
    """They have its network and no other, stop with it, and come back with it."""
    clients = [each for each in every("homeserver-on-quadlet")
               if each[0].services_by_key[each[1].host, each[1].key].through]  # fmt: skip
    assert sorted(each[1].key for each in clients) == ["qbittorrent", "sabnzbd"]
    for _, _, words, unit in clients:
        assert all_after(words, "--network") == ["container:gluetun"]
        assert all_after(words, "--publish") == []
        assert "gluetun.service" in values(unit, "BindsTo")
        assert "gluetun.service" in values(unit, "PartOf")
        assert any("gluetun.service" in value.split() for value in values(unit, "After"))
        assert values(unit, "WantedBy") == ["multi-user.target gluetun.service"]


@pytest.mark.parametrize("name", NAMES)
def test_systemd_takes_the_units(name: str, tmp_path: Path) -> None:
    """systemd-analyze verifies all of a host's units together, and says nothing."""
    analyze = program("systemd-analyze")
    made = built(name)
    for host, files in units(made).items():
        folder = tmp_path / host
        folder.mkdir()
        found, _ = generated(files)
        for unit, text in found.items():
            (folder / unit).write_text(text.replace("/usr/bin/podman", "/bin/true"), "utf-8")
        for each in made:
            if each.path.startswith(f"{host}/etc/systemd/system/"):
                # Debian 12, where tests may run, has another Podman and no sops.
                body = each.body.replace("/usr/bin/podman", "/bin/true")
                (folder / Path(each.path).name).write_text(body, "utf-8")
        # What else there is on a Debian with Podman.
        (folder / "podman.socket").write_text("[Socket]\nListenStream=/run/podman.sock\n")
        (folder / "podman.service").write_text("[Service]\nExecStart=/bin/true\n")
        done = subprocess.run(
            [analyze, "verify", "--man=no", *(str(folder / unit) for unit in sorted(found))],
            capture_output=True,
            text=True,
            check=False,
            env={"SYSTEMD_UNIT_PATH": f"{folder}:", "PATH": "/usr/bin:/bin"},
        )
        assert done.stderr == ""
        assert done.returncode == 0
