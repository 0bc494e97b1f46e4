"""The containers of this machine, as its engines show them."""

import json
import shutil
import stat
import subprocess
from pathlib import Path

import pytest
from click.testing import CliRunner

from labkeeper.audit import Folder
from labkeeper.cli.audit import command
from labkeeper.host.inspection import inspected
from tests.programs import program

ENTRY = {
    "Id": "ab" * 32,
    "Name": "web",
    "ImageName": "docker.io/library/nginx:latest",
    "State": {"Status": "running"},
    "Config": {"Labels": {"PODMAN_SYSTEMD_UNIT": "web.service"}},
    "HostConfig": {"NetworkMode": "bridge"},
}


def engine(folder: Path, name: str, script: str) -> None:
    """A program of that name in place of a real one."""
    path = folder / name
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)


@pytest.fixture
def programs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The only folder that programs are looked for in."""
    folder = tmp_path / "bin"
    folder.mkdir()
    (folder / "sh").symlink_to(shutil.which("sh") or "/bin/sh")
    (folder / "cat").symlink_to(shutil.which("cat") or "/bin/cat")
    monkeypatch.setenv("PATH", str(folder))
    return folder


def podman(folder: Path) -> None:
    (folder / "answer.json").write_text(json.dumps([ENTRY]))
    engine(
        folder,
        "podman",
        'case "$1 $2" in\n"ps --all") echo abab;;\n"inspect abab") cat "${0%/*}/answer.json";;\n'
        '"--version ") echo podman version 5.4.2;;\nesac',
    )


def test_findings_stand_at_the_command_that_shows_them(programs: Path) -> None:
    """A container that runs is audited, and the help says which unit makes it."""
    podman(programs)

    result = CliRunner().invoke(command, ["--running"])

    assert "--> podman inspect web:" in result.stdout
    assert "info[latest-image]" in result.stdout
    assert "it is made by the unit `web.service`" in result.stdout
    assert result.exit_code == 0


def test_an_engine_that_does_not_answer_is_named(programs: Path) -> None:
    """Docker may be installed and not run; that is said, and is no fault."""
    podman(programs)
    engine(programs, "docker", "echo Cannot connect to the Docker daemon >&2; exit 1")

    result = CliRunner().invoke(command, ["--running"])

    assert "skipped docker: could not be asked: Cannot connect" in result.stdout
    assert result.exit_code == 0


def test_podman_under_dockers_name_is_asked_once(programs: Path) -> None:
    """`podman-docker` would show everything twice."""
    podman(programs)
    engine(programs, "docker", 'exec "${0%/*}/podman" "$@"')
    folder = inspected()

    assert isinstance(folder, Folder)
    assert list(folder.texts) == ["podman inspect web"]


def test_without_an_engine_there_is_nothing_to_look_at(programs: Path) -> None:
    """It could not run, and says why."""
    result = CliRunner().invoke(command, ["--running"])

    assert not list(programs.glob("podman"))
    assert result.exit_code == 2
    assert "neither `podman` nor `docker` is installed here" in result.stderr


@pytest.mark.testbed
def test_a_real_podman(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What podman really says of a container that it made is understood."""
    path = program("podman")
    storage, settings = tmp_path / "storage.conf", tmp_path / "containers.conf"
    storage.write_text(
        f'[storage]\ndriver = "vfs"\ngraphroot = "{tmp_path}/root"\nrunroot = "{tmp_path}/run"\n'
    )
    settings.write_text('[engine]\ncgroup_manager = "cgroupfs"\nevents_logger = "file"\n')
    monkeypatch.setenv("CONTAINERS_STORAGE_CONF", str(storage))
    monkeypatch.setenv("CONTAINERS_CONF", str(settings))
    image = "docker.io/library/nginx:1.29.3"

    def do(*words: str) -> None:
        subprocess.run([path, *words], check=True, capture_output=True, timeout=120)

    (tmp_path / "tree").mkdir()
    (tmp_path / "tree" / "true").write_bytes(b"")
    subprocess.run(
        ["tar", "cf", str(tmp_path / "tree.tar"), "-C", str(tmp_path / "tree"), "."], check=True
    )
    do("import", str(tmp_path / "tree.tar"), image)
    do("create", "--name", "web", "--privileged", "-p", "8080:80", "-m", "512m", image, "/true")
    try:
        result = CliRunner().invoke(command, ["--running", "--all"])
    finally:
        do("rm", "--all")
        do("rmi", "--all")

    assert "[privileged-container]" in result.stdout
    assert "--> podman inspect web:" in result.stdout
