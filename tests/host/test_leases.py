"""What the kernel says of a file that is open elsewhere."""

import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from labkeeper.host import leases, reach
from labkeeper.host.leases import Use


@pytest.mark.parametrize(
    ("others", "against_writers", "against_all"),
    [
        (None, Use.FREE, Use.FREE),
        (os.O_RDONLY, Use.FREE, Use.IN_USE),
        (os.O_WRONLY, Use.IN_USE, Use.IN_USE),
    ],
)
def test_who_has_it_open(
    tmp_path: Path, others: int | None, against_writers: Use, against_all: Use
) -> None:
    """A reader stands beside a read lease, a writer beside none, nobody beside a write lease."""
    (tmp_path / "a").write_text("a")
    if others is not None:
        os.open(tmp_path / "a", others)
    file = os.open(tmp_path / "a", os.O_RDONLY)

    assert leases.hold_against_writers(file) is against_writers
    if against_writers is Use.FREE:
        leases.drop(file)
    assert leases.hold_against_all(file) is against_all


@pytest.mark.testbed
def test_a_writer_in_a_container_is_seen(tmp_path: Path) -> None:
    """Namespaces hide its process and its mounts, and not that it has the file open."""
    if os.geteuid() or shutil.which("unshare") is None:
        pytest.skip("namespaces of one's own need root and unshare")
    (tmp_path / "a").write_text("a")
    writer = subprocess.Popen(
        ["unshare", "--pid", "--mount", "--fork", "--kill-child", "sh", "-c",
         'exec 3>>"$1"; echo open; read word', "sh", tmp_path / "a"],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE,
    )  # fmt: skip
    with writer:
        assert writer.stdout is not None
        assert writer.stdout.readline() == b"open\n"
        file = os.open(tmp_path / "a", os.O_RDONLY)
        assert leases.hold_against_writers(file) is Use.IN_USE
        writer.communicate(b"end\n")
    assert leases.hold_against_writers(file) is Use.FREE
    os.close(file)


def test_what_cannot_be_leased_is_unknown() -> None:
    """A file that cannot be leased gives no answer, and none is not a yes."""
    file = os.open("/dev/null", os.O_RDONLY)

    assert leases.hold_against_writers(file) is Use.UNKNOWN


def _sleep() -> bytes:
    time.sleep(60)
    return b""


def test_a_silent_disk_is_given_up() -> None:
    """A question that gets no answer ends in time; an error of the child is raised here."""
    began = time.monotonic()
    with pytest.raises(reach.Silent):
        reach.ask(_sleep, patience=0.2)
    assert time.monotonic() - began < 30  # the sleep is of 60
    with pytest.raises(FileNotFoundError):
        reach.ask(lambda: Path("/none").read_bytes())
    assert reach.ask(lambda: b"x" * 200_000) == b"x" * 200_000


def test_a_stop_is_no_silence() -> None:
    """Who was stopped (Ctrl-Z) for longer than the patience still hears the answer."""
    asks = (
        "import time; from labkeeper.host import reach; print('asking', flush=True);"
        "print(reach.ask(lambda: (time.sleep(0.3), b'x')[1], patience=1.0))"
    )
    path = os.pathsep.join(sys.path)
    with subprocess.Popen(
        [sys.executable, "-c", asks], stdout=subprocess.PIPE, env={**os.environ, "PYTHONPATH": path}
    ) as process:
        assert process.stdout is not None
        process.stdout.readline()
        os.kill(process.pid, signal.SIGSTOP)
        time.sleep(1.5)
        os.kill(process.pid, signal.SIGCONT)

        assert process.stdout.read() == b"b'x'\n"
