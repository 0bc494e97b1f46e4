"""A move that is ended from outside stops at a safe place, says so, and goes on later."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.programs import HEARING
from tests.storage.solo import crew_moves

# As nohup does, which sends the words of a terminal elsewhere, too.
NOHUP = ("sh", "-c", 'trap "" HUP; exec "$@"', "sh")
BODY = os.urandom(12 * 1024 * 1024)


def begun(
    hot: Path, cold: Path, state: Path, words: int = subprocess.DEVNULL, limit: str = "4M"
) -> "subprocess.Popen[bytes]":
    """Start a move that takes long, and wait until it is in the middle of a file."""
    command = [sys.executable, "-m", "labkeeper", "move", "--json", "--limit", limit]
    process = subprocess.Popen(
        [
            *(NOHUP if words != subprocess.DEVNULL else HEARING),
            *command,
            "--state",
            str(state),
            f"{hot}/",
            str(cold),
        ],
        stdout=subprocess.PIPE,
        stderr=words,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        start_new_session=True,
    )
    until = time.monotonic() + 60
    while not list(cold.glob(".labkeeper-*.part")):
        assert time.monotonic() < until
        assert process.poll() is None
        time.sleep(0.01)
    return process


@pytest.mark.parametrize(
    ("number", "whom"),
    [(signal.SIGINT, "all"), (signal.SIGTERM, "parent"), (signal.SIGHUP, "all")],
)
def test_an_ending_signal(hot: Path, cold: Path, state: Path, number: int, whom: str) -> None:
    """Nothing half-done stays, the report says that it stopped, and the next run ends it."""
    (hot / "a").write_bytes(BODY)
    process = begun(hot, cold, state)

    (os.kill if whom == "parent" else os.killpg)(process.pid, number)
    document = json.loads(process.communicate(timeout=60)[0])

    assert process.returncode == 1
    assert document["stopped"]
    assert [left["reason"] for left in document["left"]] in ([], ["interrupted"])
    assert (hot / "a").read_bytes() == BODY
    assert list(cold.iterdir()) == []
    assert crew_moves(state, hot, cold).left == []
    assert (cold / "a").read_bytes() == BODY


def test_a_terminal_that_is_gone(hot: Path, cold: Path, state: Path) -> None:
    """A move whose terminal was closed, and which was told to outlive it, goes on to its end."""
    (hot / "a").write_bytes(BODY)
    ours, theirs = os.openpty()
    process = begun(hot, cold, state, theirs, limit="16M")
    os.close(theirs)
    os.close(ours)

    os.kill(process.pid, signal.SIGHUP)
    document = json.loads(process.communicate(timeout=60)[0])

    assert (process.returncode, document["moved"]["names"]) == (0, 1)
    assert (cold / "a").read_bytes() == BODY
