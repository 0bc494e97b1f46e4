"""`labkeeper status`: one screen, what needs a person first, with an agent or without."""

import json
import os
import time
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from click.testing import CliRunner, Result

from labkeeper.cli import main
from labkeeper.cli.telemetry import FILE
from labkeeper.host import process
from labkeeper.host.process import Process
from labkeeper.keep.forecast import Forecast
from labkeeper.keep.status import ClientNow, Next, Status, TierNow
from labkeeper.keep.stood import Stood, encoded
from labkeeper.keep.usage import Usage
from labkeeper.store.backups import Backup, Backups, Drill, Verification
from labkeeper.store.log import Back, By, Ending, Log, What
from tests.storage.cleaner import clean_here

SCHEMA = json.loads(
    (Path(__file__).parents[2] / "docs/reference/status.schema.json").read_text("utf-8")
)
WELL = Status(
    (TierNow("hot", Usage(6 << 20, 10 << 20, 1 << 20),
             Forecast(1.0, 1.0, 2.0, 9e5, 12 * 86400.0, 9 * 86400.0, None)),),
    (Next("films", "move hot:films to hot:library", None, "until `hot` is over 85%"),),
    clients=(ClientNow("sonarr", outstanding=1 << 30),),
)  # fmt: skip


class Box:
    """A lab with a tier and a service that is kept."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.state = folder, folder / "state"
        (folder / "hot" / "films").mkdir(parents=True)
        (folder / "vault").mkdir()
        self.lab = folder / "lab.yaml"
        self.lab.write_text(
            f"""lab: try
hosts:
  box:
    target: compose
    tiers:
      hot: {{path: {folder}/hot, size: 10MiB}}
storage:
  libraries:
    films: {{from: "hot:films", to: "hot:library"}}
services:
  notes: {{image: "localhost/notes:1", paths: {{/d: "hot:notes"}}, backup: {{stop: false}}}}
backup:
  repositories:
    vault: {{to: {folder}/vault, password: secret:restic, every: daily, verify: weekly}}
secrets: {{store: files, folder: {folder}}}
"""
        )

    def backed_up(self, **changes: Any) -> None:
        """Kept an hour ago, read again and restored."""
        at = time.time() - 3600
        record = Backups.open(self.state / "backup")
        record.add(Backup("vault", "notes", at, 1.0, "good", bytes=7), {})
        record.add_verification(Verification("vault", at, 2.0, "sample", 1, 13, **changes))
        record.add_drill(Drill("vault", "notes", at, 4.0, True, 1, 1, 1, 0))
        record.close()

    def stood(self, status: Status, who: Process | None = None, ago: float = 5.0) -> None:
        """What an agent wrote down."""
        self.state.mkdir(exist_ok=True)
        now = time.time()
        stood = Stood(now - ago, now - 3600, who or process.this(), "agent", status)
        (self.state / FILE).write_text(encoded(stood))

    def said(self, *words: str) -> Result:
        """What the command says."""
        words = ("status", str(self.lab), "--state", str(self.state), *words)
        return CliRunner().invoke(main, words)

    def told(self) -> dict[str, Any]:
        """Its document."""
        document: dict[str, Any] = json.loads(self.said("--json").stdout)
        jsonschema.validate(document, SCHEMA)
        return document


@pytest.fixture
def box(tmp_path: Path) -> Box:
    return Box(tmp_path)


def test_all_is_well(box: Box) -> None:
    """With an agent: since when, tiers and their forecast, what waits and why, backups, apps."""
    box.stood(WELL)
    box.backed_up()

    result = box.said()

    assert result.exit_code == 0, result.output
    text = result.stdout
    for words in (
        "keeper     `labkeeper agent` keeps `box` since ",
        "hot  60%, 6.0 MiB of 10.0 MiB, 4.0 MiB free, 1.0 MiB are to stay so, is full in",
        "in about 12 d (from 9 d, perhaps never)",
        "next       films not again; until `hot` is over 85%",
        "last       nothing was moved or cleaned yet",
        "held       nothing is put aside",
        "backups    vault: 1 of 1 service well; would lose 1 h 00 min at most; back in about 4.0 s",
        "part of its data; no damage",
        "sonarr is believed, 1.0 GiB to come",
    ):
        assert words in text, text
    assert "needs you" not in text
    assert box.told()["keeper"]["who"] == "agent"


def test_without_an_agent(box: Box) -> None:
    """It tells what lies on disk, says that nobody keeps it, and writes nothing."""
    box.backed_up()
    before = {path for path in box.state.rglob("*") if path.suffix == ".db"}

    result = box.said()

    assert result.exit_code == 0, result.output
    assert "nobody keeps `box` now, so nothing moves by itself" in result.stdout
    assert "hot  0%, 0 B of 10.0 MiB" in result.stdout
    assert box.told()["keeper"] is None
    assert {path for path in box.state.rglob("*") if path.suffix == ".db"} == before


def test_what_needs_a_person_comes_first(box: Box) -> None:
    """Each is named, the exit status is 1, and the JSON has them as well."""
    status = Status(
        (TierNow("hot", Usage(why="its disk does not answer"), None),),
        (Next("films", "move", None, "`q` cannot be asked", "client-unknown"),),
        clients=(ClientNow("sonarr", "it is silent", "start it"),),
    )
    box.stood(status, ago=900)
    box.backed_up(damage="a pack is broken")
    with Log(box.state).deed(What.MOVE, By("films"), b"x") as deed:
        deed.begin(3, 30)
        deed.end(Ending.FAILED, (0, 0), Back(why_not="nothing was moved"), "it broke")

    result = box.said()

    assert result.exit_code == 1
    assert result.stdout.startswith("needs you  ")
    wrong = "\n".join(box.told()["wrong"])
    for words in (
        "has said nothing for 15 min", "films cannot be done: `q` cannot be asked",
        "hot is unknown: its disk does not answer", "sonarr is not believed",
        "what was done last did not end well", "the backups in vault are damaged",
    ):  # fmt: skip
        assert words in wrong, wrong


def test_an_agent_that_died(box: Box) -> None:
    """What it wrote down is not taken for how it stands; it is said that it is gone."""
    box.backed_up()
    box.stood(WELL, Process(os.getpid(), 1, "another boot"))

    document = box.told()

    assert document["keeper"] is None
    assert document["tiers"][0]["used"] == 0
    assert "`labkeeper agent` ended without a word" in document["wrong"][0]


def test_a_service_that_was_never_kept(box: Box) -> None:
    """No record at all is no good backup."""
    document = box.told()

    assert document["wrong"] == ["vault has no good backup in time of notes"]
    assert "vault: 0 of 1 service well" in box.said().stdout
    assert not box.state.exists()


def test_the_last_acts_and_what_is_held(box: Box) -> None:
    """A line each, the newest first, and how to get back what is put aside."""
    (box.folder / "hot" / "a").write_bytes(bytes(5000))
    box.backed_up()
    clean_here(box.state, box.folder / "hot")

    text = box.said().stdout

    assert "clean: 1 file, " in text
    assert "1 file, 8.0 KiB put aside, until " in text
    assert "labkeeper undo --list" in text
    assert box.told()["quarantine"]["files"] == 1


@pytest.mark.parametrize("name", ["log.db", "quarantine.db", "backup/backups.db", FILE])
def test_damaged_records(box: Box, name: str) -> None:
    """Each is told as one that cannot be read, without a traceback, and the rest is shown."""
    box.backed_up()
    (box.state / name).write_bytes(b"no database" * 1000)

    result = box.said()

    assert result.exit_code == (0 if name == FILE else 1), result.output
    assert result.exception is None or isinstance(result.exception, SystemExit)
    assert "tiers      hot" in result.stdout
    if name != FILE:
        assert "cannot be read" in result.stdout


def test_no_lab(tmp_path: Path) -> None:
    """It could not look."""
    result = CliRunner().invoke(main, ["status", str(tmp_path / "none.yaml")])

    assert result.exit_code == 2
    assert "help:" in result.stderr
