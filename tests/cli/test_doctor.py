"""`labkeeper doctor`: what is right, what is wrong and what nobody knows, each with its help."""

import json
import shutil
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import jsonschema
import pytest
from click.testing import CliRunner, Result

from labkeeper.cli import main
from labkeeper.keep.doctor import _rights
from labkeeper.keep.facts import Fact, State
from labkeeper.store.journal import Journal
from tests.keep.labs import KEY, Scene, scene

SCHEMA = json.loads(
    (Path(__file__).parents[2] / "docs/reference/doctor.schema.json").read_text("utf-8")
)
PAGE = (Path(__file__).parents[2] / "docs/reference/doctor.md").read_text("utf-8")
Row = dict[str, str]


@pytest.fixture
def lab(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Scene]:
    for name in ("SONARR", "SABNZBD", "JELLYFIN"):
        monkeypatch.setenv(f"LABKEEPER_KEY_{name}", KEY)
    with ExitStack() as ending:
        yield scene(tmp_path, ending)


def doctor(lab: Scene, *words: str) -> Result:
    path = str(lab.folder / "lab.yaml")
    return CliRunner().invoke(main, ["doctor", path, "--state", str(lab.state), *words])


def rows(lab: Scene, status: int) -> dict[tuple[str, str], list[Row]]:
    """All facts, by what they are about."""
    result = doctor(lab, "--json")
    document = json.loads(result.stdout)
    jsonschema.validate(document, SCHEMA)
    found: dict[tuple[str, str], list[Row]] = {}
    for row in document["facts"]:
        found.setdefault((row["about"], row["subject"]), []).append(row)
        assert (row["help"] is None) == (row["state"] == "ok"), row
        assert f"| `{row['about']}` |" in PAGE
    assert result.exit_code == status, [r for r in document["facts"] if r["state"] == "not ok"]
    return found


def test_a_machine_that_is_fit(lab: Scene) -> None:
    """Nothing is wrong; an app that is not to be reached is unknown, and nothing was written."""
    (lab.folder / "config").mkdir()
    found = rows(lab, 0)

    for tier in ("hot", "cold"):
        assert found["mount", tier][0]["state"] == "ok"
        assert found["write", tier][0]["state"] == "ok"
        assert len(found["changes", tier]) == 1
    assert "version 4.0.19.2979 answers" in found["client", "sonarr"][0]["what"]
    assert found["client", "radarr"][0]["state"] == "unknown"
    assert {row["state"] for row in found["path", "sonarr"]} == {"ok"}
    assert not lab.state.exists()
    assert lab.names("hot") == set()
    text = doctor(lab).stdout
    assert "\nok       client " in text
    assert "         = help: " in text
    assert KEY not in text


def test_what_is_wrong(lab: Scene) -> None:
    """A tier that is away, a folder that is away, an app of another version: each with its help."""
    (lab.folder / "config").mkdir()
    shutil.rmtree(lab.folder / "cold")
    (lab.folder / "hot/series").rmdir()
    lab.answer("GET /api/v3/system/status", {"appName": "Sonarr", "version": "9.0"})

    found = rows(lab, 1)

    assert found["mount", "cold"][0]["state"] == "not ok"
    assert ("write", "cold") not in found
    assert "says that it is version `9.0`" in found["client", "sonarr"][0]["what"]
    wrong = [row["what"] for row in found["path", "sonarr"] if row["state"] == "not ok"]
    assert wrong == [f"/downloads/tv is {lab.folder}/hot/series, which is not there"]


def test_another_disk(lab: Scene) -> None:
    """Files went to another file system before: that disk is not the one that is mounted."""
    (lab.folder / "cold/tv").mkdir()
    journal = Journal.open(lab.state)
    target = str(lab.folder / "cold/tv").encode()
    journal.pair(b"/hot/tv", target, b"", "another-file-system")
    journal.close()

    found = rows(lab, 1)

    assert "was on file system another-file-system before" in found["marker", "series"][0]["what"]


def test_a_journal_that_is_none(lab: Scene) -> None:
    """It is told, and it is left as it is."""
    lab.state.mkdir()
    (lab.state / "moves.db").write_bytes(b"no database" * 100)

    found = rows(lab, 1)

    assert "cannot be used" in found["state", "journal"][0]["what"]
    assert (lab.state / "moves.db").read_bytes().startswith(b"no database")


def test_rights() -> None:
    """Root has what it takes; a user has not, and is told what that means."""
    assert _rights("Name:\tx\nCapEff:\t000001ffffffffff\n").state is State.OK
    lacking = _rights("CapEff:\t0000000000000000\n")
    assert isinstance(lacking, Fact)
    assert lacking.state is State.UNKNOWN
    assert "CHOWN" in lacking.what


def test_no_lab(tmp_path: Path) -> None:
    """Without a lab it cannot look."""
    assert CliRunner().invoke(main, ["doctor", str(tmp_path / "none.yaml")]).exit_code == 2
