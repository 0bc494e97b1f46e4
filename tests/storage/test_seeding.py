"""What a torrent client shares is left, followed or kept; what it does not tell blocks."""

import os
from dataclasses import dataclass
from pathlib import Path

import pytest

from labkeeper.storage import following
from labkeeper.storage.claims import Policy
from labkeeper.storage.moving import Report
from labkeeper.storage.paths import PathMap
from labkeeper.storage.reasons import HELP, Refusal
from labkeeper.storage.seeding import Seeding
from tests.storage.clients import FakeClient
from tests.storage.solo import move_here


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(following, "_TICK", 0.0)
    monkeypatch.setattr(following, "_BEGINS", 0.0)


@dataclass(frozen=True)
class Lab:
    """Two torrents that are shared from `hot`, and a folder to move to."""

    client: FakeClient
    hot: Path
    cold: Path
    state: Path

    def move(self, policy: Policy = Policy.WAIT, *, is_trusted: bool = False) -> Report:
        seeding = Seeding(
            policy, "http://client", self.client, is_trusted=is_trusted, patience=0.05
        )
        return move_here(self.state, f"{self.hot}/", self.cold, seeding=seeding, is_patient=False)[
            1
        ]


@pytest.fixture
def lab(hot: Path, cold: Path, state: Path) -> Lab:
    made = FakeClient()
    for name in ("film", "show"):
        (hot / name).mkdir()
        (hot / name / "a").write_text(name)
        (hot / name / "b").write_text(name * 2)
        made.share(hot, name)
    return Lab(made, hot, cold, state)


def names(folder: Path) -> set[str]:
    return {str(p.relative_to(folder)) for p in folder.rglob("*") if p.is_file()}


ALL = {"film/a", "film/b", "show/a", "show/b"}


@pytest.mark.parametrize("policy", Policy)
@pytest.mark.parametrize("mood", ["empty", "403"])
def test_an_answer_that_is_not_believed(lab: Lab, policy: Policy, mood: str) -> None:
    """An empty list where there was one, and no answer, refuse the whole move."""
    lab.client.mood = mood

    with pytest.raises(Refusal) as refused:
        lab.move(policy)

    assert refused.value.code == "client-unknown"
    assert (names(lab.hot), names(lab.cold)) == (ALL, set())


@pytest.mark.parametrize("policy", Policy)
@pytest.mark.parametrize("what", ["moving", "checkingUP", "missingFiles", "error", "new in 6.0"])
def test_a_state_that_says_nothing(lab: Lab, policy: Policy, what: str) -> None:
    """A torrent in the middle of something, or in a state that is not known, stays."""
    lab.client._change("film", state=what)
    lab.client._change("show", state="stoppedUP")

    report = lab.move(policy)

    assert {left.code for left in report.left} == {"seeding"} <= set(HELP)
    assert {"film/a", "film/b"} <= names(lab.hot)
    assert names(lab.cold) == {"show/a", "show/b"}


@pytest.mark.parametrize("policy", Policy)
def test_what_is_not_complete(lab: Lab, policy: Policy) -> None:
    """A torrent that is still loading stays, wherever its client keeps it until then."""
    lab.client._change("show", state="stoppedUP")
    lab.client._change(
        "film", state="downloading", progress=0.5, download_path=str(lab.hot / "loading")
    )
    (lab.hot / "loading" / "film").mkdir(parents=True)
    (lab.hot / "film" / "a").rename(lab.hot / "loading" / "film" / "a")

    report = lab.move(policy)

    assert {left.code for left in report.left} == {"seeding"}
    assert {"loading/film/a", "film/b"} <= names(lab.hot)


def test_what_was_at_rest_may_have_moved(lab: Lab) -> None:
    """A client lists it still, and is believed; what it shares has to be where it says."""
    lab.client._change("film", state="stoppedUP")
    assert lab.move().files == 2
    assert names(lab.hot) == {"show/a", "show/b"}
    (lab.hot / "new").write_text("new")

    assert lab.move().files == 1
    (lab.hot / "show" / "a").rename(lab.hot / "elsewhere")
    with pytest.raises(Refusal) as refused:
        lab.move()

    assert refused.value.code == "client-paths"
    assert names(lab.hot) == {"elsewhere", "show/b"}


def test_fewer_torrents_than_before(lab: Lab) -> None:
    """A client that suddenly has half of its torrents is not believed until its user says so."""
    lab.move()
    del lab.client.torrents_["film"]

    with pytest.raises(Refusal) as refused:
        lab.move()
    assert refused.value.code == "client-unknown"
    lab.move(is_trusted=True)

    assert names(lab.cold) == {"film/a", "film/b"}
    lab.move()  # and is believed from then on


def test_follow_and_its_silences(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    """A client that falls silent in the middle leaves both whole; later it goes over."""
    real = FakeClient.set_location

    def fall_silent(self: FakeClient, hash_: str, folder: str) -> None:
        real(self, hash_, folder)
        self.mood = "403"

    with monkeypatch.context() as patch:
        patch.setattr(FakeClient, "set_location", fall_silent)
        report = lab.move(Policy.FOLLOW)
    assert {left.code for left in report.left} == {"client-silent"} <= set(HELP)
    assert names(lab.hot) == names(lab.cold) == ALL
    lab.client.mood = "honest"

    report = lab.move(Policy.FOLLOW)

    assert report.left == []
    assert (names(lab.hot), names(lab.cold)) == (set(), ALL)
    assert all(lab.client.is_whole(name) for name in lab.client.torrents_)
    assert {t.state for t in lab.client.torrents_.values()} == {"stalledUP"}


def test_one_file_of_two_torrents(lab: Lab) -> None:
    """What two torrents share goes with neither of them."""
    (lab.hot / "again").mkdir()
    os.link(lab.hot / "film" / "a", lab.hot / "again" / "a")
    lab.client.share(lab.hot, "again")

    report = lab.move(Policy.FOLLOW)

    assert any("2 torrents share it" in left.why for left in report.left)
    assert {"film/a", "again/a", "film/b"} <= names(lab.hot)


def test_path_maps() -> None:
    """The longest folder that fits is the one that is meant, in both directions."""
    maps = (PathMap("/data", "/mnt/a"), PathMap("/data/tv/", "/mnt/b"))
    seeding = Seeding(Policy.WAIT, "", FakeClient(), maps)

    assert seeding.here("/data/tv/x") == "/mnt/b/x"
    assert seeding.here("/data/tvx") == "/mnt/a/tvx"
    assert seeding.here("/other") == "/other"
    assert seeding.there("/mnt/b/x") == "/data/tv/x"
