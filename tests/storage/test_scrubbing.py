"""A flipped bit is found, named, and mended from a good copy; nobody else is accused."""

import errno
import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from labkeeper.host.feed import MISSED
from labkeeper.storage import scrubbing
from labkeeper.storage.index import Index, file_of
from labkeeper.storage.reasons import Blocked
from labkeeper.storage.repairing import repair
from labkeeper.storage.scrubbing import Scrub, Scrubbed
from labkeeper.storage.tree import Tree
from labkeeper.store.hashes import Hash, Hashes
from labkeeper.store.quarantine import Held, Quarantine

BODY = bytes(range(256)) * 40


@pytest.fixture
def root(tmp_path: Path) -> Path:
    folder = tmp_path / "tier"
    (folder / "a").mkdir(parents=True)
    (folder / "b").mkdir()
    (folder / "a" / "film").write_bytes(BODY)
    (folder / "b" / "copy").write_bytes(BODY)
    (folder / "b" / "song").write_bytes(BODY * 3)
    (folder / "b" / "other-name").hardlink_to(folder / "b" / "song")
    return folder


@pytest.fixture
def state(tmp_path: Path) -> Path:
    return tmp_path / "state"


@pytest.fixture
def scrubbed(root: Path, state: Path) -> Iterator[Callable[[], Scrubbed]]:
    """One round."""
    index = Index.open(state, str(root))
    hashes = Hashes.open(file_of(state, str(root)))

    def once() -> Scrubbed:
        index.refresh(MISSED)
        scrub = Scrub(index, hashes, lambda _: None, None)
        try:
            return scrub.turn(lambda _: False)
        finally:
            scrub.close()

    yield once
    hashes.close()
    index.close()


@pytest.fixture
def flip(monkeypatch: pytest.MonkeyPatch) -> Callable[[Path], None]:
    """A bit flips as it does on a disk: no time of the file says so."""
    real = scrubbing.Scrub._hash
    told: dict[int, int] = {}

    def flipped(path: Path) -> None:
        look = path.stat()
        with path.open("r+b") as file:
            file.write(b"\xff")
        os.utime(path, ns=(look.st_atime_ns, look.st_mtime_ns))
        told[look.st_ino] = look.st_ctime_ns

    def read(self: Scrub, file: int, look: os.stat_result, ring: object) -> object:
        found = real(self, file, look, ring)  # type: ignore[arg-type]
        return found._replace(ctime_ns=told.get(look.st_ino, found.ctime_ns))

    monkeypatch.setattr(scrubbing.Scrub, "_hash", read)
    return flipped


def test_a_flipped_bit(
    scrubbed: Callable[[], Scrubbed], root: Path, flip: Callable[[Path], None]
) -> None:
    """It is found in the next round, and named; what did not change is not."""
    first = scrubbed()
    assert (first.files, first.learned, first.rotten) == (3, 3, [])
    flip(root / "a" / "film")

    second = scrubbed()

    assert [(each.path, each.code) for each in second.rotten] == [(b"a/film", "rotten")]
    assert (second.files, second.learned) == (3, 0)


def test_writes_are_no_rot(scrubbed: Callable[[], Scrubbed], root: Path) -> None:
    """A write is learnt; one whose time was set back is said to be one, perhaps."""
    scrubbed()
    (root / "b" / "song").write_bytes(b"new")
    look = (root / "a" / "film").stat()
    with (root / "a" / "film").open("r+b") as file:
        file.write(b"\xff")
    os.utime(root / "a" / "film", ns=(look.st_atime_ns, look.st_mtime_ns))

    found = scrubbed()

    assert [(each.path, each.code) for each in found.rotten] == [(b"a/film", "other-bytes")]
    assert found.learned == 1


def test_open_for_writing_is_left(scrubbed: Callable[[], Scrubbed], root: Path) -> None:
    """Nobody is read in the middle of a write."""
    with (root / "a" / "film").open("r+b"):
        found = scrubbed()

    assert [left.code for left in found.left] == ["open-for-writing"]
    assert found.files == 2


def test_a_round_goes_on(root: Path, state: Path) -> None:
    """What was read before a stop is not read again before the rest."""
    index = Index.open(state, str(root))
    hashes = Hashes.open(file_of(state, str(root)))
    index.refresh(MISSED)
    counts = []
    for _ in range(3):
        scrub = Scrub(index, hashes, lambda _: None, None)
        counts.append(scrub.turn(lambda found: found.files >= 1))
        scrub.close()
    hashes.close()
    index.close()

    assert [found.files for found in counts] == [1, 1, 1]
    assert [found.learned for found in counts] == [1, 1, 1]
    assert [found.is_round for found in counts] == [False, False, True]


def test_a_good_copy_mends_it(
    scrubbed: Callable[[], Scrubbed], root: Path, state: Path, flip: Callable[[Path], None]
) -> None:
    """The bytes, the times and the mode are those of before; the bad one is kept aside."""
    (root / "a" / "film").chmod(0o640)
    scrubbed()
    before = (root / "a" / "film").stat()
    flip(root / "a" / "film")
    (rotten,) = scrubbed().rotten
    record = Quarantine.open(state)
    with Tree(os.fsencode(root)) as tree:
        good = [os.fsencode(root / "none"), os.fsencode(root / "b" / "copy")]
        source = repair(tree, (rotten.path,), rotten.known, good, record)

    after = (root / "a" / "film").stat()
    assert source == os.fsencode(root / "b" / "copy")
    assert (root / "a" / "film").read_bytes() == BODY
    assert (after.st_mtime_ns, after.st_mode) == (before.st_mtime_ns, before.st_mode)
    (item,) = record.items(Held.HELD)
    assert item.inode == before.st_ino
    record.close()
    assert scrubbed().rotten == []


def test_a_bad_copy_mends_nothing(
    scrubbed: Callable[[], Scrubbed], root: Path, state: Path, flip: Callable[[Path], None]
) -> None:
    """Where no copy has the bytes any more, all stays as it is and nothing is left behind."""
    scrubbed()
    flip(root / "a" / "film")
    flip(root / "b" / "copy")
    rotten = scrubbed().rotten
    record = Quarantine.open(state)
    bad = (root / "a" / "film").read_bytes()
    with Tree(os.fsencode(root)) as tree, pytest.raises(Blocked) as blocked:
        repair(tree, (b"a/film",), rotten[0].known, [os.fsencode(root / "b" / "copy")], record)

    assert blocked.value.code == "no-good-copy"
    assert len(rotten) == 2
    assert (root / "a" / "film").read_bytes() == bad
    assert sorted(os.listdir(root / "a")) == ["film"]
    assert record.items(Held.HELD) == []
    record.close()


def test_a_file_with_names_elsewhere_is_not_mended(root: Path, state: Path) -> None:
    """Its other name would keep the bad bytes, and nobody would know."""
    hashes = Hashes.open(file_of(state, str(root)))
    index = Index.open(state, str(root))
    index.refresh(MISSED)
    scrub = Scrub(index, hashes, lambda _: None, None)
    scrub.turn(lambda _: False)
    known = hashes.of((root / "b" / "song").stat().st_ino)
    record = Quarantine.open(state)
    assert known is not None
    with Tree(os.fsencode(root)) as tree, pytest.raises(Blocked) as blocked:
        repair(tree, (b"b/song",), known, [], record)

    assert blocked.value.code == "linked-elsewhere"
    assert len(hashes.several()) == 1
    record.close()
    hashes.close()
    index.close()
    scrub.close()


def test_what_a_disk_does_not_give_back(
    scrubbed: Callable[[], Scrubbed],
    root: Path,
    state: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Where the file system itself knows of the flip, the file is named all the same."""
    scrubbed()
    inode = (root / "a" / "film").stat().st_ino
    real = scrubbing.Scrub._hash

    def read(self: Scrub, file: int, look: os.stat_result, ring: object) -> object:
        if look.st_ino == inode:
            raise OSError(errno.EIO, os.strerror(errno.EIO))
        return real(self, file, look, ring)  # type: ignore[arg-type]

    monkeypatch.setattr(scrubbing.Scrub, "_hash", read)

    found = scrubbed()

    assert [(each.path, each.code) for each in found.rotten] == [(b"a/film", "unreadable")]
    assert (found.files, found.left) == (2, [])


@pytest.mark.parametrize(("touched", "code"), [(100.0, "rotten"), (86400.0, "other-bytes")])
def test_what_was_moved_and_written_to_is_not_accused(
    touched: float, code: str, root: Path, state: Path
) -> None:
    """A move notes no time of an inode: what was touched long after it may be meant."""
    film = root / "a" / "film"
    index = Index.open(state, str(root))
    hashes = Hashes.open(file_of(state, str(root)))
    index.refresh(MISSED)
    look = film.stat()
    moved_at = look.st_ctime - touched
    known = Hash(look.st_ino, look.st_size, look.st_mtime_ns, 0, b"other" * 6 + b"xx", moved_at)
    hashes.put([known])
    scrub = Scrub(index, hashes, lambda _: None, None)
    found = scrub.turn(lambda _: False)
    scrub.close()
    hashes.close()
    index.close()

    assert [(each.path, each.code) for each in found.rotten] == [(b"a/film", code)]


def test_each_root_has_its_turn(tmp_path: Path) -> None:
    """First the round that was left in the middle, then the one that ended the longest ago."""
    every = [Hashes.open(tmp_path / name) for name in ("new", "old", "middle", "never")]
    every[0].come_to(0, b"", 200.0)
    every[1].come_to(0, b"", 100.0)
    every[2].come_to(7, b"x", 300.0)

    ordered = sorted(every, key=lambda each: each.order())

    assert ordered == [every[2], every[3], every[1], every[0]]
    for each in every:
        each.close()
