"""`labkeeper prove LAB`: the stack that a lab would be compiled to."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from labkeeper.cli import main
from tests.programs import program

LAB = """\
lab: small
hosts:
  box:
    target: compose
    tiers:
      hot: {path: /mnt/hot, keep-free: 15%}
services:
  prometheus:
  alertmanager:
  node-exporter:
notify:
  channels:
    phone: {ntfy: https://ntfy.example/lab}
  routes:
    critical: [phone]
"""


def prove(*arguments: str | Path) -> Result:
    program("promtool")
    return CliRunner().invoke(main, ["prove", *map(str, arguments)])


@pytest.fixture
def lab(tmp_path: Path) -> Path:
    (tmp_path / "lab.yaml").write_text(LAB)
    return tmp_path


def alerts(folder: Path) -> dict[str, dict[str, object]]:
    found = json.loads(prove(folder, "--json").stdout)["alerts"]
    return {str(each["alert"]): each for each in found}


def test_a_lab_is_proven_from_its_file(lab: Path) -> None:
    """A folder with a lab.yaml, and the file itself, are the same lab."""
    found = alerts(lab)
    of_file = json.loads(prove(lab / "lab.yaml", "--json").stdout)["alerts"]

    assert (found["HostDown"]["fires"], found["HostDown"]["arrives"]) == ("yes", "yes")
    assert [each["alert"] for each in of_file] == list(found)


def test_what_is_sent_to_nobody_is_muted(lab: Path) -> None:
    """Of a severity without a route the lab wants to hear nothing: that is no fault."""
    found = alerts(lab)
    result = prove(lab, "--all")

    assert found["HostDown"]["muted"] is False
    assert (found["HostMemoryLow"]["muted"], found["HostMemoryLow"]["arrives"]) == (True, "no")
    assert "which tells nobody, on purpose" in str(found["HostMemoryLow"]["reason"])
    assert "told to nobody, on purpose" in result.stdout
    assert result.exit_code == 0


def test_alerts_of_one_name_are_told_apart(lab: Path) -> None:
    """Each tier has its own alert, at its own line, with what tells it from the others."""
    text = (lab / "lab.yaml").read_text()
    (lab / "lab.yaml").write_text(text.replace("tiers:\n", "tiers:\n      cold: {path: /srv}\n"))
    lines = prove(lab, "--all").stdout.splitlines()
    found = [line.split()[1:] for line in lines if "TierReadOnly" in line]

    assert found == [
        ["TierReadOnly", "(tier=cold)", "lab.yaml:6:7"],
        ["TierReadOnly", "(tier=hot)", "lab.yaml:7:7"],
    ]


@pytest.mark.parametrize(
    ("text", "said"),
    [("lab: [", "cannot be proven"), ("lab: a\nwhat: 1\n", "cannot be proven")],
)
def test_a_lab_with_errors_is_refused(lab: Path, text: str, said: str) -> None:
    """Nothing is proven of a lab that would not be built; `check` says what is wrong with it."""
    (lab / "lab.yaml").write_text(text)
    result = prove(lab)

    assert result.exit_code == 2
    assert said in result.stderr
    assert "labkeeper check" in result.stderr
