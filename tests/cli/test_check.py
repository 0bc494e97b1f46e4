import json
from pathlib import Path

import jsonschema
from click.testing import CliRunner

from labkeeper.cli import main

GOOD = "lab: home\nhosts: {box: {target: quadlet}}\nservices:\n  sonarr: {backup: none -- x}\n"


def run(*arguments: str) -> tuple[int, str]:
    done = CliRunner().invoke(main, list(arguments))
    assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
    return done.exit_code, done.output


def test_a_good_lab(tmp_path: Path) -> None:
    """Nothing to report is 0; the folder names the lab as well as the file does."""
    (tmp_path / "lab.yaml").write_text(GOOD, "utf-8")

    assert run("check", str(tmp_path)) == (0, "1 file read; no faults found\n")
    assert run("check", str(tmp_path / "lab.yaml")) == (0, "1 file read; no faults found\n")


def test_faults_of_every_file(tmp_path: Path) -> None:
    """Files of lab.d are part of the lab, and their faults stand at their own places."""
    (tmp_path / "lab.yaml").write_text(GOOD, "utf-8")
    (tmp_path / "lab.d").mkdir()
    (tmp_path / "lab.d/media.yml").write_text("services: {radar: {on: bx}}\n", "utf-8")
    (tmp_path / "lab.d/.media.yml").write_text("left by an editor", "utf-8")

    status, output = run("check", str(tmp_path))

    assert status == 1
    assert "--> lab.d/media.yml:1:12" in output
    assert "= help: did you mean `box`?" in output
    assert output.endswith("2 files read; 2 errors\n")


def test_the_result_for_machines(tmp_path: Path) -> None:
    """`--json` is what docs/reference/check.schema.json says, faults or none."""
    path = Path(__file__).parents[2] / "docs/reference/check.schema.json"
    schema = json.loads(path.read_text("utf-8"))
    jsonschema.Draft202012Validator.check_schema(schema)
    lab = tmp_path / "lab.yaml"
    for text, count in ((GOOD, 0), (GOOD.replace("sonarr", "sonar"), 1), ("lab: [", 1)):
        lab.write_text(text, "utf-8")
        status, output = run("check", "--json", str(lab))
        result = json.loads(output)

        jsonschema.validate(result, schema)
        assert status == count == len(result["findings"])
        assert not jsonschema.Draft202012Validator(schema).is_valid({**result, "more": 1})


def test_what_cannot_be_read(tmp_path: Path) -> None:
    """A lab that is not there, is a folder, or is no text ends in 2 with a word on why."""
    assert run("check", str(tmp_path / "lab.yaml"))[0] == 2
    (tmp_path / "lab.yaml").write_bytes(b"\xff\xfe")
    assert run("check", str(tmp_path))[0] == 2
    (tmp_path / "lab.d").mkdir()
    (tmp_path / "lab.yaml").write_text(GOOD, "utf-8")
    (tmp_path / "lab.d/x.yaml").mkdir()

    status, output = run("check", str(tmp_path))

    assert status == 2
    assert "lab.d/x.yaml` is not a regular file" in output


def test_the_schema_is_json() -> None:
    """What `schema` prints is one JSON document."""
    status, output = run("schema")

    assert status == 0
    assert json.loads(output)["title"] == "lab.yaml"
    assert run("schema", "--markdown")[1].startswith("# Every key of lab.yaml\n")
