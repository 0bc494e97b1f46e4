"""What a cleaning takes, in which order, and that all of it comes back."""

import os
import signal
import tempfile
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from labkeeper.host import files
from labkeeper.storage.candidates import Rule
from labkeeper.storage.reasons import HELP, Refusal
from labkeeper.store.quarantine import Quarantine
from tests.storage.cleaner import clean_here, undo_here

KIB = 1024


def tree(folder: Path) -> dict[str, tuple[bytes, int, int]]:
    """Read a folder: names, bytes, times and link counts."""
    return {
        str(p.relative_to(folder)): (p.read_bytes(), p.stat().st_mtime_ns, p.stat().st_nlink)
        for p in folder.rglob("*")
        if p.is_file()
    }


def make(folder: Path, files: dict[str, int]) -> None:
    for name, size in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(os.urandom(size))


def test_undo_brings_all_back(hot: Path, state: Path) -> None:
    """After clean and undo the folder is what it was: names, bytes, times and hard links."""
    make(hot, {"a": 5000, "sub/b": 9000, "sub/c": 1})
    os.link(hot / "a", hot / "sub" / "a2")
    before = tree(hot)

    report = clean_here(state, hot)
    assert len(report.aside) == 3
    assert [p.name for p in hot.iterdir() if p.is_file()] == []
    undo_here(state)

    assert tree(hot) == before


_NAMES = st.text(st.sampled_from("aB.é/"), min_size=1, max_size=5).filter(
    lambda n: all(part not in ("", ".", "..") for part in n.split("/"))
)


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(sizes=st.dictionaries(_NAMES, st.integers(0, 20_000), max_size=6), rounds=st.integers(1, 3))
def test_clean_and_undo_is_identity(sizes: dict[str, int], rounds: int) -> None:
    """However often one cleans and undoes, whatever the names: the folder is what it was."""
    with tempfile.TemporaryDirectory(dir="/dev/shm") as root:
        folder, state = Path(root) / "data", Path(root) / "state"
        folder.mkdir()
        for name, size in sizes.items():
            if not any(other.startswith(name + "/") for other in sizes):
                make(folder, {name: size})
        before = tree(folder)
        for _ in range(rounds):
            clean_here(state, folder)
            undo_here(state)

        assert tree(folder) == before


def test_old_and_large_goes_first(hot: Path, state: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The order is by value for each freed byte, and it stops when enough is chosen."""
    make(hot, {"small": 8 * KIB, "large": 800 * KIB, "middle": 80 * KIB})
    stat = os.statvfs(hot)
    size, free = stat.f_blocks * stat.f_frsize, stat.f_bavail * stat.f_frsize

    report = clean_here(state, hot, keep_free=(free + 4 * 1024 * KIB) / size, is_dry_run=True)

    assert [c.names[0] for c in report.chosen][:2] == [b"large", b"middle"]


def test_nothing_goes_while_there_is_room(hot: Path, state: Path) -> None:
    """With --keep-free met, an old file stays."""
    make(hot, {"a": 5000})

    assert clean_here(state, hot, keep_free=0.0).aside == []
    assert (hot / "a").exists()


def test_what_is_left_alone(hot: Path, state: Path, tmp_path: Path) -> None:
    """Open files, files with names elsewhere, unfinished ones and young ones stay."""
    make(hot, {"open": 5000, "linked": 5000, "x.part": 5000})
    os.link(hot / "linked", tmp_path / "elsewhere")
    with (hot / "open").open("rb"):
        report = clean_here(state, hot)

    assert {left.code for left in report.left} == {"open"} <= set(HELP)
    assert {p.name for p in hot.iterdir() if p.is_file()} == {"open", "linked", "x.part"}
    assert clean_here(state, hot, rule=Rule(timedelta(days=1))).aside == []


def test_an_old_time_is_not_old(hot: Path, state: Path) -> None:
    """A film of 2010 that was downloaded now is not old, whatever its modification time says."""
    make(hot, {"film": 5000})
    os.utime(hot / "film", (1_000_000_000, 1_000_000_000))

    assert clean_here(state, hot, rule=Rule(timedelta(days=7))).aside == []


def test_the_fuse(hot: Path, state: Path) -> None:
    """More than the share is refused until it is said again, and then nothing was touched."""
    make(hot, {str(n): 5000 for n in range(8)})

    with pytest.raises(Refusal) as refused:
        clean_here(state, hot, most_share=0.25, is_sure=False)

    assert refused.value.code == "too-many"
    assert len(list(hot.iterdir())) == 8


def test_the_hold_is_kept(hot: Path, state: Path) -> None:
    """What is held is not purged, even when asked; afterwards it is."""
    make(hot, {"a": 5000, "b": 5000})
    clean_here(state, hot)
    assert clean_here(state, hot, purges_all=True).purged == []
    undo_here(state)
    clean_here(state, hot, hold=timedelta(0))

    assert len(clean_here(state, hot, purges_all=True).purged) == 2
    assert undo_here(state).items == []


def test_undo_never_replaces(hot: Path, state: Path) -> None:
    """A new file under the old name stays, and so does the one that was put aside."""
    make(hot, {"a": 5000})
    clean_here(state, hot)
    (hot / "a").write_text("new")

    done = undo_here(state)

    assert [left.code for left in done.left] == ["destination-taken"]
    assert (hot / "a").read_text() == "new"
    (hot / "a").unlink()
    assert len(undo_here(state).items) == 1


@pytest.mark.parametrize("at", range(1, 9))
def test_a_crash_in_the_middle(cold: Path, at: int) -> None:
    """SIGKILL before each rename or commit of a cleaning: undo brings all back."""
    hot, state = cold / "hot", cold / "state"
    make(hot, {"a": 5000, "b": 9000})
    os.link(hot / "a", hot / "a2")
    before = tree(hot)
    child = os.fork()
    if child == 0:
        calls = [0]
        doors = ((files, "rename_new"), (files, "sync_filesystem"))
        for owner, name in (*doors, (Quarantine, "enter"), (Quarantine, "intend")):
            real = getattr(owner, name)

            def stand(*given: object, real: object = real) -> object:
                calls[0] += 1
                if calls[0] == at:
                    os.kill(os.getpid(), signal.SIGKILL)
                return real(*given)  # type: ignore[operator]

            setattr(owner, name, stand)
        clean_here(state, hot)
        os._exit(0)
    os.waitpid(child, 0)

    undo_here(state)

    assert tree(hot) == before
