"""A real qBittorrent shares a real torrent, before and after its files were moved."""

import os
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from labkeeper.host.http import Unanswered
from labkeeper.host.qbittorrent import Login, QBittorrent
from labkeeper.storage.claims import SHARING, STOPPED, Policy
from labkeeper.storage.moving import Report
from labkeeper.storage.paths import PathMap
from labkeeper.storage.planning import Plan
from labkeeper.storage.reasons import Refusal
from labkeeper.storage.seeding import Seeding
from tests.storage.solo import move_here
from tests.storage.torrents import Server, make_torrent, running

pytestmark = pytest.mark.testbed
FILES = {"film.mkv": os.urandom(3_000_000), "film.srt": os.urandom(5000)}


@dataclass(frozen=True)
class Lab:
    """A folder that a torrent is shared from, and one to move to."""

    server: Server
    hash: str
    hot: Path
    cold: Path
    state: Path

    def seeding(self, policy: Policy, *maps: PathMap) -> Seeding:
        return Seeding(policy, self.server.url, self.server.client, maps, is_trusted=True)

    def move(self, policy: Policy | None) -> tuple[Plan, Report]:
        wished = self.seeding(policy) if policy else None
        return move_here(self.state, f"{self.hot}/", self.cold, seeding=wished)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with running(tmp_path_factory.mktemp("qbittorrent")) as server:
        yield server


@pytest.fixture
def lab(server: Server, hot: Path, cold: Path, state: Path) -> Iterator[Lab]:
    """A torrent that the client shares from `hot`."""
    (hot / "Film").mkdir()
    for name, body in FILES.items():
        (hot / "Film" / name).write_bytes(body)
    hash_, torrent = make_torrent("Film", FILES)
    server.add(torrent, hot)
    server.until(hash_, *SHARING)
    yield Lab(server, hash_, hot, cold, state)
    server.client._tell("delete", hash_, deleteFiles="false")


def content(folder: Path) -> dict[str, bytes]:
    return {p.name: p.read_bytes() for p in folder.rglob("*") if p.is_file()}


def test_follow(lab: Lab) -> None:
    """The client shares the copy afterwards, all of it checked by its own hashes."""
    (lab.hot / "other").write_text("of no torrent")

    _, report = lab.move(Policy.FOLLOW)

    assert report.left == []
    torrent = lab.server.until(lab.hash, *SHARING)
    assert (report.left, report.followed, report.files) == ([], 2, 3)
    assert (torrent.progress, torrent.save_path) == (1.0, str(lab.cold))
    assert content(lab.cold) == {**FILES, "other": b"of no torrent"}
    assert content(lab.hot) == {}


def test_follow_keeps_it_stopped(lab: Lab) -> None:
    """What its user had stopped is stopped at the new place too, and whole."""
    lab.server.client.stop(lab.hash)
    lab.server.until(lab.hash, *STOPPED)

    lab.move(Policy.FOLLOW)

    torrent = lab.server.client.torrent(lab.hash)
    assert torrent is not None
    assert (torrent.state in STOPPED, torrent.progress) == (True, 1.0)
    assert torrent.save_path == str(lab.cold)
    assert content(lab.hot) == {}


def test_follow_needs_all_of_it(lab: Lab) -> None:
    """With one wanted file outside of the move, the torrent stays where it is."""
    _, report = move_here(
        lab.state, lab.hot / "Film" / "film.mkv", lab.cold, seeding=lab.seeding(Policy.FOLLOW)
    )

    assert [left.code for left in report.left] == ["seeding"]
    assert "only 1 of 2 files" in report.left[0].why
    assert content(lab.hot) == FILES
    assert lab.server.until(lab.hash, *SHARING).save_path == str(lab.hot)


def test_follow_goes_on_after_a_crash(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    """Cut off before or after the client went over, both are whole, and one more run ends it."""
    for door in ("set_location", "recheck"):
        with monkeypatch.context() as patch:
            patch.setattr(QBittorrent, door, _die)
            with pytest.raises(KeyboardInterrupt):
                lab.move(Policy.FOLLOW)
        assert content(lab.hot) == FILES
        assert content(lab.cold) == FILES
    assert {left.code for left in lab.move(None)[1].left} == {"client-not-asked"}
    assert content(lab.hot) == FILES

    _, report = lab.move(Policy.FOLLOW)

    assert (report.left, report.followed) == ([], 2)
    assert lab.server.until(lab.hash, *SHARING).progress == 1.0
    assert content(lab.hot) == {}


def _die(*_: object) -> None:
    raise KeyboardInterrupt


def test_a_copy_that_the_client_refuses(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where its own hashes do not fit, it goes back to the source and shares that."""
    real = QBittorrent.set_location

    def spoil(client: QBittorrent, hash_: str, folder: str) -> None:
        if folder == str(lab.cold):
            (lab.cold / "Film" / "film.mkv").write_bytes(bytes(3_000_000))
        real(client, hash_, folder)

    monkeypatch.setattr(QBittorrent, "set_location", spoil)

    _, report = lab.move(Policy.FOLLOW)

    assert {left.code for left in report.left} == {"client-refused"}
    assert content(lab.hot) == FILES
    torrent = lab.server.until(lab.hash, *SHARING)
    assert (torrent.progress, torrent.save_path) == (1.0, str(lab.hot))


def test_wait(lab: Lab) -> None:
    """What is shared stays, with its torrent's name; what was stopped goes."""
    (lab.hot / "other").write_text("of no torrent")

    _, report = lab.move(Policy.WAIT)
    assert {left.code for left in report.left} == {"seeding"}
    assert "`Film` is being shared" in report.left[0].why
    assert content(lab.cold) == {"other": b"of no torrent"}
    lab.server.client.stop(lab.hash)
    lab.server.until(lab.hash, *STOPPED)
    _, report = lab.move(Policy.WAIT)

    assert report.left == []
    assert content(lab.hot) == {}


def test_copy(lab: Lab) -> None:
    """The copy is made and verified, the source stays, and a second run reads nothing again."""
    os.link(lab.hot / "Film" / "film.mkv", lab.hot.parent / "in-the-library")

    _, report = lab.move(Policy.COPY)
    assert (report.left, report.shared) == ([], 2)
    plan, again = lab.move(Policy.COPY)

    assert (plan.shared_already, again.files) == (2, 0)
    assert content(lab.hot) == content(lab.cold) == FILES
    assert lab.server.until(lab.hash, *SHARING).progress == 1.0


def test_a_path_that_is_not_the_hosts(lab: Lab) -> None:
    """Paths that do not fit refuse the move; a map that fits lets it begin."""
    away = lab.hot.with_name("elsewhere")
    lab.hot.rename(away)
    wished = lab.seeding(Policy.WAIT)
    with pytest.raises(Refusal) as refused:
        move_here(lab.state, f"{away}/", lab.cold, seeding=wished)
    assert refused.value.code == "client-paths"

    maps = PathMap(str(lab.hot), str(away))
    _, report = move_here(lab.state, f"{away}/", lab.cold, seeding=lab.seeding(Policy.WAIT, maps))

    assert {left.code for left in report.left} == {"seeding"}
    away.rename(lab.hot)


def test_what_has_changed(lab: Lab) -> None:
    """Its list is kept by its changes, and is the one that it gives when it is asked for all."""
    client = QBittorrent(lab.server.url, None)
    assert client.follow()[lab.hash].state in SHARING

    lab.server.client.stop(lab.hash)
    lab.server.until(lab.hash, *STOPPED)
    until = time.monotonic() + 30
    while client.follow()[lab.hash].state not in STOPPED:
        assert time.monotonic() < until
        time.sleep(0.1)

    assert client.follow() == {torrent.hash: torrent for torrent in client.torrents()}


def test_a_wrong_password(tmp_path: Path) -> None:
    """A client that asks for a password is believed with the right one, and not without."""
    with running(tmp_path / "asking", is_asking=True) as server:
        with pytest.raises(Unanswered, match="403"):
            server.client.enter()
        with pytest.raises(Unanswered, match="refuses this user"):
            QBittorrent(server.url, Login("admin", "wrong")).enter()
        entered = QBittorrent(server.url, Login("admin", "adminadmin"))
        entered.enter()

        assert entered.torrents() == []
