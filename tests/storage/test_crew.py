"""Two worker processes at once, as the command line has them."""

import json
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

from labkeeper.storage.crew import Crew
from labkeeper.storage.moving import Request, move
from labkeeper.store.journal import Journal
from labkeeper.store.units import Evidence
from tests.storage.solo import SILENT, crew_moves


def test_two_workers_share_nothing(cold: Path, hot: Path, state: Path) -> None:
    """Thousands of small files through two processes, back to a real disk, all verified there."""
    for number in range(800):
        (cold / str(number)).write_bytes(b"%d" % number * 900)

    report = crew_moves(state, cold, hot)

    assert report.left == []
    assert report.verified.total() == 800
    assert all((hot / str(n)).read_bytes() == b"%d" % n * 900 for n in range(800))


def test_a_stop_goes_on_later(hot: Path, cold: Path, state: Path) -> None:
    """A stop in the middle loses nothing, says that it stopped, and the next run ends the move."""
    for number in range(4):
        (hot / str(number)).write_bytes(os.urandom(6 * 1024 * 1024))
    before = {p.name: p.read_bytes() for p in hot.iterdir()}
    crews: list[Crew] = []

    def stop_soon() -> None:
        while not list(cold.iterdir()):
            time.sleep(0.001)
        crews[0].stop()

    class Stopped(Crew):
        def __enter__(self) -> "Stopped":
            crews.append(self)
            threading.Thread(target=stop_soon).start()
            return self

    journal = Journal.open(state)
    request = Request((f"{hot}/",), str(cold), state, limit=20 * 1024 * 1024)
    _, report = move(request, journal, SILENT, Stopped)
    journal.close()
    assert report.is_stopped
    assert {left.code for left in report.left} <= {"interrupted"}
    assert not any(path.stat().st_mode & 0o077 == 0 for path in cold.iterdir() if path.is_dir())
    report = crew_moves(state, hot, cold)

    assert report.left == []
    assert before == {p.name: p.read_bytes() for p in cold.iterdir()}


def test_a_worker_that_is_killed(hot: Path, cold: Path, state: Path) -> None:
    """A worker killed from outside ends the run with a word, and the next run ends the move."""
    body = os.urandom(12 * 1024 * 1024)
    (hot / "a").write_bytes(body)
    pids: list[int] = []

    class Doomed(Crew):
        def _start(self) -> None:
            super()._start()
            pids.extend(self._workers.values())
            threading.Timer(0.2, os.kill, (pids[-1], signal.SIGKILL)).start()

    journal = Journal.open(state)
    request = Request((f"{hot}/",), str(cold), state, limit=20 * 1024 * 1024)
    _, report = move(request, journal, SILENT, Doomed)
    journal.close()

    assert report.died
    assert (hot / "a").read_bytes() == body
    report = crew_moves(state, hot, cold)
    assert (report.left, report.recovered) == ([], 1)
    assert report.verified == {Evidence.MEMORY: 1}
    assert [p.name for p in cold.iterdir()] == ["a"]


def test_no_worker_inherits_the_journal(hot: Path, cold: Path, state: Path) -> None:
    """A worker takes locks of its own in the journal: none is forked from an open connection.

    With one it holds no lock: the process that looked next, after its parent was killed, removed
    the log in which the worker's last commits were.
    """
    (hot / "a").write_bytes(b"a")
    inherited: list[list[str]] = []

    class Watched(Crew):
        def _start(self) -> None:
            links = [f"/proc/self/fd/{each}" for each in os.listdir("/proc/self/fd")]
            files = [os.readlink(link) for link in links if os.path.lexists(link)]
            inherited.append([file for file in files if file.startswith(f"{state}/moves")])
            super()._start()

    journal = Journal.open(state)
    _, report = move(Request((f"{hot}/",), str(cold), state), journal, SILENT, Watched)
    journal.close()

    assert report.files == 1
    assert inherited == [[]]


def test_few_descriptors(hot: Path, cold: Path, state: Path) -> None:
    """More small files than may be open at once, in many folders, all go in one run."""
    for number in range(400):
        (hot / str(number // 4)).mkdir(exist_ok=True)
        (hot / str(number // 4) / str(number)).write_bytes(b"%d" % number)
    limited = f"ulimit -n 256; exec {sys.executable} -m labkeeper move --json"

    done = subprocess.run(
        ["sh", "-c", f'{limited} --state "$0" "$1/" "$2"', state, hot, cold],
        capture_output=True,
        check=False,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    )

    assert (done.returncode, json.loads(done.stdout)["moved"]["names"]) == (0, 400)
