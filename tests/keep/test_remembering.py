from itertools import pairwise
from pathlib import Path

from labkeeper.keep.growing import Growth
from labkeeper.keep.remembering import Memory, folded, thinned

DAY = 86400.0


def seconds(begin: float, count: int) -> list[Growth]:
    return [Growth(begin + n, begin + n + 1, 10) for n in range(count)]


def test_what_was_seen_outlives_a_restart(tmp_path: Path) -> None:
    """Every byte of it, and nothing that lies between two runs."""
    memory = Memory.open(tmp_path)
    for each in seconds(0.0, 1000):
        memory.note("hot", each)
    assert sum(each.bytes for each in memory.of("hot")) == 10_000
    memory.close()

    again = Memory.open(tmp_path)
    for each in seconds(5000.0, 10):
        again.note("hot", each)
    known = again.of("hot")

    assert sum(each.bytes for each in known) == 10_100
    assert len(known) < 20
    assert not any(each.since < 2000 and each.until > 4000 for each in known)
    assert again.of("cold") == []
    again.close()


def test_long_runs_are_known_in_parts() -> None:
    """An hour as it was, two days in parts of five minutes, the rest by the hour; no byte twice."""
    memory = Memory()
    for minute in range(60 * 24 * 4):
        memory.note("hot", Growth(minute * 60.0, minute * 60.0 + 60, 7))
    known = memory.of("hot")

    assert sum(each.bytes for each in known) == 7 * 60 * 24 * 4
    assert all(a.until == b.since for a, b in pairwise(known))
    assert len(known) < 24 * 2 + 12 * 48 + 70


def test_folding() -> None:
    """What ends in one part is one, unless nobody looked in between; what is too old is gone."""
    parts = folded([*seconds(0.0, 3), Growth(10.0, 11.0, 5), Growth(301.0, 302.0, 1)], 300.0)

    assert parts == [Growth(0.0, 3.0, 30), Growth(10.0, 11.0, 5), Growth(301.0, 302.0, 1)]
    assert thinned(seconds(0.0, 3), 60 * DAY) == []


def test_a_record_that_cannot_be_read(tmp_path: Path) -> None:
    """It costs the memory of earlier runs, and nothing else."""
    (tmp_path / "samples.db").write_bytes(b"no database" * 1000)
    memory = Memory.open(tmp_path)
    memory.note("hot", Growth(0.0, 1.0, 1))

    assert memory.of("hot") == [Growth(0.0, 1.0, 1)]
    memory.close()
