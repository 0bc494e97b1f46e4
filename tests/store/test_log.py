"""The log's rows stay as they are, and a full disk can be emptied with a record of it."""

import os
import sqlite3
import subprocess
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from labkeeper.host.process import Process
from labkeeper.store import reserve
from labkeeper.store.log import Back, By, Ending, Log, What
from labkeeper.store.state import Broken, Newer
from tests.storage.cleaner import clean_here


def test_no_row_is_changed_or_removed(tmp_path: Path) -> None:
    """Not even labkeeper itself can, by mistake."""
    log = Log(tmp_path)
    with log.deed(What.CLEAN, By("downloads", "old"), b"/mnt/hot") as deed:
        deed.begin(2, 10)
        deed.end(Ending.DONE, (2, 10), Back("labkeeper undo --run 1"))
    db = sqlite3.connect(tmp_path / "log.db")
    for wish in ("DELETE FROM act", "DELETE FROM ended", "UPDATE act SET why=''",
                 "UPDATE ended SET files=0"):  # fmt: skip
        with pytest.raises(sqlite3.IntegrityError, match="a log is kept"):
            db.execute(wish)
    db.close()

    (act,) = log.acts()
    assert (act.what, act.by, act.place) == (What.CLEAN, By("downloads", "old"), "/mnt/hot")
    assert act.end is not None
    assert act.end.back.command == "labkeeper undo --run 1"
    assert act.process.number == os.getpid()
    assert act.process.is_alive()


def test_what_was_not_begun_is_no_act(tmp_path: Path) -> None:
    """A look that finds nothing to do writes nothing."""
    with Log(tmp_path).deed(What.MOVE, By(), b"/a") as deed:
        deed.end(Ending.DONE, (0, 0), Back())

    assert not (tmp_path / "log.db").exists()


def test_an_error_is_its_end(tmp_path: Path) -> None:
    """An act that ends by an error says which, and one that somebody ended says so."""
    log = Log(tmp_path)
    for error in (OSError(5, "Input/output error"), KeyboardInterrupt()):
        with pytest.raises(type(error)), log.deed(What.MOVE, By(), b"/a") as deed:
            deed.begin(1, 1)
            raise error

    ends = [(act.end.outcome, act.end.note) for act in log.acts() if act.end]
    assert ends == [(Ending.FAILED, "[Errno 5] Input/output error"), (Ending.STOPPED, "")]


def test_a_newer_log_is_left_alone(tmp_path: Path) -> None:
    """Nobody knows what its rows mean: nothing is written, and so nothing done."""
    db = sqlite3.connect(tmp_path / "log.db")
    db.execute("PRAGMA user_version = 9")
    db.close()

    with pytest.raises(Newer):
        Log(tmp_path).deed(What.MOVE, By(), b"/a").begin(1, 1)


def test_another_process_of_the_same_number_is_another() -> None:
    """After a boot, or when a number is given again, nobody is taken for who wrote the row."""
    assert not Process(os.getpid(), 1, "").is_alive()


def test_a_reserve_is_made_where_there_is_plenty(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is given back when room runs out, and not taken again until there is plenty."""
    file = tmp_path / "reserve"
    free = 1 << 40
    monkeypatch.setattr("labkeeper.store.reserve._free", lambda _: free)
    reserve.see(tmp_path)
    assert file.stat().st_blocks * 512 >= reserve.SIZE

    free = 4096
    reserve.see(tmp_path)
    assert not file.exists()
    free = reserve.SIZE * 2
    reserve.see(tmp_path)
    assert not file.exists()


@pytest.fixture
def full(tmp_path: Path) -> Iterator[Path]:
    """A disk that holds the state and the files, as many a machine has one."""
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=640m", "labkeeper", tmp_path], check=True)
    yield tmp_path
    subprocess.run(["umount", "-l", tmp_path], check=True)


@pytest.mark.testbed
def test_a_full_disk_is_emptied_with_a_record(full: Path) -> None:
    """To the last byte full with the state on it: what was held goes, and the log says so.

    Without the reserve nothing could be written down, and so nothing be removed.
    """
    state, hot = full / "state", full / "hot"
    hot.mkdir()
    (hot / "film").write_bytes(bytes(50 << 20))
    (hot / "new").write_text("stays")
    os.utime(hot / "film", (1, 1))
    assert len(clean_here(state, hot, hold=timedelta(0)).aside) == 2
    assert (state / "reserve").exists()
    _fill(full / "rest")

    report = clean_here(state, hot, hold=timedelta(0), purges_all=True)

    assert len(report.purged) == 2
    assert [act.what for act in Log(state).acts()] == [What.CLEAN, What.PURGE]
    assert os.statvfs(full).f_bavail * os.statvfs(full).f_frsize > 40 << 20


@pytest.mark.testbed
def test_without_the_reserve_it_stays_full(full: Path) -> None:
    """The same disk, and nothing goes without a record of it."""
    state, hot = full / "state", full / "hot"
    hot.mkdir()
    (hot / "film").write_bytes(bytes(50 << 20))
    clean_here(state, hot, hold=timedelta(0))
    (state / "reserve").unlink()
    _fill(full / "rest")

    with pytest.raises(Broken):
        clean_here(state, hot, hold=timedelta(0), purges_all=True)

    assert [act.what for act in Log(state).acts()] == [What.CLEAN]


def _fill(path: Path) -> None:
    with path.open("wb", buffering=0) as file:
        for size in (1 << 20, 1):
            try:
                while True:
                    file.write(bytes(size))
            except OSError:
                continue
