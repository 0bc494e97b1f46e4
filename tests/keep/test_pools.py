"""A pool of mergerfs is known by its branches; with a real one."""

import os
import shutil
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from labkeeper.host import pools
from labkeeper.keep.change_facts import of_changes
from labkeeper.keep.facts import State
from labkeeper.keep.knowing import Knowledge
from labkeeper.keep.known import known_elsewhere
from labkeeper.keep.measuring import bytes_below
from labkeeper.plan import Tier
from labkeeper.source import Span
from labkeeper.storage.twice import twice
from tests.storage.disks import run

HERE = Span("lab.yaml", 0, 0)


@pytest.fixture
def pool(tmp_path: Path) -> Iterator[Path]:
    """Two branches of which one has the tier."""
    if os.geteuid() or shutil.which("mergerfs") is None:
        pytest.skip("mounting a pool needs root and mergerfs")
    for name in ("a", "b", "pool"):
        (tmp_path / name).mkdir()
    (tmp_path / "a" / "tier" / "films").mkdir(parents=True)
    (tmp_path / "a" / "tier" / "films" / "one").write_bytes(bytes(9000))
    run("mergerfs", "-o", "category.create=epmfs", f"{tmp_path}/a:{tmp_path}/b", tmp_path / "pool")
    yield tmp_path / "pool"
    run("umount", tmp_path / "pool")


def tier(path: Path) -> Tier:
    return Tier("box", "cold", str(path), None, None, None, HERE, HERE)


@pytest.mark.testbed
def test_branches_are_indexed(pool: Path, tmp_path: Path) -> None:
    """What is written to the pool or to a branch is known, though the pool tells nobody."""
    root, state = pool / "tier", tmp_path / "state"
    knowledge = Knowledge(state, [str(root)])
    knowledge.refresh()
    assert knowledge.bytes_below(str(root)) == bytes_below(str(root)) == 12288

    (root / "films" / "two").write_bytes(bytes(9000))
    (tmp_path / "a" / "tier" / "three").write_bytes(bytes(9000))
    knowledge.refresh()
    assert knowledge.bytes_below(str(root)) == bytes_below(str(root)) == 3 * 12288
    assert knowledge.bytes_below(str(root / "films")) == 2 * 12288
    told = known_elsewhere(state, str(root), str(root))
    assert told is not None
    assert (told.files, told.bytes) == (3, 3 * 12288)
    knowledge.close()


@pytest.mark.testbed
def test_a_branch_that_gets_the_folder_later(
    pool: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:  # fmt: skip
    """What is on it is unknown until it is read, and known then; so is a new branch."""
    root, state = pool / "tier", tmp_path / "state"
    knowledge = Knowledge(state, [str(root)])
    knowledge.refresh()
    (tmp_path / "b" / "tier" / "films").mkdir(parents=True)
    (tmp_path / "b" / "tier" / "films" / "four").write_bytes(bytes(9000))
    assert knowledge.bytes_below(str(root)) is None
    knowledge.refresh()
    assert knowledge.bytes_below(str(root)) == bytes_below(str(root)) == 2 * 12288

    (tmp_path / "c" / "tier").mkdir(parents=True)
    (tmp_path / "c" / "tier" / "five").write_bytes(bytes(9000))
    os.setxattr(pool / ".mergerfs", "user.mergerfs.branches", f"+>{tmp_path}/c".encode())
    now = time.monotonic()
    monkeypatch.setattr("labkeeper.keep.knowing.time.monotonic", lambda: now + 100)
    knowledge.refresh()
    assert knowledge.bytes_below(str(root)) == bytes_below(str(root)) == 3 * 12288
    knowledge.close()


@pytest.mark.testbed
def test_what_a_pool_is(pool: Path, tmp_path: Path) -> None:
    """Its branches are named; a file that two of them have is told of."""
    root = pool / "tier"
    assert pools.branches(str(root)) == (f"{tmp_path}/a/tier", f"{tmp_path}/b/tier")
    changes, made_of = of_changes([tier(root)], tmp_path / "state")
    assert (changes.state, made_of.state) == (State.OK, State.OK)
    assert "fanotify" in changes.what

    (tmp_path / "b" / "tier" / "films").mkdir(parents=True)
    (tmp_path / "b" / "tier" / "films" / "one").write_bytes(bytes(9000))
    _, made_of = of_changes([tier(root)], tmp_path / "state")
    assert made_of.state is State.UNKNOWN
    assert made_of.what.startswith("1 file is on more than one of its branches (films/one)")


def test_names_that_are_there_twice(tmp_path: Path) -> None:
    """A folder that both have is looked into, a folder of one is not, nor a name of other kinds."""
    for path in ("a/x/f", "b/x/f", "a/x/g", "a/y/h", "b/h", "c/x/g", "c/y"):
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).touch()

    assert sorted(twice([f"{tmp_path}/{name}" for name in "abc"])) == [b"x/f", b"x/g"]
    assert pools.branches(str(tmp_path)) == ()
    assert pools.parts_of(str(tmp_path)) == (str(tmp_path),)
