"""`labkeeper backup`, as somebody uses it, with restic."""

import json
import os
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from click.testing import CliRunner, Result

from labkeeper.cli import main
from labkeeper.store.log import Log
from tests.backup.places import flip
from tests.programs import program

SCHEMA = json.loads(
    (Path(__file__).parents[2] / "docs/reference/backup.schema.json").read_text("utf-8")
)
pytestmark = pytest.mark.testbed


class Box:
    """A lab with two services that may be read as they are, and their files."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.notes, self.vault = folder / "hot" / "notes", folder / "vault"
        self.notes.mkdir(parents=True)
        for number in range(20):
            (self.notes / f"{number}").write_bytes(os.urandom(20_000))
        (folder / "hot" / "app").mkdir()
        (folder / "hot" / "app" / "db").write_text("one")
        (folder / "restic").write_text("secret\n")
        self.lab = folder / "lab.yaml"
        self.lab.write_text(
            f"""lab: try
hosts:
  box:
    target: compose
    tiers: {{hot: {{path: {folder}/hot, size: 1GiB, keep-free: 1%}}}}
services:
  notes: {{image: "localhost/notes:1", paths: {{/d: "hot:notes"}}, backup: {{stop: false}}}}
  app: {{image: "localhost/app:1", paths: {{/d: "hot:app"}}, backup: {{stop: false}}}}
backup:
  repositories:
    vault: {{to: {self.vault}, password: secret:restic, keep: {{daily: 1, weekly: 1, monthly: 1}}}}
secrets: {{store: files, folder: {folder}}}
"""
        )

    def said(self, *words: object) -> Result:
        """What a command of `labkeeper backup` says."""
        options = (self.lab, "--state", self.folder / "state")
        return CliRunner().invoke(main, ["backup", *map(str, (*words, *options))])

    def told(self, *words: object) -> dict[str, Any]:
        """Its report."""
        body: dict[str, Any] = json.loads(self.said(*words, "--json").stdout)
        jsonschema.validate(body, SCHEMA)
        return body

    def outcomes(self, *words: object) -> dict[str, str]:
        """What became of each service."""
        backups = self.told("run", *words)["repositories"][0]["backups"]
        return {each["service"]: each["outcome"] for each in backups}


@pytest.fixture
def box(tmp_path: Path) -> Box:
    program("restic")
    return Box(tmp_path)


def test_a_first_day(box: Box) -> None:
    """Kept, read again, restored and compared; the status says so, with what would be lost."""
    assert box.said("status").exit_code == 1
    done = box.said("run")
    assert done.exit_code == 0, done.output
    assert box.said("verify", "--all-data").exit_code == 0
    drill = box.told("drill")

    whole = [each for each in drill["drills"] if each["whole"]]
    assert [each["service"] for each in whole] == ["app"]
    assert {each["service"] for each in drill["drills"]} == {"notes", "app"}
    assert all(each["by_digest"] == each["files"] and not each["wrong"] for each in drill["drills"])
    status = box.told("status")["repositories"][0]
    assert status["is_well"]
    assert status["all_data_read"]
    assert [each["state"] for each in status["services"]] == ["ok", "ok"]
    assert all(each["rpo_seconds"] < 600 for each in status["services"])
    assert not list((box.folder / "state" / "backup").glob(".labkeeper-drill-*"))


def test_what_is_let_go_is_in_the_log(box: Box) -> None:
    """Which backups went by the lab's rules, and that nothing brings them back."""
    for _ in range(3):
        assert box.said("run").exit_code == 0

    acts = [act for act in Log(box.folder / "state").acts() if act.end]
    assert [act.what.value for act in acts] == ["forget"] * 3
    assert [act.end.files for act in acts if act.end] == [0, 2, 2]
    assert acts[-1].by.rule == "vault"
    assert "the lab keeps 1 daily, 1 weekly, 1 monthly" in acts[-1].by.why
    assert all(act.end.back.why_not for act in acts if act.end)


def test_a_next_drill_takes_the_other_service(box: Box) -> None:
    """Every service gets its turn to be restored whole."""
    box.said("run")
    drills = [box.told("drill")["drills"] for _ in range(3)]

    assert [[d["service"] for d in each if d["whole"]] for each in drills] == [
        ["app"],
        ["notes"],
        ["app"],
    ]


def test_what_is_gone_from_its_folder_stays_in_the_backup(box: Box) -> None:
    """Half of the files gone is no good backup: no old one goes until somebody says so."""
    assert box.outcomes() == {"notes": "good", "app": "good"}
    for number in range(15):
        (box.notes / f"{number}").unlink()

    assert box.outcomes() == {"notes": "shrunk", "app": "good"}
    assert box.said("status").exit_code == 1
    out = box.folder / "out"
    assert box.said("restore", "notes", out).exit_code == 0
    assert len([path for path in out.rglob("*") if path.is_file()]) == 20
    assert box.outcomes("--less-is-right") == {"notes": "good", "app": "good"}


def test_a_folder_that_is_gone_stops_nothing_else(box: Box) -> None:
    """The service is told, with what to do; the other is kept, and what was kept stays."""
    box.said("run")
    box.notes.rename(box.folder / "elsewhere")

    assert box.outcomes() == {"notes": "failed", "app": "good"}
    words = box.said("status").output
    assert f"`notes` has no {box.notes}" in words
    assert box.said("restore", "notes", box.folder / "out").exit_code == 0


def test_a_repository_that_is_gone_is_not_made_anew(box: Box) -> None:
    """Its disk may only not be mounted; nor is another one taken for it."""
    box.said("run")
    box.vault.rename(box.folder / "away")

    gone = box.told("run")["repositories"][0]
    assert gone["error"]["reason"] == "repository-gone"
    assert not box.vault.exists()

    (box.folder / "state").rename(box.folder / "state2")
    box.said("run")  # a host that knows of none makes one
    (box.folder / "state").rename(box.folder / "state3")
    (box.folder / "state2").rename(box.folder / "state")
    assert box.told("run")["repositories"][0]["error"]["reason"] == "another-repository"


def test_a_flipped_byte(box: Box) -> None:
    """It is found, by reading and by a drill; and then nothing old is let go of."""
    box.said("run")
    flip(box.vault)

    assert box.said("verify", "--structure").exit_code == 0
    assert box.said("status").exit_code == 0
    looks = [box.said("verify", "--all-data"), box.said("drill", "--service", "notes")]
    assert [look.exit_code for look in looks] == [1, 1]
    assert "DAMAGED" in looks[0].output
    assert "notes" in looks[1].output
    assert "nothing is let go" in box.told("run")["repositories"][0]["stays"]
    assert box.said("status").exit_code == 1


def test_a_restore_replaces_nothing(box: Box) -> None:
    """A folder with anything in it is refused."""
    box.said("run")
    (box.folder / "out").mkdir()
    (box.folder / "out" / "mine").touch()

    refused = box.said("restore", "app", box.folder / "out")

    assert refused.exit_code == 2
    assert "not-empty" in refused.output
    assert box.told("restore", "app", box.folder / "out")["error"]["reason"] == "not-empty"
    assert box.told("restore", "app", box.folder / "new")["wrong"] == []
    assert [path.name for path in (box.folder / "out").iterdir()] == ["mine"]


def test_without_the_password(box: Box) -> None:
    """It is said where it was looked for; another file can be named."""
    box.said("run")
    (box.folder / "restic").rename(box.folder / "mine")

    refused = box.told("verify")["repositories"][0]
    assert refused["error"]["reason"] == "no-password"
    assert str(box.folder / "restic") in refused["error"]["message"]
    assert box.said("verify", "--password-file", box.folder / "mine").exit_code == 0
