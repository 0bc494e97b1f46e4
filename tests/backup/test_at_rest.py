"""A booted Debian with services of systemd: they stand still while they are read, and run after."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from labkeeper.backup import quiescing
from labkeeper.cli import main
from tests.programs import HEARING, program
from tests.targets.quadlet.debian import Debian

pytestmark = [pytest.mark.testbed, pytest.mark.skipif(os.geteuid() != 0, reason="root boots it")]

# Two files that always agree, but for the moments between two writes.
_WRITER = """[Unit]
Description=Writes a pair
[Service]
ExecStart=/bin/sh -c 'n=0; trap "exit 0" TERM; \
  while :; do n=$$((n+1)); echo $$n >/state/app/a; sleep 0.2; echo $$n >/state/app/b; done'
ExecStop=/bin/sh -c 'cp /state/app/a /state/app/b'
ExecStopPost=/bin/cp /state/app/a /state/app/b
"""
_PEER = """[Unit]
BindsTo=app.service
After=app.service
[Service]
ExecStart=/bin/sleep infinity
"""


class Host:
    """The Debian, a lab for it, and `systemctl` and `podman` that reach into it."""

    def __init__(self, folder: Path) -> None:
        self.debian = Debian(folder)
        root, self.folder = self.debian.root, folder
        self.state = root / "state"
        (self.state / "app").mkdir(parents=True)
        units = root / "etc/systemd/system"
        (units / "app.service").write_text(_WRITER)
        (units / "peer.service").write_text(_PEER)
        (folder / "restic").write_text("secret\n")
        self.lab = folder / "lab.yaml"
        self.lab.write_text(
            f"""lab: try
hosts:
  box: {{target: quadlet, tiers: {{hot: {{path: {self.state}, size: 1GiB, keep-free: 1%}}}}}}
services:
  app: {{image: "localhost/app:1", paths: {{/d: "hot:app"}}}}
  peer: {{image: "localhost/peer:1", after: [app]}}
backup:
  repositories:
    vault: {{to: {folder}/vault, password: secret:restic}}
secrets: {{store: files, folder: {folder}}}
"""
        )
        self.debian.boot()
        self.bin = folder / "bin"
        self.bin.mkdir()
        leader = self.debian._leader()
        for name in ("systemctl", "podman"):
            (self.bin / name).write_text(
                f'#!/bin/sh\nexec {program("nsenter")} --target {leader} --all {name} "$@"\n'
            )
            (self.bin / name).chmod(0o755)
        self.debian.said("systemctl", "start", "peer.service", "app.service")

    @property
    def words(self) -> tuple[str, ...]:
        """The options of each command."""
        return (str(self.lab), "--state", str(self.folder / "record"))

    def back_up(self) -> Result:
        """`labkeeper backup run`."""
        return CliRunner().invoke(main, ["backup", "run", *self.words])

    def pair(self, name: str) -> tuple[str, str]:
        """What a restore of the last backup holds."""
        out = self.folder / name
        done = CliRunner().invoke(main, ["backup", "restore", "app", str(out), *self.words])
        assert done.exit_code == 0, done.output
        below = out / str(self.state).lstrip("/") / "app"
        return (below / "a").read_text(), (below / "b").read_text()

    def running(self) -> tuple[str, str]:
        """Whether both services run."""
        return self.debian.state("app.service"), self.debian.state("peer.service")


@contextmanager
def _host(folder: Path) -> Iterator[Host]:
    host = Host(folder)
    try:
        yield host
    finally:
        host.debian.stop()


@pytest.fixture(scope="module")
def host(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Host]:
    program("restic")
    with _host(tmp_path_factory.mktemp("host")) as host:
        yield host


@pytest.fixture(autouse=True)
def reach(host: Host, monkeypatch: pytest.MonkeyPatch) -> None:
    """Commands find the Debian's own."""
    monkeypatch.setenv("PATH", f"{host.bin}:{os.environ['PATH']}")
    host.debian.said("systemctl", "start", "peer.service", "app.service")
    host.debian.until(30, lambda: host.running() == ("active", "active"))


def test_it_stands_still_while_it_is_read(host: Host, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its files agree in the backup; without the stop they do not, and the same test sees it."""
    for number in range(2):
        done = host.back_up()
        assert done.exit_code == 0, done.output
        first, second = host.pair(f"still{number}")
        assert first == second
        assert host.running() == ("active", "active")

    monkeypatch.setattr(quiescing, "at_rest", lambda *_: _never())
    assert any(host.back_up() and _is_torn(host.pair(f"live{number}")) for number in range(10))


def _is_torn(pair: tuple[str, str]) -> bool:
    return pair[0] != pair[1]


@contextmanager
def _never() -> Iterator[None]:
    yield


def test_a_service_that_does_not_run_is_not_started(host: Host) -> None:
    """It is read as it lies, and stays as it is."""
    host.debian.said("systemctl", "stop", "app.service")

    assert host.back_up().exit_code == 0
    assert host.running() == ("inactive", "inactive")


def test_a_backup_that_fails_leaves_it_running(host: Host) -> None:
    """Whatever happens to the repository in the middle."""
    os.rename(host.folder / "vault", host.folder / "away")  # noqa: PTH104
    try:
        assert host.back_up().exit_code == 1
    finally:
        os.rename(host.folder / "away", host.folder / "vault")  # noqa: PTH104
    assert host.running() == ("active", "active")


@contextmanager
def _reading(host: Host) -> Iterator[subprocess.Popen[bytes]]:
    """A backup that stays where it reads what stands still."""
    slow, sign = host.bin / "restic", host.folder / "reading"
    slow.write_text(
        f'#!/bin/sh\ncase "$*" in *backup*labkeeper,*) touch {sign}; sleep 60;; esac\n'
        f'exec {program("restic")} "$@"\n'
    )
    slow.chmod(0o755)
    command = [*HEARING, sys.executable, "-m", "labkeeper", "backup", "run", *host.words]
    child = subprocess.Popen(command, start_new_session=True, stderr=subprocess.DEVNULL)
    try:
        host.debian.until(60, sign.exists)
        assert host.running() == ("inactive", "inactive")
        yield child
    finally:
        child.kill()
        child.wait()
        slow.unlink()
        sign.unlink(missing_ok=True)


def test_one_that_is_killed_is_mended_by_the_next(host: Host) -> None:
    """A SIGKILL while it stands still: the next command starts it, and what went with it."""
    with _reading(host) as child:
        os.killpg(child.pid, signal.SIGKILL)
        child.wait()
        assert host.running() == ("inactive", "inactive")

    assert host.back_up().exit_code == 0
    assert host.running() == ("active", "active")


@pytest.mark.parametrize("sign", [signal.SIGTERM, signal.SIGHUP, signal.SIGINT])
def test_one_that_is_ended_starts_it_itself(host: Host, sign: signal.Signals) -> None:
    """Ended by systemd, by Ctrl-C or with its terminal, it leaves nothing down."""
    with _reading(host) as child:
        child.send_signal(sign)
        assert child.wait(90) != 0

    assert host.running() == ("active", "active")
