"""Every reason not to begin, with real mounts: nothing is written and nothing removed."""

import os
import signal
import subprocess
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from labkeeper.host import filesystems, mounts, reach
from labkeeper.host.mounts import Promise
from labkeeper.storage import crew, moving, places
from labkeeper.storage.batch import Ground
from labkeeper.storage.reasons import Refusal
from labkeeper.storage.tree import Tree
from tests.programs import program
from tests.storage.disks import run
from tests.storage.solo import crew_moves, move_here


@pytest.fixture
def source(hot: Path) -> Path:
    (hot / "a").write_text("a")
    return hot


@pytest.fixture
def promise(monkeypatch: pytest.MonkeyPatch) -> list[Promise]:
    """What fstab says in this test."""
    said: list[Promise] = []
    monkeypatch.setattr(mounts, "promised", lambda: said)
    return said


def refused(state: Path, *paths: object, **options: object) -> str:
    """Return the code of the refusal; nothing may have moved."""
    with pytest.raises(Refusal) as refusal:
        move_here(state, *paths, **options)  # type: ignore[arg-type]
    assert refusal.value.help
    return refusal.value.code


def test_a_promised_mount_that_is_missing(
    source: Path, cold: Path, state: Path, promise: list[Promise]
) -> None:
    """A folder below a mount point of fstab that is not mounted is refused."""
    promise.append(Promise(str(cold), "UUID=1", "/etc/fstab"))
    (cold / "sub").mkdir()

    assert refused(state, f"{source}/", cold / "sub") == "not-mounted"
    assert [p.name for p in source.iterdir()] == ["a"]
    assert list((cold / "sub").iterdir()) == []


def test_what_is_not_there(source: Path, cold: Path, state: Path) -> None:
    """A missing source, a missing folder above, and a file for a folder have names of their own."""
    (cold / "file").write_text("")

    assert refused(state, source / "none", cold) == "no-source"
    assert refused(state, f"{source}/", cold / "none" / "none") == "no-destination"
    assert refused(state, f"{source}/", cold / "file") == "destination-is-file"


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """An ext4 of its own."""
    image, point = tmp_path / "disk.img", tmp_path / "disk"
    point.mkdir()
    with image.open("wb") as file:
        file.truncate(48 * 1024**2)
    run("mkfs.ext4", "-q", "-F", image)
    run("mount", "-o", "loop", image, point)
    yield point
    run("umount", "-l", point)


def test_two_names_of_one_file_as_two_sources(source: Path, cold: Path, state: Path) -> None:
    """`move dir/* cold` with hard links and links to folders in it moves them; twice is refused."""
    os.link(source / "a", source / "b")
    (source / "folder").mkdir()
    (source / "link").symlink_to("folder")
    names = [source / name for name in ("a", "b", "folder", "link")]
    assert refused(state, source / "a", source / "a", cold) == "nested-sources"
    assert refused(state, source / "folder", source, cold) == "nested-sources"

    _, report = move_here(state, *names, cold)

    assert report.left == []
    assert (cold / "a").samefile(cold / "b")
    assert os.readlink(cold / "link") == "folder"


def test_who_is_asked_in_a_silence(source: Path, cold: Path, state: Path) -> None:
    """However many sources of a disk there are, the disk is asked once whether it answers."""
    asked: list[bytes] = []
    sources = [source / str(number) for number in range(5)]
    for each in sources:
        each.mkdir()
    grounds = [Ground(Tree(os.fsencode(each)), Tree(os.fsencode(cold))) for each in sources]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(moving, "check_answers", asked.append)
        moving.watch(grounds, lambda _: None)(1.0)
    for ground in grounds:
        ground.source.close()
        ground.target.close()

    assert len(asked) == 2


needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="mounts need root")


@pytest.mark.testbed
@needs_root
def test_a_read_only_destination(source: Path, disk: Path, state: Path) -> None:
    """A file system that turned read-only is refused before anything is tried."""
    run("mount", "-o", "remount,ro", disk)

    assert refused(state, f"{source}/", disk) == "read-only"
    assert (source / "a").exists()


@pytest.mark.testbed
@needs_root
def test_another_disk_than_promised(
    source: Path, disk: Path, state: Path, promise: list[Promise]
) -> None:
    """The wrong disk at a mount point is told by its UUID; the right one is taken."""
    root = os.open(disk, os.O_RDONLY)
    uuid = filesystems.uuid_of(root)
    os.close(root)
    assert uuid is not None
    promise.append(Promise(str(disk), "UUID=" + "0" * len(uuid), "/etc/fstab"))

    assert refused(state, f"{source}/", disk) == "other-filesystem"
    promise[0] = Promise(str(disk), f"UUID={uuid}", "/etc/fstab")
    move_here(state, f"{source}/", disk)
    assert (disk / "a").read_text() == "a"


@pytest.mark.testbed
@needs_root
def test_a_full_disk(source: Path, disk: Path, state: Path) -> None:
    """What does not fit is refused whole, and the numbers are said."""
    (source / "big").write_bytes(os.urandom(60 * 1024**2))

    assert refused(state, f"{source}/", disk) == "no-room"
    assert {p.name for p in source.iterdir()} == {"a", "big"}


@pytest.mark.testbed
@needs_root
def test_two_mounts_of_one_folder(source: Path, state: Path, tmp_path: Path) -> None:
    """A bind mount of the source is known for what it is."""
    again = tmp_path / "again"
    again.mkdir()
    run("mount", "--bind", source, again)
    try:
        assert refused(state, f"{source}/", again) == "same-place"
    finally:
        run("umount", again)
    assert (source / "a").exists()


@pytest.fixture
def pool(source: Path, tmp_path: Path) -> Iterator[tuple[Path, int]]:
    """A FUSE file system that shows the source under another path, and its server."""
    program("bindfs")
    if os.geteuid() != 0:
        pytest.skip("only root makes a pool")
    point = tmp_path / "pool"
    point.mkdir()
    server = subprocess.Popen(["bindfs", "-f", str(source), str(point)])
    while not os.path.ismount(point):
        time.sleep(0.01)
    yield point, server.pid
    os.kill(server.pid, signal.SIGCONT)
    run("umount", "-l", point)
    server.wait()


@pytest.mark.testbed
def test_a_pool_and_its_branch(
    source: Path, pool: tuple[Path, int], state: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The probe finds that a pool shows the source; without it the second look saves the file."""
    assert refused(state, f"{source}/", pool[0]) == "same-storage"
    monkeypatch.setattr("labkeeper.storage.alias.check", lambda *_, **__: None)
    _, report = move_here(state, f"{source}/", pool[0])

    assert {left.code for left in report.left} <= {"copy-gone", "in-use", "open-unknown"}
    assert [(p.name, p.read_text()) for p in source.iterdir()] == [("a", "a")]


def test_what_hangs_is_told_within_five_seconds() -> None:
    """The longest that is waited for an answer leaves a second to tell of it."""
    assert reach.PATIENCE <= 4
    assert crew.PATIENCE + places.PATIENCE <= 4


@pytest.mark.testbed
def test_a_destination_that_hangs_in_the_middle(
    pool: tuple[Path, int], source: Path, state: Path, cold: Path
) -> None:
    """A server that stops during the move is given up; a rerun ends it."""
    for number in range(6):
        (cold / str(number)).write_bytes(os.urandom(8 * 1024**2))
    before = {p.name: p.read_bytes() for p in cold.iterdir()}

    def stop() -> None:
        while not list(source.glob(".labkeeper-*.part")):
            time.sleep(0.001)
        os.kill(pool[1], signal.SIGSTOP)

    thread = threading.Thread(target=stop)
    thread.start()
    with pytest.raises(Refusal) as refusal:
        crew_moves(state, cold, pool[0], limit=8 * 1024**2)
    thread.join()
    assert refusal.value.code == "hung"
    os.kill(pool[1], signal.SIGCONT)
    report = crew_moves(state, cold, pool[0])

    assert report.left == []
    assert before == {p.name: p.read_bytes() for p in source.iterdir() if p.name != "a"}
    assert list(cold.iterdir()) == []


@pytest.mark.testbed
def test_a_hung_destination(source: Path, pool: tuple[Path, int], state: Path, cold: Path) -> None:
    """A server that does not answer is given up, as source and as destination."""
    os.kill(pool[1], signal.SIGSTOP)
    for paths in ((cold, pool[0]), (pool[0], cold)):
        assert refused(state, *paths) == "hung"
    assert (source / "a").exists()
