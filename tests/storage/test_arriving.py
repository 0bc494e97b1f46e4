"""A file that comes from elsewhere is named when it is proven, and replaces nothing."""

import errno
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from blake3 import blake3

from labkeeper.storage.arriving import Coming, there
from labkeeper.storage.reasons import Blocked
from labkeeper.storage.tree import Tree

PATH = b"yard/2026-11-21/a.mp4"
PART = b".labkeeper-clip-1.part"
BODY = os.urandom(3_000_001)


@pytest.fixture
def tree(tmp_path: Path) -> Iterator[Tree]:
    (tmp_path / "clips").mkdir()
    (tmp_path / "clips").chmod(0o750)
    with Tree(os.fsencode(tmp_path / "clips")) as found:
        yield found


@pytest.fixture(params=["nameless", "named"])
def way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """File systems that know nameless files, and those that do not."""
    if request.param == "named":
        real = os.open

        def without(path: bytes, flags: int, *more: int, dir_fd: int | None = None) -> int:
            if flags & os.O_TMPFILE == os.O_TMPFILE:
                raise OSError(errno.EOPNOTSUPP, "no")
            return real(path, flags, *more, dir_fd=dir_fd)

        monkeypatch.setattr(os, "open", without)
    return str(request.param)


def names(tree: Tree) -> set[str]:
    root = Path(os.fsdecode(tree.path))
    return {str(p.relative_to(root)) for p in root.rglob("*") if p.is_file()}


def test_it_arrives(tree: Tree, way: str) -> None:
    """It has no name before it is proven; then it has its time, and the rights of its folder."""
    coming = Coming.begin(tree, PATH, PART)
    came = coming.fill((BODY[:1000], BODY[1000:]), len(BODY))
    assert PATH.decode() not in names(tree)
    coming = coming.check(came, 1_700_000_000.0)
    coming.name()
    coming.close()

    file = Path(os.fsdecode(tree.path), PATH.decode())
    assert file.read_bytes() == BODY
    assert (coming.arrived.size, coming.arrived.digest) == (len(BODY), blake3(BODY).digest())
    assert file.stat().st_mtime == 1_700_000_000
    assert file.stat().st_mode & 0o777 == 0o640
    assert file.parent.stat().st_mode & 0o777 == file.parent.parent.stat().st_mode & 0o777 == 0o750
    assert names(tree) == {PATH.decode()}
    assert there(tree, PATH) == (len(BODY), blake3(BODY).digest())


def test_it_replaces_nothing(tree: Tree, way: str) -> None:
    """What took its name meanwhile stays, and nothing of ours is left."""
    coming = Coming.begin(tree, PATH, PART)
    came = coming.fill((b"ours",), 100)
    coming = coming.check(came, 1.0)
    file = Path(os.fsdecode(tree.path), PATH.decode())
    file.write_bytes(b"theirs")
    with pytest.raises(Blocked, match="took its name"):
        coming.name()
    coming.close()

    assert file.read_bytes() == b"theirs"
    assert names(tree) == {PATH.decode()}


def test_given_up(tree: Tree, way: str) -> None:
    """One that never came whole leaves nothing, whatever a crash had left before."""
    Coming.begin(tree, PATH, PART)
    again = Coming.begin(tree, PATH, PART)
    again.fill((b"half",), 100)
    again.close()

    assert names(tree) == set()


def test_no_room(tree: Tree) -> None:
    """It never grows into what is to stay free."""
    coming = Coming.begin(tree, PATH, PART)
    with pytest.raises(Blocked, match="reserve"):
        coming.fill((bytes(60), bytes(60)), 100)
    coming.close()

    assert names(tree) == set()


def test_other_bytes(tree: Tree) -> None:
    """Bytes that come back as others than came are told, and get no name."""
    coming = Coming.begin(tree, PATH, PART)
    came = coming.fill((BODY,), len(BODY))
    os.pwrite(coming.file, b"x", 5)
    with pytest.raises(Blocked, match="gave back other bytes"):
        coming.check(came, 1.0)
    coming.close()

    assert names(tree) == set()


def test_links_are_not_followed(tree: Tree, tmp_path: Path) -> None:
    """A folder that is a link to elsewhere is no way out."""
    (tmp_path / "clips" / "yard").symlink_to(tmp_path)
    with pytest.raises(OSError, match=r"link|directory"):
        Coming.begin(tree, PATH, PART)
    with pytest.raises(OSError, match=r"link|directory"):
        there(tree, PATH)

    assert not (tmp_path / "2026-11-21").exists()


def test_what_is_there(tree: Tree) -> None:
    """Nothing is none; a folder or a pipe of that name is in the way."""
    assert there(tree, PATH) is None
    os.makedirs(os.path.join(tree.path, PATH))
    with pytest.raises(Blocked):
        there(tree, PATH)
    os.rmdir(os.path.join(tree.path, PATH))
    os.mkfifo(os.path.join(tree.path, PATH))
    with pytest.raises(Blocked):
        there(tree, PATH)
