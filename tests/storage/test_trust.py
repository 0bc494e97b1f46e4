"""No sequence of answers, true or not, ever takes away what one of two of them calls in use."""

import os
import tempfile
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from labkeeper.host.http import Unanswered
from labkeeper.host.qbittorrent import Torrent, TorrentFile
from labkeeper.storage.candidates import Rule, Take
from labkeeper.storage.claims import Policy
from labkeeper.storage.reasons import Refusal
from labkeeper.storage.seeding import Seeding, ask
from labkeeper.storage.trust import (
    APART,
    Named,
    doubt_of_number,
    doubt_of_paths,
    is_listed_lately,
    is_used_lately,
    remembered,
)
from labkeeper.store.clients import Memory
from labkeeper.store.journal import Journal
from tests.storage.cleaner import clean_here
from tests.storage.clients import FakeClient

ALL = range(12)


def test_numbers() -> None:
    """An empty list, one shorter by more than a fifth, and files elsewhere are doubts."""
    assert doubt_of_number(80, 100) is None
    assert doubt_of_number(79, 100) is not None
    assert doubt_of_number(0, 0) is not None
    assert doubt_of_number(1, 0) is None
    assert doubt_of_paths([], 0) is None
    assert doubt_of_paths(["a"], 20) is None
    assert doubt_of_paths(["a", "b"], 20) is not None


_SEEN = st.dictionaries(st.integers(0, 5), st.booleans())


@given(st.lists(st.tuples(_SEEN, st.floats(0, 2 * APART)), min_size=1))
def test_what_is_remembered(answers: list[tuple[dict[int, bool], float]]) -> None:
    """What the last answer named, or one of the last ten minutes did, is held; then it is not."""
    now, memories = 1e9, list[Memory]()
    missing: dict[int, float] = {}
    named: set[int] = set()
    for answer, later in answers:
        now += later
        seen = [Named(b"%d" % n, 1, n, "t", used) for n, used in answer.items()]
        memories = remembered(memories, seen, now)
        named |= set(answer)
        for number in answer:
            missing.pop(number, None)
        for number in named - set(answer):
            missing.setdefault(number, now)
        expected = {n for n, since in missing.items() if now - since < APART}
        named -= {n for n, since in missing.items() if now - since >= APART}
        assert {m.inode for m in memories if is_listed_lately(m, now)} == expected
        assert {m.inode for m in memories if m.missing_since is None} == set(answer)
        assert not any(is_used_lately(m, now) for m in memories if m.quiet_since is None)


def test_a_clock_that_was_set_back() -> None:
    """It holds what it held for as long again, and not until the clock is where it was."""
    one = Named(b"a", 1, 1, "t", is_used=True)
    there = remembered([], [one], 1e9)
    gone = remembered(there, [], 1e9)
    back = remembered(gone, [], 1e6)

    assert is_listed_lately(back[0], 1e6)
    assert remembered(back, [], 1e6 + APART) == []


@dataclass
class Liar(FakeClient):
    """A client of twelve torrents of a file each, that says of them what it is told to."""

    folder: Path = field(default_factory=Path)
    states: dict[int, str] = field(default_factory=dict)

    def torrents(self) -> list[Torrent]:
        self._answer()
        if self.mood == "elsewhere":
            return [Torrent(f"{n}", f"t{n}", "uploading", 1.0, "/gone") for n in ALL]
        return [
            Torrent(f"{n}", f"t{n}", state, 1.0, str(self.folder))
            for n, state in self.states.items()
        ]

    def files(self, hash_: str) -> list[TorrentFile]:
        if self.mood == "half" and hash_ == "7":
            raise Unanswered("the answer ends in the middle")
        return [TorrentFile(hash_, 5, 1.0, is_wanted=True)]


_STATE = st.sampled_from(["uploading", "stoppedUP", "stalledUP", "moving", "downloading"])
_ANSWER = st.tuples(
    st.sampled_from(["honest", "honest", "honest", "403", "elsewhere", "half"]),
    st.sets(st.sampled_from(ALL), max_size=4) | st.just(set(ALL)),
    st.dictionaries(st.sampled_from(ALL), _STATE, max_size=4),
    st.sampled_from([Take.ORPHANS, Take.FILES]),
    st.sampled_from([0.0, 1.0, APART - 1, APART + 1]),
)


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(answers=st.lists(_ANSWER, min_size=2, max_size=7))
def test_lies(answers: list[tuple[str, set[int], dict[int, str], Take, float]]) -> None:
    """What is put aside is in use by neither the last answer that was trusted nor this one."""
    with tempfile.TemporaryDirectory() as scratch:
        hot, state = Path(scratch, "hot"), Path(scratch, "state")
        hot.mkdir()
        for number in ALL:
            (hot / str(number)).write_text("12345")
            os.utime(hot / str(number), (0, 0))
        client = Liar(folder=hot)
        now = [1e9]
        seeding = Seeding(Policy.WAIT, "http://client", client, clock=lambda: now[0])
        trusted: dict[int, str] = {}
        for mood, without, states, take, later in answers:
            now[0] += later
            client.mood = mood
            client.states = {n: states.get(n, "uploading") for n in ALL if n not in without}
            client.states = {n: s for n, s in client.states.items() if (hot / str(n)).exists()}
            there = {path.name for path in hot.iterdir() if path.name.isdecimal()}
            journal = Journal.open(state)
            try:
                claims = ask(seeding, journal)
            except Refusal:
                continue
            finally:
                journal.close()
            rule = Rule(timedelta(0), takes=frozenset({take}))
            report = clean_here(state, hot, rule=rule, claims=claims)
            gone = {int(name) for item in report.aside for name in item.names}
            assert {str(n) for n in gone} == there - {p.name for p in hot.iterdir()}
            for said in (trusted, client.states):
                if take is Take.ORPHANS:
                    assert not gone & set(said)
                assert not {n for n in gone if said.get(n, "stoppedUP") != "stoppedUP"}
            trusted = dict(client.states)


def test_a_torrent_that_is_taken_out(hot: Path, state: Path) -> None:
    """Its files go ten minutes after the client was first asked without it, or when one says so."""
    client = Liar(folder=hot, states=dict.fromkeys(ALL, "uploading"))
    for number in ALL:
        (hot / str(number)).write_text("12345")
    now = [1e9]
    seeding = Seeding(Policy.WAIT, "http://client", client, clock=lambda: now[0])

    def gone() -> list[bytes]:
        journal = Journal.open(state)
        claims = ask(seeding, journal)
        journal.close()
        rule = Rule(timedelta(0), takes=frozenset({Take.ORPHANS}))
        report = clean_here(state, hot, rule=rule, claims=claims, is_dry_run=True)
        codes = {left.code for left in report.spared}
        assert codes <= {"seeding", "client-changed"}
        return [candidate.names[0] for candidate in report.chosen]

    assert gone() == []
    del client.states[3]
    now[0] += 1e6
    assert gone() == []
    now[0] += APART - 1
    assert gone() == []
    now[0] += 1
    assert gone() == [b"3"]
    del client.states[4]
    sure = Seeding(Policy.WAIT, "http://client", client, is_trusted=True, clock=lambda: now[0])
    journal = Journal.open(state)
    assert ask(sure, journal).lately.listed == {}
    journal.close()
