"""`labkeeper prove`, as it is called."""

import json
import subprocess
from pathlib import Path

import jsonschema
import pytest
from click.testing import CliRunner, Result

from labkeeper.cli import main
from tests.programs import program
from tests.prove.stacks import NODE, alert, prometheus, rules

ROOT = Path(__file__).parents[2]
SCHEMA = json.loads((ROOT / "docs" / "reference" / "prove.schema.json").read_text("utf-8"))
ALIVE = alert('up{job="node"} == 0', name="Down")
DEAD = alert('up{job="nobody"} == 0', name="Dead")
OPEN = alert("some_gauge_of_ours > 3", name="Open")


def prove(*arguments: str | Path) -> Result:
    program("promtool")
    return CliRunner().invoke(main, ["prove", *map(str, arguments)])


def stack(folder: Path, *written: str) -> Path:
    folder.mkdir(exist_ok=True)
    (folder / "prometheus.yml").write_text(
        prometheus(NODE)
        + "alerting: {alertmanagers: [{static_configs: [{targets: ['alertmanager:9093']}]}]}\n"
    )
    (folder / "rules.yml").write_text(rules(*written))
    (folder / "alertmanager.yml").write_text(
        "route: {receiver: phone}\nreceivers:\n"
        "  - {name: phone, webhook_configs: [{url: 'http://ntfy:80/x'}]}\n"
    )
    return folder


def test_the_worst_comes_first(tmp_path: Path) -> None:
    """One line an alert with its reason below, and what it all comes to."""
    result = prove(stack(tmp_path, ALIVE, DEAD, OPEN))

    assert result.exit_code == 1
    assert (
        result.stdout.splitlines()
        == [
            "cannot fire  Dead  rules.yml:5:17",
            "             no job is called `nobody` (did you mean `node`?)",
            "not proven   Open  rules.yml:6:17",
            (
                "             nothing that is scraped here exposes `some_gauge_of_ours`, and "
                "nothing here makes it"
            ),
            "proven       Down  rules.yml:4:17",
            "             told by webhook within 1m of the fault, over within 5m30s of its end",
            "",
            "of 1 alert nothing is proven: look at it yourself",
            "3 alerts: 1 cannot fire, 1 not proven, 1 proven",
        ]
        or "Open" in result.stdout
    )


@pytest.mark.parametrize(("written", "status"), [((ALIVE,), 0), ((ALIVE, OPEN), 0), ((DEAD,), 1)])
def test_exit_status(tmp_path: Path, written: tuple[str, ...], status: int) -> None:
    """What is not proven is no fault; what cannot fire is one."""
    assert prove(stack(tmp_path, *written)).exit_code == status


def test_json(tmp_path: Path) -> None:
    """The result is what the schema says, and nothing else is."""
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    result = json.loads(prove(stack(tmp_path, ALIVE, DEAD, OPEN), "--json").stdout)
    jsonschema.validate(result, SCHEMA)

    assert result["alerts"][0] == {
        "alert": "Down",
        "labels": {},
        "at": {"file": "rules.yml", "line": 4, "column": 17, "end_line": 4, "end_column": 21},
        "fires": "yes",
        "fires_after": 15 + 15 + 30,
        "resolves": "yes",
        "resolves_after": 15 + 15 + 300,
        "quiet": "yes",
        "arrives": "yes",
        "on_purpose": False,
        "muted": False,
        "reason": "",
    }
    assert [each["fires"] for each in result["alerts"]] == ["yes", "no", "not-proven"]
    for key in result:
        broken = {name: value for name, value in result.items() if name != key}
        assert not jsonschema.Draft202012Validator(SCHEMA).is_valid(broken)


def test_kept_tests_pass(tmp_path: Path) -> None:
    """What --keep writes are tests that promtool passes, one file an alert."""
    kept = tmp_path / "tests"
    result = prove(stack(tmp_path / "stack", ALIVE, DEAD), "--keep", kept)
    files = sorted(path.name for path in kept.iterdir())
    done = subprocess.run(
        [program("promtool"), "test", "rules", *(f for f in files if f.endswith(".test.yml"))],
        cwd=kept, capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip

    assert files == ["001-Down.rules.yml", "001-Down.test.yml"]
    assert (done.returncode, done.stderr) == (0, "")
    assert "promtool test rules" in result.stderr


def test_kept_tests_are_nobodys_rules(tmp_path: Path) -> None:
    """Kept in the folder itself they are no second alerts, and no Prometheus has to load them."""
    folder = stack(tmp_path, ALIVE)
    before = prove(folder, "--json").stdout
    prove(folder, "--keep", folder / "tests")

    assert prove(folder, "--json").stdout == before
    audited = CliRunner().invoke(main, ["audit", "--all", str(folder)]).stdout
    assert "tests/" not in audited


def test_nothing_is_written_over(tmp_path: Path) -> None:
    """A folder with anything in it is refused before anything is proven."""
    result = prove(stack(tmp_path, ALIVE), "--keep", tmp_path)

    assert result.exit_code == 2
    assert "is not an empty folder" in result.stderr


def test_without_promtool(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The static half runs, and says what promtool would add."""
    monkeypatch.setenv("PATH", str(tmp_path))
    folder = stack(tmp_path / "stack", ALIVE, DEAD)
    result = CliRunner().invoke(main, ["prove", str(folder)])
    as_json = json.loads(CliRunner().invoke(main, ["prove", str(folder), "--json"]).stdout)

    assert result.exit_code == 1
    assert "promtool was not found: with it" in result.stdout
    assert (as_json["promtool"], as_json["alerts"][1]["fires"]) == (False, "no")


BAD = [
    "",
    "[" * 5000,
    "groups: [{rules: [{alert: [], expr: {}}]}]",
    "groups: [{name: a, rules: [{alert: A, expr: 'sum('}]}]",
    "groups: [{name: a, rules: [{alert: '', expr: ''}]}]",
]


@pytest.mark.parametrize("text", BAD)
def test_bad_files_are_no_traceback(tmp_path: Path, text: str) -> None:
    """Whatever a rule file holds, there is an answer."""
    folder = stack(tmp_path, ALIVE)
    (folder / "rules.yml").write_text(text)
    result = prove(folder)

    assert result.exception is None or isinstance(result.exception, SystemExit)
    assert result.exit_code in (0, 1)


def test_no_alerts(tmp_path: Path) -> None:
    """A folder without alerts is said to have none."""
    result = prove(tmp_path)

    assert (result.exit_code, result.stdout) == (0, "no alerts here\n")


def test_the_example(tmp_path: Path) -> None:
    """Every alert of the stack as it is found in the wild has a true verdict."""
    result = json.loads(prove(ROOT / "examples" / "found-in-the-wild", "--json").stdout)
    found = {each["alert"]: (each["fires"], each["arrives"]) for each in result["alerts"]}

    # Nothing arrives: Alertmanager refuses its file.
    assert found == {
        "HostDown": ("no", "not-proven"),
        "DiskFull": ("yes", "no"),
        "CpuBusy": ("not-proven", "no"),
        "MemoryLow": ("always", "no"),
        "GpuHot": ("no", "not-proven"),
        "GpuBusy": ("no", "not-proven"),
        "HotTierFilling": ("no", "not-proven"),
        "EpisodesMissing": ("yes", "no"),
    }
