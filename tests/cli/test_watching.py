"""`labkeeper audit --watch`: what an edit changes, and nothing else."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from click.testing import CliRunner

from labkeeper.cli.audit import command
from labkeeper.host.changes import state

COMPOSE = "services:\n  web:\n    image: nginx:latest\n"


def read_until(process: "subprocess.Popen[str]", words: str) -> str:
    """What it prints, up to a line with these words."""
    assert process.stdout
    shown = ""
    until = time.monotonic() + 30
    while words not in shown:
        assert time.monotonic() < until, shown
        line = process.stdout.readline()
        assert line, shown
        shown += line
    return shown


def test_an_edit_shows_what_it_changes(tmp_path: Path) -> None:
    """First everything, then new faults and those that are gone; Ctrl-C ends it quietly."""
    (tmp_path / "compose.yaml").write_text(COMPOSE)
    process = subprocess.Popen(
        [sys.executable, "-m", "labkeeper", "audit", "--watch", str(tmp_path)],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        env={**os.environ, "PYTHONUNBUFFERED": "1"},
    )  # fmt: skip
    try:
        first = read_until(process, "file read")
        assert "[latest-image]" in first
        assert (
            process.stderr and "watching" in process.stderr.readline() + process.stderr.readline()
        )

        (tmp_path / "compose.yaml").write_text(
            "# a line above\n"
            + COMPOSE.replace("latest", "1.29.3")
            + "    ports: ['80:80', '80:81']\n"
        )
        second = read_until(process, "gone; ")

        assert "compose.yaml changed" in second
        assert "gone[latest-image] compose.yaml: " in second
        assert "error[port-clash]" in second
        assert "1 new, 1 fault gone; 1 error" in second

        process.send_signal(signal.SIGINT)
        assert process.wait(30) == 1
        assert "Traceback" not in process.stderr.read()
    finally:
        process.kill()
        process.communicate()


def test_other_files_do_not_count(tmp_path: Path) -> None:
    """What no audit reads, and what versions and packages bring, is passed over."""
    (tmp_path / ".git").mkdir()
    for name in ("film.mkv", ".git/config.yml", "compose.yaml"):
        (tmp_path / name).write_text("x")

    assert list(state(tmp_path)) == ["compose.yaml"]
    assert list(state(tmp_path / "compose.yaml")) == ["compose.yaml"]
    assert not state(tmp_path / "gone.yaml")


@pytest.mark.parametrize("option", ["--json", "--running", "--fix", "--write-baseline=x"])
def test_it_is_for_people_and_files(option: str) -> None:
    """It refuses what it cannot do, before it looks at anything."""
    result = CliRunner().invoke(command, ["--watch", option])

    assert result.exit_code == 2
    assert "`--watch`" in result.stderr
