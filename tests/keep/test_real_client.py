"""A real qBittorrent is followed, explained and believed, and then it lies."""

import os
import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from labkeeper.cli import main
from labkeeper.cli.keeping import judged, kept_of
from labkeeper.keep.apps import app_of
from labkeeper.keep.asking import truth_of
from labkeeper.keep.follower import EVERY, Follower
from labkeeper.keep.rules import Kept
from labkeeper.plan import Plan
from labkeeper.storage.claims import SHARING, STOPPED
from tests.keep.test_follower import Clock, heard
from tests.storage.torrents import Server, make_torrent, running

pytestmark = pytest.mark.testbed
FILES = {"a.mkv": os.urandom(300_000), "b.srt": os.urandom(5000)}
TEXT = """lab: try
hosts:
  box:
    target: compose
    tiers:
      hot: {{path: {folder}/hot, size: 10MiB}}
      cold: {{path: {folder}/cold, size: 10MiB}}
services:
  qbittorrent:
    ports: ["127.0.0.1:{port}:8080"]
    paths: {{"{folder}/hot/downloads": {{from: "hot:downloads", kind: media}}}}
storage:
  libraries:
    films:
      from: hot:downloads
      to: cold:films
      client: qbittorrent
      when: {{finished-by: [qbittorrent]}}
  clean:
    orphans: {{path: "hot:downloads", what: orphans, older-than: 1s}}
"""


@dataclass(frozen=True)
class Lab:
    """A lab whose client is real."""

    folder: Path
    server: Server
    plan: Plan
    kept: Kept

    def share(self, name: str) -> str:
        """Have it share a torrent of files that are there."""
        for file, body in FILES.items():
            (self.folder / "hot/downloads" / name).mkdir(exist_ok=True)
            (self.folder / "hot/downloads" / name / file).write_bytes(body)
        hash_, torrent = make_torrent(name, FILES)
        self.server.add(torrent, self.folder / "hot/downloads")
        self.server.until(hash_, *SHARING)
        return hash_

    def run(self, *words: object) -> Result:
        """Run labkeeper with this lab."""
        state = self.folder / "state"
        lab = self.folder / "lab.yaml"
        return CliRunner().invoke(main, [*map(str, words), str(lab), "--state", str(state)])


@pytest.fixture
def lab(tmp_path: Path) -> Iterator[Lab]:
    for name in ("hot/downloads", "cold"):
        (tmp_path / name).mkdir(parents=True)
    with ExitStack() as ending:
        server = ending.enter_context(running(tmp_path / "client"))
        file = tmp_path / "lab.yaml"
        file.write_text(TEXT.format(folder=tmp_path, port=server.url.rpartition(":")[2]))
        _, verdict = judged(file)
        assert verdict.plan is not None
        yield Lab(tmp_path, server, verdict.plan, kept_of(verdict, "box", file))


def test_it_is_followed(lab: Lab) -> None:
    """A torrent that becomes complete makes its rule due, by what has changed alone."""
    clock = Clock()
    follower = Follower(lab.plan, lab.kept, clock)
    assert heard(follower) == set()
    lab.share("Film")

    until = time.monotonic() + 60
    due: set[str] = set()
    while not due and time.monotonic() < until:
        clock.now += EVERY
        due = heard(follower)
        time.sleep(0.1)
    follower.close()

    assert due == {"films"}


def test_it_is_believed_and_then_not(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    """What it shares is explained and stays; with an empty list, nothing goes at all."""
    monkeypatch.setattr("labkeeper.storage.searching.time.time", lambda: 4e9)
    hash_ = lab.share("Film")
    (lab.folder / "hot/downloads/orphan").write_text("x")
    app = app_of(lab.plan, "box", "qbittorrent")
    assert app is not None
    truth = truth_of(app)
    assert [done.path for done in truth.done] == [f"{lab.folder}/hot/downloads/Film"]
    said = lab.run("tier", "explain", lab.folder / "hot/downloads/Film/a.mkv").stdout
    assert "in use: the torrent `Film` is `stalledUP`" in said
    assert "move to cold:films by `films`: stays: the torrent `Film` is being shared" in said
    assert "2 files of 1 torrent, where it says" in lab.run("doctor").stdout
    assert "would put 1 file" in lab.run("tier", "clean", "--yes", "--dry-run").stdout
    lab.server.client.stop(hash_)
    lab.server.until(hash_, *STOPPED)
    lab.server.client._tell("delete", hash_, deleteFiles="false")
    while lab.server.client.torrents():
        time.sleep(0.05)

    refused = lab.run("tier", "clean", "--yes")

    assert refused.exit_code == 1
    assert "the client says that it has 0 torrents, and had 1" in refused.stderr
    sure = lab.run("tier", "clean", "--yes", "--dry-run", "--client-is-right")
    assert "would put 3 files" in sure.stdout
