"""What the journal remembers, and what it never gives twice."""

from dataclasses import replace
from pathlib import Path

import pytest

from labkeeper.store.journal import Journal
from labkeeper.store.quarantine import Quarantine
from labkeeper.store.state import Broken, Newer, connect, transaction
from labkeeper.store.units import (
    Copy,
    Evidence,
    Facts,
    Folder,
    Kind,
    Name,
    Pair,
    State,
    Unit,
    Way,
)


@pytest.fixture
def journal(tmp_path: Path) -> Journal:
    return Journal.open(tmp_path)


@pytest.fixture
def pair(journal: Journal) -> Pair:
    return journal.pair(b"/hot", b"/cold", b"", "uuid")


def unit(pair: Pair, *names: bytes) -> Unit:
    facts = Facts(1, 2**62, 3, 4, 5, len(names))
    return Unit(0, Kind.FILE, facts, tuple(Name(pair.id, name, name) for name in names))


def test_a_unit_comes_back_as_it_was(journal: Journal, pair: Pair) -> None:
    """Every fact of a unit, names of any bytes among them, survives the journal."""
    renamed = replace(unit(pair, b"x"), names=(Name(pair.id, b"x", b"other"),))
    planned = journal.plan([unit(pair, b"a\xff\n", b"b/c"), renamed])
    learnt = replace(
        planned[0],
        way=Way.KEEP,
        digest=b"\1" * 32,
        copy=Copy(7, 8, 9),
        evidence=Evidence.MEDIUM,
    )
    journal.record(State.COPIED, [learnt])

    assert journal.units(planned[0].id, planned[1].id) == [
        replace(learnt, state=State.COPIED),
        planned[1],
    ]
    assert journal.unfinished(pair) == [replace(learnt, state=State.COPIED)]


def test_a_number_is_never_given_twice(journal: Journal, pair: Pair) -> None:
    """A number is part of a temporary's name: a forgotten unit's is not taken again."""
    first = journal.plan([unit(pair, b"a")])[0]
    journal.forget([first.id])

    assert journal.plan([unit(pair, b"a")])[0].id == first.id + 1


def test_what_is_done_or_blocked_is_not_under_way(journal: Journal, pair: Pair) -> None:
    """Only what a crash could have left in the middle is looked at again; a plan is dropped."""
    done, blocked, planned = journal.plan([unit(pair, b"a"), unit(pair, b"b"), unit(pair, b"c")])
    journal.enter(State.DONE, [done.id])
    journal.block([(blocked.id, "changed: it changed")])

    assert journal.unfinished(pair) == []
    assert [u.id for u in journal.all_done()] == [done.id]
    journal.forget_planned([pair])
    assert [u.id for u in journal.units(done.id, planned.id)] == [done.id]


def test_a_folder_keeps_its_first_times(journal: Journal, pair: Pair) -> None:
    """A later look at a folder that was emptied meanwhile does not change what was noted."""
    folder = Folder(pair.id, b"sub", True, False, 0o755, 1, 2, 3, 4)
    journal.folders.note([folder])
    journal.folders.note([replace(folder, mtime_ns=99)])

    assert journal.folders.of(pair) == [folder]
    journal.folders.forget([folder])
    assert journal.folders.of(pair) == []


def test_the_tag_stays(tmp_path: Path) -> None:
    """The journal's name in temporaries is the same at each opening, and another elsewhere."""
    first, again = Journal.open(tmp_path), Journal.open(tmp_path)

    assert first.tag == again.tag != Journal.open(tmp_path / "other").tag


def test_commits_wait_for_the_medium(tmp_path: Path) -> None:
    """WAL with synchronous=FULL: anything less loses committed rows when the power goes."""
    connection = connect(tmp_path / "db")

    assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    assert connection.execute("PRAGMA synchronous").fetchone() == (2,)


def test_a_transaction_is_all_or_nothing(tmp_path: Path) -> None:
    """An error inside takes everything back; an error of SQLite says that the journal is broken."""
    connection = connect(tmp_path / "db")
    connection.execute("CREATE TABLE t (a INTEGER PRIMARY KEY)")
    with pytest.raises(RuntimeError), transaction(connection):
        connection.execute("INSERT INTO t VALUES (1)")
        raise RuntimeError
    with pytest.raises(Broken), transaction(connection):
        connection.execute("INSERT INTO t VALUES (2)")
        connection.execute("INSERT INTO t VALUES (2)")

    assert connection.execute("SELECT count(*) FROM t").fetchone() == (0,)


def test_a_newer_journal_is_left_alone(tmp_path: Path) -> None:
    """What a newer labkeeper wrote is not touched: its rows may mean something else."""
    Journal.open(tmp_path).close()
    Quarantine.open(tmp_path).close()
    for file in ("moves.db", "quarantine.db"):
        connection = connect(tmp_path / file)
        connection.execute("PRAGMA user_version = 99")
        connection.close()

    for opens in (Journal.open, Quarantine.open):
        with pytest.raises(Newer, match="99"):
            opens(tmp_path)


def test_what_was_left_is_forgotten(journal: Journal, pair: Pair) -> None:
    """A file that is left every night does not fill the journal; what is done stays in it."""
    units = journal.plan([unit(pair, b"a"), unit(pair, b"b"), unit(pair, b"c"), unit(pair, b"d")])
    journal.block([(units[0].id, "in-use: ...")])
    journal.enter(State.COPYING, [units[1].id])
    journal.enter(State.DONE, [units[2].id])

    journal.forget_planned([pair])

    assert [u.names[0].source for u in journal.units(0, 99)] == [b"b", b"c"]
    assert [u.id for u in journal.unfinished(pair)] == [units[1].id]
