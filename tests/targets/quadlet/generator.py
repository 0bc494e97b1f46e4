"""Podman's own generator of units, run on files that are given."""

import os
import subprocess
import tempfile
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.targets.quadlet.systemd import arguments

_HERE = Path("/usr/libexec/podman/quadlet")
# The session's caches are its own: this one is fetched by hand, or by .ci/run.
_FETCHED = Path.home() / ".cache/labkeeper/debian-13/root/usr/libexec/podman/quadlet"


def _program() -> str:
    """The generator of Debian 13, which is Podman 5.4's."""
    given = os.environ.get("LK_QUADLET")
    for path in (Path(given) if given else _HERE, _HERE, _FETCHED):
        if path.is_file() and _version(path).startswith("5.4."):
            return str(path)
    if os.environ.get("CI") == "true":
        pytest.fail("Podman 5.4's quadlet is missing: .ci/run fetches it with scripts/debian13")
    pytest.skip("Podman 5.4's quadlet is not here: `scripts/debian13 podman` fetches it")


def _version(path: Path) -> str:
    done = subprocess.run([path, "-version"], capture_output=True, text=True, check=False)
    return done.stdout.strip()


def generated(files: Mapping[str, str]) -> tuple[dict[str, str], list[str]]:
    """The units that it makes of Quadlets, by name, and all that it complains about."""
    with tempfile.TemporaryDirectory() as folder:
        for name, text in files.items():
            (Path(folder) / name).write_bytes(text.encode())
        done = subprocess.run(
            [_program(), "-dryrun", "-no-kmsg-log"],
            capture_output=True,
            env={"QUADLET_UNIT_DIRS": folder, "PATH": os.environ["PATH"]},
            check=False,
        )
    lines = done.stderr.decode().splitlines()
    said = [line for line in lines if "Loading source unit file" not in line]
    if done.returncode and not said:
        said = [f"it ended with {done.returncode}"]
    return _units(done.stdout.decode()), said


def _units(text: str) -> dict[str, str]:
    found: dict[str, str] = {}
    name = ""
    for line in text.split("\n"):
        if line.startswith("---") and line.endswith(".service---"):
            name = line.strip("-")
        elif name:
            found[name] = found.get(name, "") + line + "\n"
    return found


def values(unit: str, key: str) -> list[str]:
    """All values of a key of a unit."""
    return [line.partition("=")[2] for line in unit.split("\n") if line.startswith(f"{key}=")]


def started(unit: str) -> list[str]:
    """The arguments that a unit starts Podman with."""
    [command] = values(unit, "ExecStart")
    return arguments(command)
