"""A real Debian 13 runs labkeeper's own units, as a build wrote them."""

import shutil
from collections.abc import Iterator

import pytest

from tests.programs import program
from tests.targets.labs import compiled
from tests.targets.quadlet.debian import Debian

pytestmark = pytest.mark.testbed

LAB = """\
lab: home
timezone: Europe/Vienna
hosts:
  box:
    target: quadlet
    versions: {podman: 5.4}
    agent: on
    tiers: {hot: {path: /mnt/hot}, cold: {path: /mnt/cold}}
services:
  app: {image: "localhost/shell:1", paths: {/data: /srv/app}}
storage:
  libraries: {films: {from: "hot:films", to: "cold:films", every: "*:*:0/5"}}
backup:
  repositories:
    vault: {to: "cold:backups", password: secret:vault, drill: quarterly}
secrets: {store: files, folder: /etc/lab/secrets}
"""
TIMERS = ("backup-vault", "verify-vault", "drill-vault", "scrub-hot", "scrub-cold")


@pytest.fixture(scope="module")
def debian(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Debian]:
    for name in ("systemd-nspawn", "debootstrap", "nsenter"):
        program(name)
    made = compiled(LAB)
    assert [each for each in made.findings if each.severity == "error"] == []
    found = Debian(tmp_path_factory.mktemp("debian"))
    try:
        prepare(found)
        found.copy(made.artifacts, "box")
        found.boot()
        assert found.run("systemd-sysusers", "labkeeper.conf")[0] == 0
        assert found.run("systemd-tmpfiles", "--create", "labkeeper-agent.conf")[0] == 0
        assert found.run("systemctl", "daemon-reload")[0] == 0
        yield found
    finally:
        found.stop()
        # pytest keeps the folders of three runs, and a whole system is large.
        shutil.rmtree(found.root)


def prepare(debian: Debian) -> None:
    """What a person brings: labkeeper, restic, a secret, and something to keep."""
    debian.install_labkeeper()
    shutil.copy(program("restic"), debian.root / "usr/bin/restic")
    for path, text in (
        ("etc/lab/secrets/vault", "s3cret\n"),
        ("srv/app/notes", "what nobody may lose\n"),
    ):
        file = debian.root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
        file.chmod(0o600)
    for tier in ("hot", "cold"):
        (debian.root / "mnt" / tier).mkdir()


def mounted(debian: Debian, tier: str) -> None:
    """A disk is there from now on."""
    assert debian.run("mount", "-t", "tmpfs", "-o", "size=200m", tier, f"/mnt/{tier}")[0] == 0


def journal(debian: Debian, unit: str) -> str:
    return debian.said("journalctl", "--no-pager", "-o", "cat", "-u", unit)


def test_every_unit_is_taken(debian: Debian) -> None:
    """This systemd knows each key of each unit."""
    found = debian.run("sh", "-c", "systemd-analyze verify --man=no /etc/systemd/system/labkeeper*")

    assert found[1] == ""
    assert found[0] == 0


def test_one_command_switches_all_of_it_on(debian: Debian) -> None:
    """Enabling the agent enables its sockets and its timers."""
    assert debian.run("systemctl", "enable", "labkeeper.service")[0] == 0
    for each in TIMERS:
        assert debian.said("systemctl", "is-enabled", f"labkeeper-{each}.timer") == "enabled\n"
        assert debian.run("systemctl", "start", f"labkeeper-{each}.timer")[0] == 0
    listed = debian.said("systemctl", "list-timers", "--all", "--no-pager", "labkeeper-*")

    assert all(f"labkeeper-{each}.timer" in listed for each in TIMERS), listed


def test_a_disk_that_is_not_there_is_not_written_to(debian: Debian) -> None:
    """Neither a backup nor a scrub begins, and nothing lies in the folder below."""
    for unit in ("labkeeper-backup-vault.service", "labkeeper-scrub-cold.service"):
        assert debian.run("systemctl", "start", unit)[0] != 0
    assert list((debian.root / "mnt/cold").iterdir()) == []


def test_a_mover_writes_to_a_disk_that_came_later(debian: Debian) -> None:
    """Its own view of the files has a disk that is mounted while it runs, and nothing else."""
    own = debian.root / "etc/systemd/system/labkeeper-mover.service.d"
    own.mkdir()
    try:
        (own / "sleeps.conf").write_text(
            "[Service]\nType=exec\nWatchdogSec=0\nExecStart=\nExecStart=/bin/sleep infinity\n"
        )
        debian.said("systemctl", "daemon-reload")
        assert debian.run("systemctl", "start", "labkeeper-mover.service")[0] == 0
        pid = debian.said("systemctl", "show", "-P", "MainPID", "labkeeper-mover").strip()
        mounted(debian, "hot")
        mounted(debian, "cold")
        inside = ("nsenter", "--target", pid, "--mount")
        assert debian.run(*inside, "touch", "/mnt/cold/from-within")[0] == 0
        assert debian.run("test", "-e", "/mnt/cold/from-within")[0] == 0
        assert not (debian.root / "mnt/cold/from-within").exists()
        assert debian.run(*inside, "touch", "/srv/app/notes")[0] != 0
        assert debian.run("umount", "/mnt/hot")[0] == 0
        mounted(debian, "hot")
    finally:
        debian.said("systemctl", "stop", "labkeeper-mover.service", "labkeeper-mover.socket")
        shutil.rmtree(own)
        debian.said("systemctl", "daemon-reload")


def test_a_backup_is_made_read_and_tried(debian: Debian) -> None:
    """The services of the timers make a real restic repository, read it again, and restore it."""
    for each in ("backup", "verify", "drill"):
        unit = f"labkeeper-{each}-vault.service"
        debian.said("systemctl", "reset-failed", unit)
        status, _ = debian.run("systemctl", "start", unit)
        assert status == 0, journal(debian, unit)
    shown = debian.said(
        "restic", "--repo", "/mnt/cold/backups", "--password-file", "/etc/lab/secrets/vault",
        "--no-cache", "ls", "latest",
    )  # fmt: skip

    assert "/srv/app/notes" in shown
    told = debian.said("labkeeper", "backup", "status", "/etc/labkeeper/lab.yaml", "--host", "box",
                       "--state", "/var/lib/labkeeper")  # fmt: skip
    assert "app  ok" in told, told


def test_the_agent_has_a_film_moved(debian: Debian) -> None:
    """By these units, and no others: agent, mover and watcher come up, act and tell."""
    line = (
        "mkdir -p /mnt/hot/films /mnt/cold/films; echo film > /mnt/hot/films/a;"
        " chmod 600 /mnt/hot/films/a; touch -d '2 hours ago' /mnt/hot/films/a"
    )
    assert debian.run("sh", "-c", line)[0] == 0
    status, said = debian.run("systemctl", "start", "labkeeper.service")
    assert status == 0, said + journal(debian, "labkeeper.service")
    try:
        debian.until(90, lambda: debian.run("test", "-e", "/mnt/cold/films/a")[0] == 0)
        assert debian.run("test", "-e", "/mnt/hot/films/a")[0] != 0
        for unit in ("labkeeper.service", "labkeeper-mover.service"):
            assert debian.state(unit) == "active", journal(debian, unit)
        assert "labkeeper-watcher@" in debian.said("systemctl", "list-units", "--no-legend")
        assert debian.run("systemctl", "reload", "labkeeper", "labkeeper-mover")[0] == 0
        assert debian.state("labkeeper.service") == "active"
    finally:
        debian.said("systemctl", "stop", "labkeeper.service", "labkeeper-mover.socket",
                    "labkeeper-mover.service")  # fmt: skip


def test_a_scrub_reads_its_tier(debian: Debian) -> None:
    """It learns what lies there, as a process that can write nowhere but to its state."""
    assert debian.run("sh", "-c", "echo film > /mnt/hot/a; chmod 600 /mnt/hot/a")[0] == 0
    unit = "labkeeper-scrub-hot.service"
    debian.said("systemctl", "reset-failed", unit)
    status, _ = debian.run("systemctl", "start", unit)

    assert status == 0, journal(debian, unit)
    assert "hot: 1 file" in journal(debian, unit)
