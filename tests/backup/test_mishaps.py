"""What befalls backups at night: power cuts, full disks, dead ones, clocks that jump."""

import json
import os
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from labkeeper.backup.program import Program, Subject
from labkeeper.backup.restic import Restic
from labkeeper.host import long_run, reach
from labkeeper.host.long_run import Manner
from labkeeper.host.long_run import run as run_long
from labkeeper.storage.reasons import Refusal
from labkeeper.store import state as states
from tests.backup.places import repository
from tests.backup.test_commands import Box
from tests.programs import program, said

BOX = Subject("box", "notes")


@pytest.fixture
def box(tmp_path: Path) -> Box:
    program("restic")
    return Box(tmp_path)


def _restic(box: Box, *words: str) -> list[str]:
    return ["restic", "--repo", str(box.vault), "--password-file", str(box.folder / "restic"),
            "--quiet", *words]  # fmt: skip


def _cut(box: Box, *before: str) -> None:
    """A backup of restic loses its power: its lock stays."""
    pipe = box.folder / "pipe"
    os.mkfifo(pipe)
    command = [*before, *_restic(box, "backup", "--stdin")]
    hold = os.open(pipe, os.O_RDWR)
    with subprocess.Popen(command, stdin=hold, stderr=subprocess.DEVNULL) as child:
        end = time.monotonic() + 60
        while not _locks(box) and time.monotonic() < end:
            time.sleep(0.05)
        child.kill()
    os.close(hold)
    assert len(_locks(box)) == 1


def _locks(box: Box) -> list[Path]:
    """Those that are written to their end: a name is their digest."""
    return [path for path in (box.vault / "locks").iterdir() if len(path.name) == 64]


@pytest.mark.testbed
def test_a_power_cut_in_the_middle(box: Box) -> None:
    """The lock of a program that is gone is taken away by the next run, which lets go as ever."""
    assert box.said("run").exit_code == 0
    _cut(box)

    done = box.told("run")["repositories"][0]

    assert done["is_well"]
    assert "error" not in done
    assert _locks(box) == []
    kept = json.loads(subprocess.check_output([*_restic(box, "snapshots", "--json")]))
    assert len(kept) == 2  # `keep: {daily: 1, ...}`: one for each of the two services


@pytest.mark.testbed
@pytest.mark.skipif(os.geteuid() != 0, reason="root gives a host another name")
def test_a_lock_of_another_host_stays(box: Box) -> None:
    """It may only be asleep. What is kept stays, and it is said who holds it."""
    assert box.said("run").exit_code == 0
    _cut(box, "unshare", "--uts", "sh", "-c", 'hostname nas && exec "$@"', "sh")

    done = box.told("run")["repositories"][0]

    assert done["error"]["reason"] == "locked"
    assert "on nas" in done["error"]["message"]
    assert len(_locks(box)) == 1


@pytest.mark.testbed
@pytest.mark.skipif(os.geteuid() != 0, reason="root mounts a small disk")
@pytest.mark.parametrize("kind", ["restic", "borg"])
def test_a_full_repository(kind: str, tmp_path: Path) -> None:
    """It is said that there is no room; what was kept is whole, and the next one finds its way."""
    disk, source = tmp_path / "disk", tmp_path / "state"
    disk.mkdir()
    source.mkdir()
    (source / "a").write_bytes(os.urandom(2 << 20))
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=24m", "none", disk], check=True)
    try:
        vault = repository(kind, disk / "vault")
        vault.create()
        first = vault.save(BOX, [str(source)], [], 600.0)
        (source / "b").write_bytes(os.urandom(40 << 20))

        with pytest.raises(Refusal) as refusal:
            vault.save(BOX, [str(source)], [], 600.0)
        assert refusal.value.code == "no-room", refusal.value.message

        (source / "b").unlink()
        subprocess.run(["mount", "-o", "remount,size=200m", disk], check=True)
        assert vault.identity() is not None
        (tmp_path / "out").mkdir()
        vault.restore(first.snapshot, (), tmp_path / "out")
        restored = tmp_path / "out" / str(source / "a").lstrip("/")
        assert restored.read_bytes() == (source / "a").read_bytes()
        assert vault.save(BOX, [str(source)], [], 600.0).unread == ()
    finally:
        subprocess.run(["umount", "-l", disk], check=True)


def test_a_disk_that_died_holds_nobody_for_ever(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A program that waits for it is ended when it has not answered for long; a slow one is not."""
    monkeypatch.setattr(long_run, "_PROBED", 0.0)
    monkeypatch.setattr(long_run, "_TICK", 0.05)
    answers = iter([True, False, True, *[False] * 99])
    monkeypatch.setattr(reach, "answers", lambda _: next(answers))
    monkeypatch.setattr(long_run, "_SILENCE", 0.2)

    answer = run_long(["sleep", "600"], Manner({}, place=tmp_path))

    assert answer is not None
    assert answer.status is None
    assert "disk has not answered" in answer.error
    assert next(answers) is False


def test_a_folder_that_is_gone_answers(tmp_path: Path) -> None:
    """Only silence is silence."""
    assert reach.answers(tmp_path)
    assert reach.answers(tmp_path / "none")


@pytest.mark.testbed
def test_no_password(box: Box) -> None:
    """A file that is not there, or is empty, is said to be so, before anything is asked."""
    (box.folder / "empty").write_text("\n")
    missing, empty = (
        box.told("run", "--password-file", box.folder / name)["repositories"][0]["error"]
        for name in ("none", "empty")
    )

    assert (missing["reason"], empty["reason"]) == ("no-password", "no-password")
    assert "cannot be read: no such file" in missing["message"]
    assert "is empty" in empty["message"]
    assert not box.vault.exists()


@pytest.mark.testbed
def test_two_at_once(box: Box) -> None:
    """The second says who is at work, and touches nothing."""
    assert box.said("run").exit_code == 0
    with states.lock(box.folder / "state" / "backup"):
        second = box.said("run")

    assert second.exit_code == 2
    assert f"another labkeeper is at work (process {os.getpid()})" in second.output


@pytest.mark.testbed
def test_a_clock_that_jumped(box: Box) -> None:
    """By a snapshot of a time to come all of today's would be old: none goes, and it is said."""
    assert box.said("run").exit_code == 0
    tags = "labkeeper,service=notes"
    subprocess.run(
        _restic(box, "backup", "--host", "box", "--tag", tags, "--time", "2099-01-01 00:00:00",
                str(box.notes)), check=True)  # fmt: skip

    done = box.told("run")["repositories"][0]

    assert "a time to come" in done["stays"]
    kept = json.loads(subprocess.check_output(_restic(box, "snapshots", "--json")))
    assert len(kept) == 5


@pytest.fixture(params=["restic", "borg"])
def made(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Program]:
    vault = repository(request.param, tmp_path / "vault")
    vault.create()
    yield vault


@pytest.mark.testbed
@pytest.mark.parametrize("keep", [(("daily", 0), ("weekly", 0), ("monthly", 0)), ()])
def test_the_last_one_is_never_let_go(
    keep: tuple[tuple[str, int], ...], made: Program, tmp_path: Path
) -> None:
    """Whatever a lab says that it keeps: nothing is no backup."""
    (tmp_path / "a").write_text("a")
    for _ in range(2):
        last = made.save(BOX, [str(tmp_path / "a")], [], 600.0).snapshot

    made.forget(BOX, keep)

    assert [snapshot.id for snapshot in made.snapshots()] == [
        each.id for each in made.snapshots() if each.id.startswith(last) or last in each.id
    ]
    assert len(made.snapshots()) == 1


@pytest.mark.testbed
def test_what_works_still_keeps_its_lock(box: Box) -> None:
    """A lock is taken away only where nothing holds it any more."""
    assert box.said("run").exit_code == 0
    vault = Restic(str(box.vault), b"secret")
    command = _restic(box, "backup", "--stdin")
    with subprocess.Popen(command, stdin=subprocess.PIPE, stderr=subprocess.DEVNULL) as child:
        while not _locks(box):
            time.sleep(0.05)
        with pytest.raises(Refusal) as refusal:
            vault.forget(BOX, (("daily", 1),))
        assert refusal.value.code == "locked"
        assert socket.gethostname() in refusal.value.message
        child.communicate(b"done")
    assert child.returncode == 0
    assert said(*_restic(box, "check"))[0] == 0
