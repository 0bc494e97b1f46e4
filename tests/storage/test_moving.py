"""What a move keeps, what it leaves, and what it never touches."""

import errno
import fcntl
import os
import socket
import stat
import subprocess
import threading
import time
from pathlib import Path

import pytest

from labkeeper.host import filesystems
from labkeeper.storage.moving import Report
from labkeeper.storage.reasons import HELP, Refusal
from labkeeper.storage.scan import walk
from labkeeper.storage.tree import Tree
from labkeeper.store import state as states
from labkeeper.store.journal import Journal
from labkeeper.store.units import Evidence
from tests.storage.solo import move_here

BIG = 1024 * 1024


def codes(report: Report) -> dict[str, str]:
    """Name what was left with its reason."""
    return {os.path.basename(left.path).decode(): left.code for left in report.left}


def debris(*folders: Path) -> list[str]:
    """List whatever labkeeper should have cleared away."""
    return [str(p) for folder in folders for p in folder.rglob(".labkeeper-*")]


@pytest.mark.parametrize("size", [0, 1, 4095, 4096, 4097, BIG - 1, BIG, 5 * BIG + 4097])
def test_bytes_of_every_size(hot: Path, cold: Path, state: Path, size: int) -> None:
    """Files around each border of the copying arrive byte for byte, and their source is gone."""
    body = os.urandom(size)
    (hot / "a").write_bytes(body)

    _, report = move_here(state, f"{hot}/", cold)

    assert body == (cold / "a").read_bytes()
    assert list(hot.iterdir()) == []
    assert report.verified == {Evidence.MEMORY: 1}
    assert debris(hot, cold) == []


def test_metadata_is_kept(hot: Path, cold: Path, state: Path) -> None:
    """Owner, mode, times to the nanosecond and extended attributes are those of the source."""
    for name, size in (("small", 10), ("large", 2 * BIG)):
        file = hot / name
        file.write_bytes(bytes(size))
        file.chmod(0o4751)
        os.setxattr(file, "user.kept", b"yes\0binary")
        os.utime(file, ns=(1_600_000_000_123_456_789, 1_500_000_000_987_654_321))
    before = {p.name: p.stat() for p in hot.iterdir()}

    move_here(state, f"{hot}/", cold)

    for name, then in before.items():
        now = (cold / name).stat()
        assert (then.st_mode, then.st_uid, then.st_gid) == (now.st_mode, now.st_uid, now.st_gid)
        assert (then.st_atime_ns, then.st_mtime_ns) == (now.st_atime_ns, now.st_mtime_ns)
        assert os.getxattr(cold / name, "user.kept") == b"yes\0binary"


def test_hardlinks_stay_one_inode(hot: Path, cold: Path, state: Path) -> None:
    """All names of an inode move together and stay one inode."""
    (hot / "sub").mkdir()
    for name, size in (("a", 3), ("b", 2 * BIG)):
        (hot / name).write_bytes(b"x" * size)
        os.link(hot / name, hot / "sub" / name)

    move_here(state, f"{hot}/", cold)

    assert (cold / "a").samefile(cold / "sub" / "a")
    assert (cold / "b").samefile(cold / "sub" / "b")
    assert (cold / "b").stat().st_nlink == 2
    assert list(hot.iterdir()) == []


def test_holes_stay_holes(hot: Path, cold: Path, state: Path) -> None:
    """A sparse file takes no more room than before and reads the same."""
    with (hot / "a").open("wb") as file:
        file.truncate(30 * BIG)
        file.seek(11 * BIG + 5)
        file.write(b"middle")
    body = (hot / "a").read_bytes()

    move_here(state, f"{hot}/", cold)

    assert body == (cold / "a").read_bytes()
    assert (cold / "a").stat().st_blocks * 512 < BIG


def test_links_and_folders(hot: Path, cold: Path, state: Path) -> None:
    """Symbolic links move as links, folders with their times and modes, empty ones too."""
    (hot / "sub" / "empty").mkdir(parents=True)
    (hot / "sub" / "link").symlink_to("../nowhere")
    os.utime(hot / "sub" / "link", ns=(5, 7), follow_symlinks=False)
    (hot / "sub").chmod(0o750)
    os.utime(hot / "sub", ns=(1_000_000_001, 2_000_000_003))

    move_here(state, f"{hot}/", cold)

    assert os.readlink(cold / "sub" / "link") == "../nowhere"
    assert os.lstat(cold / "sub" / "link").st_mtime_ns == 7
    assert (cold / "sub" / "empty").is_dir()
    now = (cold / "sub").stat()
    assert (stat.S_IMODE(now.st_mode), now.st_mtime_ns) == (0o750, 2_000_000_003)
    assert list(hot.iterdir()) == []


def test_paths_read_as_rsync_reads_them(hot: Path, cold: Path, state: Path) -> None:
    """`SRC/` is the contents, `SRC` the folder; a lone file may get a new name."""
    for name in ("one", "two", "three"):
        (hot / name).mkdir()
        (hot / name / "f").write_text(name)

    move_here(state, hot / "one", cold)
    move_here(state, f"{hot}/two/", cold)
    move_here(state, hot / "three" / "f", cold / "renamed")

    assert (cold / "one" / "f").read_text() == "one"
    assert (cold / "f").read_text() == "two"
    assert (cold / "renamed").read_text() == "three"
    assert not (hot / "one").exists()
    assert (hot / "two").is_dir()


def test_a_name_of_any_bytes(hot: Path, cold: Path, state: Path) -> None:
    """A name that is not UTF-8 moves as it is."""
    name = b"caf\xe9\n\x1b[31m"
    Path(os.fsdecode(os.fsencode(hot) + b"/" + name)).write_text("x")

    move_here(state, f"{hot}/", cold)

    assert [name] == os.listdir(os.fsencode(cold))


def test_same_content_is_kept_once(hot: Path, cold: Path, state: Path) -> None:
    """A file that is there already with the same content is kept there and removed here."""
    (hot / "a").write_bytes(b"same" * BIG)
    (cold / "a").write_bytes(b"same" * BIG)
    there = (cold / "a").stat().st_ino

    _, report = move_here(state, f"{hot}/", cold)

    assert report.kept == 1
    assert there == (cold / "a").stat().st_ino
    assert list(hot.iterdir()) == []


@pytest.mark.parametrize("other", [b"yours", b"longer than mine"])
def test_different_content_is_kept_twice(hot: Path, cold: Path, state: Path, other: bytes) -> None:
    """Another file of that name is never replaced: both are kept and the source is named."""
    (hot / "a").write_bytes(b"mine!")
    (cold / "a").write_bytes(other)

    _, report = move_here(state, f"{hot}/", cold)

    assert codes(report) == {"a": "different-exists"}
    assert (b"mine!", other) == ((hot / "a").read_bytes(), (cold / "a").read_bytes())
    assert debris(hot, cold) == []


def test_what_is_left_and_why(hot: Path, cold: Path, state: Path, tmp_path: Path) -> None:
    """Unfinished downloads, outside names, open and special files are left with their reason."""
    for name in ("x.part", "y.!qB", "z.crdownload", "w", "w.aria2", "linked", "open"):
        (hot / name).write_text(name)
    os.link(hot / "linked", tmp_path / "elsewhere")
    os.mkfifo(hot / "pipe")
    (hot / "taken").write_text("file here")
    (cold / "taken").mkdir()
    with (hot / "open").open("a"), socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(hot / "socket"))
        _, report = move_here(state, f"{hot}/", cold)

    expected = {
        "x.part": "incomplete",
        "y.!qB": "incomplete",
        "z.crdownload": "incomplete",
        "w": "incomplete",
        "w.aria2": "incomplete",
        "linked": "names-outside",
        "open": "open-for-writing",
        "pipe": "special",
        "socket": "special",
        "taken": "destination-taken",
    }
    assert expected == codes(report)
    assert set(expected) == {p.name for p in hot.iterdir()}
    assert [p.name for p in cold.iterdir()] == ["taken"]
    assert set(expected.values()) <= set(HELP)


def test_a_long_name_is_left(hot: Path, cold: Path, state: Path) -> None:
    """A name that the destination cannot hold is left, whatever its bytes."""
    (hot / ("ä" * 127)).write_text("fits")

    _, report = move_here(state, f"{hot}/", cold)

    assert report.left == []


def test_a_reader_keeps_its_file(hot: Path, cold: Path, state: Path) -> None:
    """A file that a program reads is copied and verified, and both stay until it is closed."""
    (hot / "film").write_bytes(b"film")
    with (hot / "film").open("rb"):
        _, report = move_here(state, f"{hot}/", cold)

        assert codes(report) == {"film": "in-use"}
        assert b"film" == (hot / "film").read_bytes() == (cold / "film").read_bytes()
    move_here(state, f"{hot}/", cold)

    assert list(hot.iterdir()) == []
    assert debris(hot, cold) == []


def test_a_waiting_writer_is_let_in_and_its_write_survives(
    hot: Path, cold: Path, state: Path
) -> None:
    """A program that opens the file for writing during the move never writes into nothing."""
    (hot / "log").write_bytes(b"x" * (64 * BIG))
    wrote = threading.Event()

    def write() -> None:
        while not list(cold.glob(".labkeeper-*.part")):
            time.sleep(0.001)
        with (hot / "log").open("ab") as file:
            file.write(b"precious")
        wrote.set()

    writer = threading.Thread(target=write)
    writer.start()
    _, report = move_here(state, f"{hot}/", cold, limit=200 * BIG)
    writer.join()

    assert wrote.is_set()
    homes = [p for p in (hot / "log", cold / "log") if p.exists()]
    assert [hot / "log"] == homes
    assert (hot / "log").read_bytes().endswith(b"precious")
    assert {"log"} == set(codes(report))
    assert debris(hot, cold) == []


def test_keep_source_removes_nothing(hot: Path, cold: Path, state: Path) -> None:
    """With --keep-source there are two of everything."""
    (hot / "d").mkdir()
    (hot / "d" / "a").write_text("a")

    move_here(state, f"{hot}/", cold, keep_source=True)

    assert "a" == (hot / "d" / "a").read_text() == (cold / "d" / "a").read_text()


def test_a_dry_run_writes_nothing(hot: Path, cold: Path, state: Path) -> None:
    """--dry-run counts and touches nothing, not even the journal."""
    (hot / "a").write_text("abc")
    before = os.stat(hot)

    plan, _ = move_here(
        state, hot, cold / "new", is_dry_run=True, journal=lambda _: Journal.in_memory()
    )

    assert (plan.files, plan.bytes) == (1, 3)
    assert before.st_mtime_ns == os.stat(hot).st_mtime_ns
    assert list(cold.iterdir()) == []
    assert not state.exists()


def test_one_mount_renames(hot: Path, state: Path, tmp_path: Path) -> None:
    """On one mount the inode stays, with the names that it has elsewhere."""
    to = tmp_path / "to"
    to.mkdir()
    (hot / "a").write_text("a")
    os.link(hot / "a", tmp_path / "elsewhere")
    inode = (hot / "a").stat().st_ino

    _, report = move_here(state, f"{hot}/", to)

    assert inode == (to / "a").stat().st_ino
    assert report.renamed == 1
    assert list(hot.iterdir()) == []


def test_a_hardlink_at_the_destination(hot: Path, state: Path, tmp_path: Path) -> None:
    """Where the destination's name is the same inode, only the source's name goes."""
    to = tmp_path / "to"
    to.mkdir()
    (hot / "a").write_text("a")
    os.link(hot / "a", to / "a")

    move_here(state, f"{hot}/", to)

    assert (to / "a").read_text() == "a"
    assert not (hot / "a").exists()


@pytest.mark.parametrize("through", ["folder", "source"])
def test_a_symlink_leads_nowhere(
    hot: Path, cold: Path, state: Path, tmp_path: Path, through: str
) -> None:
    """A symbolic link at the destination is never followed to a folder outside."""
    outside = tmp_path / "outside"
    outside.mkdir()
    (hot / "d").mkdir()
    (hot / "d" / "a").write_text("a")
    (cold / "d").symlink_to(outside)

    _, report = move_here(state, f"{hot}/", cold)

    assert (hot / "d" / "a").read_text() == "a"
    assert list(outside.iterdir()) == []
    assert {"escapes"} == set(codes(report).values())


def test_onto_itself_is_refused(hot: Path, state: Path) -> None:
    """A destination in its source, a source in its place and a source in a source are refused."""
    (hot / "d").mkdir()

    for paths in ((hot, hot / "d"), (f"{hot}/d", hot), (hot, hot / "d", "/dev/shm"), (hot, hot)):
        with pytest.raises(Refusal) as refused:
            move_here(state, *paths)
        assert refused.value.code in ("same-place", "nested-sources")


def test_a_new_kernel_calls_a_disk_otherwise(hot: Path, cold: Path, state: Path) -> None:
    """A journal of a kernel that told no UUID (before Linux 6.9) knows the same disk again."""
    (hot / "a").write_text("a")
    with Tree(os.fsencode(cold)) as tree:
        former = filesystems.of(tree.root).former
    journal = Journal.open(state)
    journal.pair(os.fsencode(cold), os.fsencode(hot), b"", "uuid of the other direction")
    journal.pair(os.fsencode(hot), os.fsencode(cold), b"", former)

    assert move_here(state, f"{hot}/", cold)[1].files == 1
    assert former not in {p.filesystem for p in journal.pairs()} - {_identity(cold)}
    journal.close()


def _identity(folder: Path) -> str:
    with Tree(os.fsencode(folder)) as tree:
        return filesystems.of(tree.root).identity


def test_another_disk_than_before_is_refused(hot: Path, cold: Path, state: Path) -> None:
    """A destination that was on another file system before is refused until it is meant."""
    (hot / "a").write_text("a")
    journal = Journal.open(state)
    journal.pair(os.fsencode(hot), os.fsencode(cold), b"", "another-uuid")
    journal.close()

    with pytest.raises(Refusal) as refused:
        move_here(state, f"{hot}/", cold)

    assert refused.value.code == "other-filesystem"
    assert [p.name for p in hot.iterdir()] == ["a"]
    move_here(state, f"{hot}/", cold, is_new_destination=True)
    assert [p.name for p in cold.iterdir()] == ["a"]


def test_a_full_destination_is_refused_before(hot: Path, cold: Path, state: Path) -> None:
    """What does not fit beside the reserve is not begun."""
    (hot / "a").write_bytes(b"x" * BIG)

    with pytest.raises(Refusal) as refused:
        move_here(state, f"{hot}/", cold, reserve=2**60)

    assert refused.value.code == "no-room"
    assert list(cold.iterdir()) == []


def test_only_one_mover(state: Path) -> None:
    """A second labkeeper with the same state is turned away."""
    state.mkdir()
    with states.lock(state), pytest.raises(states.Busy) as busy, states.lock(state):
        pass

    assert str(os.getpid()) == busy.value.holder


def test_a_lease_is_left_to_nobody(hot: Path, cold: Path, state: Path) -> None:
    """After a move, whoever was refused can open the file at once."""
    (hot / "a").write_text("a")
    (cold / "a").write_text("b")

    move_here(state, f"{hot}/", cold)

    with (hot / "a").open("a") as file:
        assert fcntl.fcntl(file, fcntl.F_GETLEASE) == fcntl.F_UNLCK


def test_what_chattr_holds(cold: Path, hot: Path, state: Path) -> None:
    """What is immutable, or in a folder that is, is told before a large one is copied in vain."""
    (hot / "folder").mkdir()
    files = {hot / "folder" / "a": 10, hot / "small": 10, hot / "large": 2 * BIG}
    for file, size in files.items():
        file.write_bytes(bytes(size))
    marked = [hot / "folder", hot / "small", hot / "large"]
    if os.geteuid() or subprocess.run(["chattr", "+i", *marked], check=False).returncode:
        pytest.skip("the temporary folder's file system marks nothing as immutable")
    try:
        _, report = move_here(state, f"{hot}/", cold)
    finally:
        subprocess.run(["chattr", "-i", *marked], check=True)

    assert codes(report) == {"a": "immutable", "small": "immutable", "large": "immutable"} | (
        {"folder": "not-permitted"}
    )
    assert all(file.stat().st_size == size for file, size in files.items())
    assert not (cold / "large").exists()
    assert debris(hot, cold) == []
    assert move_here(state, f"{hot}/", cold)[1].left == []


def test_a_folder_that_gives_nothing(
    hot: Path, cold: Path, state: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who may read a file but not remove it is told before the copying, not after."""
    (hot / "a").write_text("a")
    monkeypatch.setattr(os, "access", lambda *_, **__: False)

    _, report = move_here(state, f"{hot}/", cold)

    assert codes(report) == {"a": "not-permitted"}
    assert list(cold.iterdir()) == []
    _, report = move_here(state, f"{hot}/", cold, keep_source=True)
    assert (report.left, (cold / "a").read_text()) == ([], "a")


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.E2BIG])
def test_an_attribute_that_is_too_large(
    hot: Path, cold: Path, state: Path, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    """ext4 says of it that the disk is full, which it is not: the attribute is what is named."""
    (hot / "a").write_text("a")
    os.setxattr(hot / "a", "user.large", b"x")

    def refuse(*_: object) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(os, "setxattr", refuse)
    _, report = move_here(state, f"{hot}/", cold)

    assert codes(report) == {"a": "metadata"}
    assert "user.large" in report.left[0].why


def test_a_file_that_is_too_large(
    hot: Path, cold: Path, state: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """FAT holds 4 GiB a file: that is said, and not that a disk is to be replaced."""
    (hot / "a").write_bytes(bytes(2 * BIG))

    def refuse(*_: object) -> None:
        raise OSError(errno.EFBIG, os.strerror(errno.EFBIG))

    monkeypatch.setattr(os, "ftruncate", refuse)
    _, report = move_here(state, f"{hot}/", cold)

    assert codes(report) == {"a": "too-large"}


def test_what_is_there_is_closed_again(hot: Path, cold: Path, state: Path) -> None:
    """A second name that is taken leaves no descriptor of the first one's file behind."""
    for number in range(20):
        (hot / f"a{number}").write_text("same")
        os.link(hot / f"a{number}", hot / f"b{number}")
        (cold / f"a{number}").write_text("same")
        (cold / f"b{number}").write_text("another")
    move_here(state, f"{hot}/", cold)
    before = len(os.listdir("/proc/self/fd"))

    _, report = move_here(state, f"{hot}/", cold)

    assert set(codes(report).values()) == {"different-exists"}
    assert len(os.listdir("/proc/self/fd")) == before


def test_a_folder_of_many(hot: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A large folder's files are looked at one by one: a million looks would fill the memory."""
    for number in range(50):
        (hot / str(number)).write_text("")
    looks: list[object] = []
    look = os.stat

    def noted(*given: object, **options: object) -> os.stat_result:
        looks.append(given)
        return look(*given, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(os, "stat", noted)
    with Tree(os.fsencode(hot)) as tree:
        found = walk(tree, "tag")
        next(found)
        next(found)
        assert len(looks) == 1
        assert len(list(found)) == 49
