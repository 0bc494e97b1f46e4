"""The launcher: each way in which a first start can fail is a clear line, and leaves no half."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """What a clone holds of what a first start needs."""
    for name in ("requirements", "src"):
        shutil.copytree(ROOT / name, tmp_path / name)
    shutil.copy(ROOT / "lk", tmp_path / "lk")
    return tmp_path


def start(checkout: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(checkout / "lk"), *arguments],
        env=os.environ | environment,
        capture_output=True,
        text=True,
        check=False,
    )


def program(folder: Path, body: str) -> str:
    path = folder / "python"
    path.write_text(f"#!/bin/sh\n{body}\n")
    path.chmod(0o755)
    return str(path)


def test_no_python(checkout: Path) -> None:
    """Without a Python, the package to install is named."""
    ended = start(checkout, "--version", LK_PYTHON="python-of-nowhere")

    assert ended.returncode == 2
    assert "python-of-nowhere was not found" in ended.stderr
    assert "apt install python3 python3-venv" in ended.stderr


def test_old_python(checkout: Path, tmp_path: Path) -> None:
    """A Python that is too old is named with its version."""
    old = program(tmp_path, "echo 3.9.2")

    ended = start(checkout, "--version", LK_PYTHON=old)

    assert ended.returncode == 2
    assert "python 3.9.2 is too old" in ended.stderr


def test_no_venv_module(checkout: Path, tmp_path: Path) -> None:
    """Debian's Python without its venv package gets the line that installs it."""
    bare = program(tmp_path, 'case "$*" in *ensurepip*) exit 1;; esac\nexec python3 "$@"')

    ended = start(checkout, "--version", LK_PYTHON=bare)

    assert ended.returncode == 2
    assert "apt install python3-venv" in ended.stderr


def test_no_network(checkout: Path) -> None:
    """Where the packages cannot be had, it says so and leaves nothing half installed."""
    ended = start(checkout, "--version", PIP_NO_INDEX="1", PIP_FIND_LINKS=str(checkout))

    assert ended.returncode == 2
    assert "the first start needs the network" in ended.stderr
    assert not list(checkout.glob(".venv-*"))


def made(checkout: Path, name: str, interpreter: str) -> Path:
    """An environment as an earlier start has left it, whose Python only says its own name."""
    folder = checkout / f".venv-run-{name}"
    (folder / "bin").mkdir(parents=True)
    python = program(folder / "bin", f"echo {name}")
    shutil.copy(checkout / "requirements" / "run.txt", folder / "requirements.txt")
    (folder / "interpreter").write_text(interpreter.replace("ITSELF", python) + "\n")
    return folder


def test_a_later_start_asks_no_python(checkout: Path) -> None:
    """An environment that is there is used as it is: asking takes longer than all the rest."""
    slow = checkout / "programs"
    slow.mkdir()
    (slow / "python3").write_text("#!/bin/sh\nexit 1\n")
    (slow / "python3").chmod(0o755)
    folder = made(checkout, "first", "ITSELF")
    path = f"{slow}:{os.environ['PATH']}"

    assert start(checkout, PATH=path).stdout == "first\n"

    (folder / "requirements.txt").write_text("other\n")
    assert "python3 does not start" in start(checkout, PATH=path).stderr


def test_another_python_under_the_same_name(checkout: Path) -> None:
    """After an upgrade of the system the old environment's packages are not found any more."""
    made(checkout, "older", "/usr/bin/python3.11-of-last-year")
    made(checkout, "right", "ITSELF")

    assert start(checkout).stdout == "right\n"


@pytest.mark.testbed
def test_two_starts_at_once(checkout: Path) -> None:
    """Two first starts at once both work, and install once."""
    both = [
        subprocess.Popen(
            [str(checkout / "lk"), "--version"],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for _ in range(2)
    ]
    ended = [process.communicate() for process in both]

    assert [process.returncode for process in both] == [0, 0]
    assert all("labkeeper" in out for out, _ in ended)
    assert sum("first start" in err for _, err in ended) == 1
    assert len(list(checkout.glob(".venv-run-*"))) == 1
