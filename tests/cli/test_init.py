import json
from pathlib import Path

import jsonschema
import pytest
from click.testing import CliRunner, Result

from labkeeper.cli import main

ROOT = Path(__file__).parents[2]
WILD = ROOT / "examples/found-in-the-wild"


def run(*arguments: str) -> Result:
    done = CliRunner().invoke(main, list(arguments))
    assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
    return done


def test_this_machine_gets_a_lab_that_passes(tmp_path: Path) -> None:
    """Wherever it is run, what it writes has no faults; the result is the file's name alone."""
    done = run("init", str(tmp_path / "new"))

    assert (done.exit_code, done.stdout) == (0, f"{tmp_path}/new/lab.yaml\n")
    assert f"`labkeeper check {tmp_path}/new/lab.yaml`" in done.stderr
    assert run("check", str(tmp_path / "new")).exit_code == 0


def test_nothing_is_overwritten(tmp_path: Path) -> None:
    """A lab that is there stays; with --force, it stays under another name."""
    lab = tmp_path / "lab.yaml"
    lab.write_text("mine", "utf-8")

    refused = run("init", str(tmp_path))

    assert refused.exit_code == 2
    assert lab.read_text("utf-8") == "mine"
    assert run("init", "--force", str(tmp_path)).exit_code == 0
    assert (tmp_path / "lab.yaml.1").read_text("utf-8") == "mine"
    assert lab.read_text("utf-8") != "mine"


def test_a_stack(tmp_path: Path) -> None:
    """What could not be taken over is told with its place, and the lab passes."""
    done = run("init", str(tmp_path), "--from", str(WILD))

    assert done.exit_code == 0
    assert "compose.yaml:34: `requests`: there is no `sonar`; `sonarr` was meant" in done.stderr
    assert run("check", str(tmp_path)).exit_code == 0


@pytest.mark.parametrize("arguments", [[], ["--from", str(WILD)]], ids=["machine", "stack"])
def test_the_result_for_machines(tmp_path: Path, arguments: list[str]) -> None:
    """`--json` is what docs/reference/init.schema.json says, and its text is all of stdout."""
    schema = json.loads((ROOT / "docs/reference/init.schema.json").read_text("utf-8"))
    jsonschema.Draft202012Validator.check_schema(schema)

    done = run("init", "--json", str(tmp_path), *arguments)

    result = json.loads(done.stdout)
    jsonschema.validate(result, schema)
    assert done.exit_code == 0
    assert (result["seen"] is None) == bool(arguments)
    assert not jsonschema.Draft202012Validator(schema).is_valid({**result, "more": 1})


def test_what_cannot_be_done(tmp_path: Path) -> None:
    """A stack that is not there or is none, and a folder that is a file, end in 2 with a word."""
    (tmp_path / "file").write_text("", "utf-8")
    (tmp_path / "empty").mkdir()
    for arguments in (
        ("--from", str(tmp_path / "nowhere")),
        ("--from", str(tmp_path / "empty")),
    ):
        assert run("init", str(tmp_path), *arguments).exit_code == 2
    assert run("init", str(tmp_path / "file")).exit_code == 2
    assert not (tmp_path / "lab.yaml").exists()


def test_one_file_of_a_stack_is_read_with_its_variables(tmp_path: Path) -> None:
    """`init --from FILE` fills in what the `.env` beside the file sets, as compose does."""
    stack = tmp_path / "stack"
    stack.mkdir()
    (stack / ".env").write_text("MEDIA=/mnt/media\nPORT=8990\n")
    (stack / "compose.yaml").write_text(
        "services: {sonarr: {image: linuxserver/sonarr:4.0.15, ports: ['${PORT}:8989'],"
        " volumes: ['${MEDIA}/tv:/tv', '${GONE}/dl:/downloads']}}\n"
    )

    result = run("init", str(tmp_path / "lab"), "--from", str(stack / "compose.yaml"))

    assert result.exit_code == 0, result.stderr
    written = (tmp_path / "lab" / "lab.yaml").read_text()
    assert "from: media:tv" in written
    assert "8990:8989" in written
    assert "the mount at `/downloads`, whose source comes from outside" in result.stderr
