import json
import subprocess
from pathlib import Path

import pytest

from tests.programs import program
from tests.targets.quadlet.generator import generated, started, values
from tests.targets.quadlet.labs import built, on_box, unit, units
from tests.targets.quadlet.systemd import arguments

MINE = "  mine: {image: 'x.example/mine:1', "


def words(text: str) -> list[str]:
    made, said = generated({"mine.container": text, "lab.network": "[Network]\n"})
    assert said == []
    return started(made["mine.service"])


@pytest.mark.parametrize(
    "path", ["/srv/a b", "/srv/a'b", '/srv/a"b', "/srv/a,b", "/srv/a$b", "/srv/50%", "/srv/a:b",
             "/srv/ä", "/srv/a\\b"]
)  # fmt: skip
def test_a_folder_may_have_any_name(path: str) -> None:
    """It arrives as the plan has it, and systemd waits for its mount."""
    shown = path.replace("'", "''")
    made = unit(on_box(f"{MINE} paths: {{/data: '{shown}'}}}}"), "mine.container")
    found = words(made)

    assert f"{path}:/data" in found or any(
        word.startswith("--mount=type=bind,") and path.replace('"', '""') in word for word in found
    )
    assert any(path[:6] in line for line in made.split("\n") if line.startswith("Requires")) or (
        f"Volume={path}:/data" in made
    )


def test_a_changed_file_changes_its_unit() -> None:
    """The label differs with what Prometheus reads, so that the unit is started anew."""
    one = on_box("  prometheus:")
    other = on_box("  prometheus:\n  node-exporter:")

    assert "Label=labkeeper.configuration=" in unit(one, "prometheus.container")
    assert unit(one, "prometheus.container") != unit(other, "prometheus.container")


def test_a_service_waits_for_its_disk() -> None:
    """A tier that is a mount is required, and never written below; one with a size is a folder."""
    text = "tiers: {hot: {path: /mnt/hot}, part: {path: /srv/part, size: 10GiB}}"
    host = f"versions: {{podman: 5.4}}, {text}"
    made = on_box(f"{MINE} paths: {{/a: 'hot:a', /b: 'part:b'}}}}", host)
    container = unit(made, "mine.container")

    assert "\nRequiresMountsFor=/mnt/hot\nAssertPathIsMountPoint=/mnt/hot\n" in container
    assert "install -d -m 0750" in container
    [folders] = [each.body for each in made.artifacts if each.path.endswith("labkeeper.conf")]
    assert "/srv/part/b" in folders
    assert "/mnt/hot" not in folders


def test_folders_are_made_once_and_then_left_alone(tmp_path: Path) -> None:
    """systemd-tmpfiles makes what is missing, with its owner, and changes nothing that is there."""
    tmpfiles = program("systemd-tmpfiles")
    made = on_box(
        "  prometheus: {paths: {/prometheus: '/srv/new'}}\n"
        "  mine: {image: 'x.example/mine:1', user: '7:8', paths: {/data: '/srv/there 50%'}}"
    )
    [folders] = [each.body for each in made.artifacts if each.path.endswith("labkeeper.conf")]
    there = tmp_path / "srv" / "there 50%"
    there.mkdir(parents=True)
    there.chmod(0o711)
    before = there.stat()
    file = tmp_path / "labkeeper.conf"
    file.write_text(folders, "utf-8")
    done = subprocess.run(
        [tmpfiles, "--create", f"--root={tmp_path}", str(file)],
        capture_output=True, text=True, check=False,
    )  # fmt: skip

    assert done.stderr == ""
    assert (there.stat().st_mode, there.stat().st_uid) == (before.st_mode, before.st_uid)
    new = (tmp_path / "srv" / "new").stat()
    assert (new.st_mode & 0o777, new.st_uid, new.st_gid) == (0o750, 65534, 65534)


def test_a_folder_on_a_tier_is_made_where_nothing_is(tmp_path: Path) -> None:
    """As the unit does it, run for real: a file and a folder that are there stay as they are."""
    host = f"versions: {{podman: 5.4}}, tiers: {{hot: {{path: {tmp_path}}}}}"
    made = on_box(f"{MINE} paths: {{/a: 'hot:new $x', /b: 'hot:file', /c: 'hot:folder'}}}}", host)
    (tmp_path / "file").write_text("mine")
    (tmp_path / "folder").mkdir(0o700)
    commands = values(unit(made, "mine.container"), "ExecStartPre")

    assert len(commands) == 3
    for command in commands:
        subprocess.run(arguments(command), check=True)
    assert (tmp_path / "new $x").stat().st_mode & 0o777 == 0o750
    assert (tmp_path / "file").read_text() == "mine"
    assert (tmp_path / "folder").stat().st_mode & 0o777 == 0o700


def test_numbers_are_written_out() -> None:
    """Podman reads no `8.64e+06s`."""
    health = "health: {command: ['true'], every: 90s, start-within: 100d}"
    text = unit(on_box(f"{MINE} cpus: 0.125, {health}}}"), "mine.container")

    assert "\nHealthInterval=90s\nHealthStartPeriod=8640000s\n" in text
    assert "\nPodmanArgs=--cpus=0.125\n" in text


@pytest.mark.parametrize(
    ("user", "podman", "lines"),
    [
        ("user: '7:8'", "5.4", ["User=7", "Group=8"]),
        ("user: '7:8'", "4.4", ["User=7", "Group=8"]),
    ],
)
def test_a_user_is_a_number(user: str, podman: str, lines: list[str]) -> None:
    """Both keys, which every version takes."""
    made = unit(on_box(f"{MINE} {user}}}", f"versions: {{podman: {podman}}}"), "mine.container")

    assert [line for line in made.split("\n") if line.startswith(("User=", "Group="))] == lines


STORES = {
    "files": "folder: /etc/lab/secrets",
    "systemd-credentials": "folder: /etc/lab/credentials",
    "sops": "file: secrets.yaml",
    "agenix": "folder: secrets",
}


def secret_unit(store: str, podman: str = "5.4") -> str:
    made = on_box(
        f"{MINE} user: '7:8', environment: {{TOKEN: secret:token}}, secrets: [key.pem]}}",
        f"versions: {{podman: {podman}}}",
        f"secrets: {{store: {store}, {STORES[store]}}}",
    )
    assert made.findings == ()
    container = unit(made, "mine.container")
    flag = "PodmanArgs=--secret=" if podman == "4.4" else "Secret="
    assert f"{flag}labkeeper-token,type=env,target=TOKEN\n" in container
    assert f"{flag}labkeeper-key.pem,type=mount,target=key.pem,uid=7,gid=8,mode=0400" in container
    needed = "labkeeper-secret@token.service labkeeper-secret@key.pem.service"
    assert f"\nRequires={needed}\n" in container
    assert f"\nAfter={needed}" in container
    [found] = [e.body for e in made.artifacts if e.path.endswith("labkeeper-secret@.service")]
    return found


@pytest.mark.parametrize("store", STORES)
@pytest.mark.parametrize("podman", ["4.4", "5.4"])
def test_secrets_are_brought_and_never_shown(store: str, podman: str, tmp_path: Path) -> None:
    """A hardened unit hands each to Podman by its name: at most 2.0 of systemd's own 10."""
    file = tmp_path / "labkeeper-secret@token.service"
    file.write_text(secret_unit(store, podman), "utf-8")
    done = subprocess.run(
        [program("systemd-analyze"), "security", "--offline=true", "--threshold=20", str(file)],
        capture_output=True, text=True, check=False,
    )  # fmt: skip

    assert done.returncode == 0, done.stdout
    verified = subprocess.run(
        [program("systemd-analyze"), "verify", "--man=no", str(file)],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert verified.stderr == ""


def test_a_unit_that_systemd_refuses_is_caught(tmp_path: Path) -> None:
    """systemd-analyze, which the units are held to, does find a key that it does not know."""
    file = tmp_path / "broken.service"
    file.write_text("[Service]\nExecStart=/bin/true\nRestartSecs=1\n", "utf-8")
    done = subprocess.run(
        [program("systemd-analyze"), "verify", "--man=no", str(file)],
        capture_output=True, text=True, check=False,
    )  # fmt: skip

    assert "RestartSecs" in done.stderr


def test_a_network_has_its_addresses() -> None:
    """Those that the lab gives it; without any, Podman chooses."""
    made = built("five-hosts-on-quadlet")
    p510 = units(made)["p510"]
    found, said = generated(p510)

    assert said == []
    assert started(found["media-network.service"])[1:] == [
        "network", "create", "--ignore", "--subnet", "10.89.10.0/24", "systemd-media",
    ]  # fmt: skip


def test_a_digest_stays() -> None:
    """An image that is pinned is asked for by its digest."""
    digest = "sha256:" + "a" * 64
    made = on_box(f"  mine: {{image: 'x.example/mine:1@{digest}'}}")

    assert f"Image=x.example/mine:1@{digest}\n" in unit(made, "mine.container")


def test_a_socket_of_podman_is_there_first() -> None:
    """Who asks Podman over its socket needs the unit that makes it."""
    exporter = unit(on_box("  podman-exporter:"), "podman-exporter.container")
    made, _ = generated({"podman-exporter.container": exporter, "lab.network": "[Network]\n"})

    assert any("podman.socket" in value for value in
               values(made["podman-exporter.service"], "Requires"))  # fmt: skip


def test_a_database_has_longer_to_end() -> None:
    """What a service is given to end is what compose gives it; systemd waits half a minute more."""
    made = on_box(
        "  postgresql: {environment: {POSTGRES_PASSWORD: x}}\n"
        "  prometheus:\n  whoami: {image: x/y:1}"
    )
    database, keeper, plain = (
        unit(made, f"{name}.container") for name in ("postgresql", "prometheus", "whoami")
    )

    assert "StopTimeout=120\n" in database
    assert "TimeoutStopSec=150\n" in database
    assert "StopTimeout=60\n" in keeper
    assert "TimeoutStopSec=90\n" in keeper
    assert "Stop" not in plain


@pytest.mark.parametrize(
    ("features", "asked"),
    [("gpu: on", True), ("gpu: {sharing: time-slice}", True), ("gpu: {validate: off}", False),
     ("gpu: off", False)],
)  # fmt: skip
def test_a_container_is_asked_whether_it_sees_the_card(features: str, asked: bool) -> None:
    """Once it has started, and what it says is told and no more; where the lab wants it."""
    card = "versions: {podman: 5.4}, gpu: {model: RTX 3060, vram: 12GiB}"
    host = f"{card}, features: {{{features}}}"
    made = unit(on_box(f"{MINE} gpu: on}}\n  other: {{image: x/y:1}}", host), "mine.container")
    units, said = generated({"mine.container": made, "lab.network": "[Network]\n"})
    after = values(units["mine.service"], "ExecStartPost")

    assert said == []
    assert len(after) == asked
    for line in after:
        assert line.startswith("-/bin/sh -c ")
        script = arguments(line.removeprefix("-"))[2]
        assert subprocess.run(["sh", "-n", "-c", script], check=True).returncode == 0
        assert script.startswith("timeout 30 podman exec mine nvidia-smi --list-gpus ")


@pytest.mark.parametrize(
    "text",
    ["one\nExecStartPre=/bin/evil", "ends with \\\\", "\\r\\n[Service]\\", "50% of\tit\0", "[x]"],
)
def test_a_description_is_one_line(text: str) -> None:
    """Whatever it holds, no key or section follows from it, and systemd shows it as one line."""
    made = unit(on_box(f"{MINE} description: {json.dumps(text)}}}"), "mine.container")
    units, said = generated({"mine.container": made, "lab.network": "[Network]\n"})
    [shown] = values(units["mine.service"], "Description")

    assert said == []
    assert values(units["mine.service"], "ExecStartPre") == []
    assert shown.replace("%%", "%").split() == text.replace("\0", " ").rstrip("\\").split()


@pytest.mark.parametrize("folder", ["/etc/a b", "/etc/50%", "/etc/$x", '/etc/a"b', "/etc/a:b"])
@pytest.mark.parametrize("store", ["files", "systemd-credentials"])
def test_secrets_may_lie_in_any_folder(folder: str, store: str, tmp_path: Path) -> None:
    """systemd takes the path as it is, without quotes."""
    secrets = f"secrets: {{store: {store}, folder: {json.dumps(folder)}}}"
    made = on_box(f"{MINE} secrets: [key]}}", "versions: {podman: 5.4}", secrets)
    [text] = [each.body for each in made.artifacts if "labkeeper-secret@" in each.path]
    file = tmp_path / "labkeeper-secret@key.service"
    file.write_text(text, "utf-8")
    done = subprocess.run([program("systemd-analyze"), "verify", "--man=no", str(file)],
                          capture_output=True, text=True, check=False)  # fmt: skip

    assert f":{folder.replace('%', '%%')}/%i\n" in text
    assert "Credential" not in done.stderr
