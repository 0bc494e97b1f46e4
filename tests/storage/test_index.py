"""The index says what a fresh walk finds, and looks at no more than it has to."""

import errno
import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from unittest import mock

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from labkeeper.host.fanotify import Touched
from labkeeper.host.feed import MISSED, Changes
from labkeeper.storage import listing, refreshing
from labkeeper.storage.index import Index
from labkeeper.storage.ledger import Ledger
from labkeeper.storage.root import Gone
from labkeeper.storage.tree import Tree
from tests.storage.filing import Place, Step, assert_true, known

_NUMBERS = st.integers(0, 30)
STEPS: st.SearchStrategy[list[list[Step]]] = st.lists(
    st.lists(st.tuples(_NUMBERS, _NUMBERS, _NUMBERS, _NUMBERS), max_size=12), max_size=6
)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """Two folders with a file each, and one more name for the first."""
    folder = tmp_path / "root"
    (folder / "a" / "deep").mkdir(parents=True)
    (folder / "b").mkdir()
    (folder / "a" / "deep" / "film").write_bytes(bytes(5000))
    (folder / "b" / "song").write_bytes(bytes(9000))
    (folder / "b" / "film").hardlink_to(folder / "a" / "deep" / "film")
    return folder


@pytest.fixture
def index(root: Path, tmp_path: Path) -> Iterator[Index]:
    found = Index.open(tmp_path / "state", str(root))
    found.refresh(MISSED)
    yield found
    found.close()


def settle(*folders: Path) -> None:
    """Times of folders that are old enough to prove something."""
    for folder in folders:
        os.utime(folder, (1_000_000_000.5, 1_000_000_000.5))


def listings(spied: mock.Mock) -> list[bytes]:
    return [call.args[1] for call in spied.call_args_list]


def test_an_inode_counts_once(index: Index, root: Path) -> None:
    """In each folder that has a name of it, and in what both are in."""
    film = (root / "b" / "film").stat().st_blocks * 512
    song = (root / "b" / "song").stat().st_blocks * 512

    sums = {name: index.sum_of(str(root / name)) for name in ("", "a", "a/deep", "b")}

    assert {name: (s.files, s.bytes) for name, s in sums.items()} == {
        "": (2, film + song), "a": (1, film), "a/deep": (1, film), "b": (2, film + song),
    }  # fmt: skip
    assert not index.sum_of(str(root / "none")).is_known


def test_a_folder_that_moves_keeps_its_rows(index: Index, root: Path) -> None:
    """Only it is read, and nothing of what lies deeper, whoever else has a name of that."""
    number = index.folder_at(str(root / "a" / "deep"))
    before = index.sum_of(str(root / "a" / "deep"))
    (root / "a").rename(root / "b" / "moved")
    inodes = [root.stat().st_ino, (root / "b").stat().st_ino]

    with mock.patch.object(refreshing, "list_folder", wraps=listing.list_folder) as read:
        touched = [Touched(0, inodes[0], 0, b"a"), Touched(0, inodes[1], 0, b"moved")]
        index.refresh(Changes(touched))

    assert listings(read) == [b"b/moved"] or b"b/moved/deep" in listings(read)
    assert index.folder_at(str(root / "b" / "moved" / "deep")) == number
    assert index.sum_of(str(root / "b" / "moved" / "deep")) == before
    assert_true(index, root)


def test_what_did_not_change_is_not_read(root: Path, tmp_path: Path) -> None:
    """A sweep reads the folders whose times differ."""
    folders = [root / name for name in ("a/deep", "a", "b", "")]
    with mock.patch.object(listing, "settled", lambda look: (look.st_mtime_ns, look.st_ctime_ns)):
        first = Index.open(tmp_path / "state", str(root))
        first.refresh(MISSED)
        first.close()
        (root / "a" / "new").touch()

        again = Index.open(tmp_path / "state", str(root))
        with mock.patch.object(refreshing, "list_folder", wraps=listing.list_folder) as read:
            again.refresh(MISSED)

    assert listings(read) == [b"a"]
    assert_true(again, root)
    again.close()
    assert all(folder.is_dir() for folder in folders)


def test_unsettled_times_prove_nothing(index: Index, root: Path) -> None:
    """What is made in the tick in which its folder was read is found all the same."""
    (root / "b" / "new").touch()
    settle(root / "b")
    index.refresh(MISSED)
    times = (root / "b").stat()
    (root / "b" / "newer").touch()
    os.utime(root / "b", ns=(times.st_mtime_ns, times.st_mtime_ns))

    index.refresh(MISSED)

    assert_true(index, root)


def test_what_cannot_be_read_is_unknown(index: Index, root: Path) -> None:
    """Its sums are unknown, and those of all above it, and never zero; then known again."""
    (root / "b" / "late").touch()

    def refuse(tree: int, path: bytes) -> listing.Listing:
        if path == b"b":
            raise PermissionError(errno.EACCES, "Permission denied")
        return listing.list_folder(tree, path)

    with mock.patch.object(refreshing, "list_folder", refuse):
        index.audit_all()
        index.refresh(MISSED)
        assert not index.sum_of().is_known
        assert not index.sum_of(str(root / "b")).is_known
        assert index.sum_of(str(root / "a")).is_known

    index.refresh(MISSED)
    assert_true(index, root)


def test_writes_in_place_are_found_by_the_audit(index: Index, root: Path) -> None:
    """No folder's times tell of them; until then the index does not say that it is sure."""
    with (root / "b" / "song").open("r+b") as song:
        song.truncate(100_000)
        song.write(bytes(100_000))
    for _ in range(3):
        index.refresh(MISSED)
    index.audit_all()
    index.refresh(Changes())

    assert index.is_sure
    assert_true(index, root)


def test_the_audit_comes_round(index: Index, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each folder is read once a week, though nothing says that it changed."""
    index.audit_all()
    index.refresh(Changes())
    assert index.is_sure
    clock = [1e6]
    for room in ("index", "auditing"):
        monkeypatch.setattr(f"labkeeper.storage.{room}.time.monotonic", lambda: clock[0])
    index.refresh(Changes())
    with mock.patch.object(refreshing, "list_folder", wraps=listing.list_folder) as read:
        for _ in range(7 * 24):
            clock[0] += 3600
            index.refresh(Changes())

    assert sorted(listings(read))[:4] == [b"", b"a", b"a/deep", b"b"]
    assert len(read.call_args_list) <= 5


def test_a_sleeping_disk_is_not_woken_for_each_folder(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:  # fmt: skip
    """What is owed waits for a day, or for something else to be read."""
    for number in range(700):
        (root / str(number)).mkdir()
    clock = [1e6]
    for room in ("index", "auditing"):
        monkeypatch.setattr(f"labkeeper.storage.{room}.time.monotonic", lambda: clock[0])
    index = Index.open(tmp_path / "state", str(root))
    for _ in range(2):
        index.audit_all()
        index.refresh(Changes())
    reads: list[float] = []

    def read(tree: int, path: bytes) -> listing.Listing:
        reads.append((clock[0] - 1e6) / 3600)
        return listing.list_folder(tree, path)

    with mock.patch.object(refreshing, "list_folder", read):
        for _ in range(26 * 60):
            clock[0] += 60
            index.refresh(Changes())
        assert 100 <= len(reads) <= 110
        assert 24 <= reads[0] <= reads[99] <= 24.2

        clock[0] += 3 * 3600
        index.refresh(Changes([Touched(0, root.stat().st_ino, 0, b"0")]))
        assert len(reads) > 110
    index.close()


def test_a_clock_that_went_back(root: Path) -> None:
    """Times that lie ahead prove nothing: the next change may have them again."""
    ahead = time.time_ns() + 3600 * 10**9
    os.utime(root / "b", ns=(ahead, ahead))
    tree = Tree(os.fsencode(root))
    assert listing.list_folder(tree.root, b"b").times == (0, 0)
    tree.close()


def test_room_that_is_given_back(
    index: Index, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:  # fmt: skip
    """A file system that books ahead tells nobody when it lets go: it is looked at again."""
    clock = [1e6]
    monkeypatch.setattr("labkeeper.storage.index.time.monotonic", lambda: clock[0])
    index.refresh(Changes([Touched(0, (root / "b").stat().st_ino, 0, b"song")]))
    os.truncate(root / "b" / "song", 1)
    index.refresh(Changes())
    assert known(index)[b"b/song"].size == 9000

    clock[0] += 600
    index.refresh(Changes())

    assert known(index)[b"b/song"].size == 1


def test_a_number_that_is_given_twice(
    index: Index, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:  # fmt: skip
    """A folder may get the number of one that is gone, whose files are looked at once more."""
    clock = [1e6]
    monkeypatch.setattr("labkeeper.storage.index.time.monotonic", lambda: clock[0])
    inode = root.stat().st_ino
    (root / "first").mkdir()
    (root / "first" / "part").write_bytes(bytes(5000))
    index.refresh(Changes([Touched(0, inode, 0, b"first")]))
    number = index.folder_at(str(root / "first"))
    index.refresh(Changes([Touched(0, (root / "first").stat().st_ino, 0, b"part")]))
    shutil.rmtree(root / "first")
    index.refresh(Changes([Touched(0, inode, 0, b"first")]))

    (root / "second").mkdir()
    (root / "second" / "part").write_bytes(bytes(5000))
    clock[0] += 600
    index.refresh(Changes([Touched(0, inode, 0, b"second")]))

    assert index.folder_at(str(root / "second")) == number
    assert_true(index, root)


def test_rows_at_hand_are_those_that_are_written(index: Index, root: Path) -> None:
    """Names looked at together are of one file, whose facts the first of them changes for all."""
    names = [b"film", *(b"more-%d" % number for number in range(5))]
    for name in names[1:]:
        (root / "b" / os.fsdecode(name)).hardlink_to(root / "b" / "film")
    inode = (root / "b").stat().st_ino
    index.refresh(Changes([Touched(0, inode, 0, name) for name in names]))
    assert_true(index, root)

    (root / "b" / "film").unlink()
    (root / "b" / "film").mkdir()
    (root / "b" / "more-0").unlink()
    (root / "b" / "more-1").write_bytes(bytes(20_000))
    index.refresh(Changes([Touched(0, inode, 0, name) for name in reversed(names)]))

    assert_true(index, root)


def test_another_disk_at_its_place(index: Index, root: Path) -> None:
    """Nothing that was known is said of a folder that is another one by now."""
    root.rename(root.parent / "away")
    root.mkdir()
    with pytest.raises(Gone):
        index.refresh(MISSED)
    state = root.parent / "state"

    other = Index.open(state, str(root))

    assert not other.sum_of().is_known
    other.refresh(MISSED)
    assert (other.sum_of().files, other.sum_of().is_known) == (0, True)
    other.close()


def test_a_broken_index_is_made_anew(root: Path, tmp_path: Path) -> None:
    """It holds nothing that the disk does not."""
    state = tmp_path / "state"
    first = Index.open(state, str(root))
    first.refresh(MISSED)
    first.close()
    (file,) = (state / "index").glob("*.db")
    file.write_bytes(b"no database" * 1000)

    again = Index.open(state, str(root))
    again.refresh(MISSED)

    assert_true(again, root)
    again.close()


def test_a_first_index_that_was_interrupted(root: Path, tmp_path: Path) -> None:
    """What was not read yet is unknown, and is read by the next."""

    class Stop(Exception):
        pass

    def stop(tree: int, path: bytes) -> listing.Listing:
        if path == b"a/deep":
            raise Stop
        return listing.list_folder(tree, path)

    first = Index.open(tmp_path / "state", str(root))
    with mock.patch.object(refreshing, "_COMMIT", 1), mock.patch.object(
        refreshing, "list_folder", stop
    ), pytest.raises(Stop):  # fmt: skip
        first.refresh(MISSED)
    assert not first.sum_of().is_known
    first.close()

    again = Index.open(tmp_path / "state", str(root))
    again.refresh(MISSED)
    assert_true(again, root)
    again.close()


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(rounds=STEPS)
def test_law(rounds: list[list[Step]]) -> None:
    """Whatever was done: after an audit the index is what a fresh walk finds, with all sums."""
    follow(rounds)


def follow(rounds: list[list[Step]]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        place = Place(Path(folder))
        index = Index.open(Path(folder) / "state", str(place.root))
        for steps in rounds:
            for step in steps:
                place.do(step)
            index.audit_all()
            index.refresh(MISSED)
            assert_true(index, place.root)
        index.close()


def _no_doubt(ledger: Ledger, inode: int, folder: int, name: bytes) -> None:
    """Nobody looks at an inode's other names."""


def _one_chain(ledger: Ledger, inode: int, sign: int) -> None:
    """An inode counts for each of its names."""
    for name in ledger._rows.names_of(inode):
        ledger._owe((name.folder,), sign, sign * name.blocks)


BROKEN = {
    "names of one inode are counted apart": ("_count", _one_chain),
    "a lost name is no reason to look at the others": ("_doubt", _no_doubt),
    "a folder leaves its sums behind": ("_owe_above", lambda *_: None),
}


def story(root: Path, state: Path) -> None:
    """A folder moves with one name of a file, and the other name goes: told as events tell it."""
    (root / "a" / "deep" / "alone").write_bytes(bytes(5000))
    index = Index.open(state, str(root))
    index.refresh(MISSED)
    assert_true(index, root)
    inodes = {name: (root / name).stat().st_ino for name in ("a", "b")}
    (root / "a" / "deep").rename(root / "b" / "deep")
    index.refresh(
        Changes([Touched(0, inodes["a"], 0, b"deep"), Touched(0, inodes["b"], 0, b"deep")])
    )
    assert_true(index, root)
    (root / "b" / "film").unlink()
    index.refresh(Changes([Touched(0, inodes["b"], 0, b"film")]))
    assert_true(index, root)
    index.close()


def test_the_story(root: Path, tmp_path: Path) -> None:
    """It holds for what is not broken."""
    story(root, tmp_path / "state")


@pytest.mark.parametrize("name", BROKEN)
def test_broken_variants_are_caught(name: str, root: Path, tmp_path: Path) -> None:
    """An index that is wrong in one of these ways does not pass."""
    what, instead = BROKEN[name]
    with mock.patch.object(Ledger, what, instead), pytest.raises(AssertionError):
        story(root, tmp_path / "state")


def test_known_is_by_path(index: Index) -> None:
    """The helper of these tests sees every name."""
    assert sorted(known(index)) == [b"a/deep/film", b"b/film", b"b/song"]
