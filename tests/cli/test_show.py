import json
from pathlib import Path

import jsonschema
import pytest

from labkeeper.lab.schema import schema
from tests.cli.test_check import run

EXAMPLES = sorted((Path(__file__).parents[2] / "examples").glob("*/lab.yaml"))

GOOD = "lab: home\nhosts: {box: {target: quadlet}}\nservices:\n  sonarr:\n"


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.parent.name)
def test_for_machines(path: Path) -> None:
    """`--json` holds the lab as lab.schema.json says."""
    status, output = run("show", "--json", str(path))
    result = json.loads(output)

    assert (status, result["format"], result["kind"], len(result)) == (0, 1, "show", 3)
    jsonschema.validate(result["lab"], schema())


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.parent.name)
def test_the_plan(path: Path) -> None:
    """`--plan` names every service once, in the order of its start, and `--json` has all of it."""
    status, output = run("show", "--plan", str(path))
    _, machines = run("show", "--plan", "--json", str(path))
    result = json.loads(machines)
    services = result["plan"]["services"]

    assert (status, result["format"], result["kind"]) == (0, 1, "plan")
    lines = [line.split()[0] for line in output.splitlines() if line.startswith("  ")]
    by_start = sorted(services, key=lambda s: s["order"])
    hosts = [host["name"] for host in result["plan"]["hosts"]]
    assert lines == [s["key"] for host in hosts for s in by_start if s["host"] == host]


def test_all_files_as_one(tmp_path: Path) -> None:
    """What is shown is one lab.yaml that says the same."""
    (tmp_path / "lab.yaml").write_text(GOOD, "utf-8")
    (tmp_path / "lab.d").mkdir()
    (tmp_path / "lab.d/x.yaml").write_text("services: {radarr: {on: box}}\n", "utf-8")

    status, output = run("show", str(tmp_path))

    assert status == 0
    assert output == (
        "lab: home\nhosts:\n  box:\n    target: quadlet\n"
        "services:\n  sonarr:\n  radarr:\n    on: box\n"
    )


def test_a_lab_with_faults(tmp_path: Path) -> None:
    """A value that is none leaves nothing to show; a name that nothing declares does not."""
    lab = tmp_path / "lab.yaml"
    lab.write_text(GOOD.replace("quadlet", "quadlett"), "utf-8")
    status, output = run("show", str(lab))
    assert status == 1
    assert f"help: labkeeper check {lab}" in output

    lab.write_text(GOOD + "  sonar:\n", "utf-8")
    assert run("show", str(lab)) == (1, GOOD.replace(" {box: {target: quadlet}}",
                                     "\n  box:\n    target: quadlet") + "  sonar:\n")  # fmt: skip
    assert run("show", str(tmp_path / "none.yaml"))[0] == 2
