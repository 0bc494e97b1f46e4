"""`labkeeper audit --fix`: a diff on stdout, and with --write the files."""

import json
import subprocess
from pathlib import Path

import jsonschema
import pytest
from click.testing import CliRunner, Result

from labkeeper.cli import main
from tests.programs import program

SCHEMA = json.loads(
    (Path(__file__).parents[2] / "docs" / "reference" / "audit.schema.json").read_text("utf-8")
)
STACK = """services:
  web:
    image: nginx # the web
    networks: [fronted]
networks:
  frontend:
"""
FIXED = STACK.replace("fronted", "frontend")
PINNED = FIXED.replace("nginx", "nginx:1.29.3")


def audit(*arguments: str | Path) -> Result:
    return CliRunner().invoke(main, ["audit", *map(str, arguments)])


@pytest.fixture
def stack(tmp_path: Path) -> Path:
    (tmp_path / "compose.yaml").write_text(STACK)
    return tmp_path


def test_a_fix_is_shown_and_nothing_is_written(stack: Path) -> None:
    """Without --write the folder stays as it is, and stdout is what `patch` needs."""
    result = audit(stack, "--fix")

    assert (stack / "compose.yaml").read_text() == STACK
    assert result.exit_code == 1
    said = "1 of 2 findings can be mended; the same command with --write writes that"
    assert said in result.stderr
    assert "no version named by `nginx`: --pin IMAGE=TAG names it" in result.stderr
    subprocess.run(
        [program("patch"), "-p1", "-s", "-d", str(stack)],
        input=result.stdout, text=True, check=True,
    )  # fmt: skip
    assert (stack / "compose.yaml").read_text() == FIXED


def test_write_writes_what_is_shown(stack: Path) -> None:
    """With --write the files are what the diff says, and a second run finds nothing to mend."""
    shown = audit(stack, "--fix", "--pin", "nginx=1.29.3")
    result = audit(stack, "--fix", "--pin", "nginx=1.29.3", "--write")
    again = audit(stack, "--fix", "--write")

    assert (stack / "compose.yaml").read_text() == PINNED
    assert result.stdout == shown.stdout
    assert result.exit_code == 0
    assert "2 of 2 findings mended, in 1 file" in result.stderr
    assert again.stdout == ""
    assert "nothing to mend: no faults found" in again.stderr
    assert again.exit_code == 0


def test_a_file_alone_is_written_where_it_is(stack: Path) -> None:
    """A single file that is reached by a link is mended behind the link."""
    (stack / "link.yaml").symlink_to("compose.yaml")
    result = audit(stack / "link.yaml", "--fix", "--write")

    assert result.exit_code == 0
    assert (stack / "link.yaml").is_symlink()
    assert (stack / "compose.yaml").read_text() == FIXED


def test_what_cannot_be_written_is_a_failure(stack: Path) -> None:
    """A file that must be left alone is named, and the status says that it could not run."""
    (stack / "compose.yaml").chmod(0o444)
    result = audit(stack, "--fix", "--write")

    assert result.exit_code == 2
    assert "not written: compose.yaml: it is read-only" in result.stderr
    assert (stack / "compose.yaml").read_text() == STACK


def test_only_what_is_asked_for_is_mended(stack: Path) -> None:
    """--only, --except, --severity and a baseline choose what is mended, too."""
    known = stack.parent / "known.json"
    audit(stack, "--write-baseline", known)

    for options in (["--except", "unknown-network"], ["--only", "latest-image"],
                    ["--baseline", known]):  # fmt: skip
        assert audit(stack, "--fix", *options).stdout == ""
    pinned = audit(stack, "--fix", "--severity", "error", "--pin", "nginx=1.29.3").stdout
    assert "frontend]" in pinned
    assert "+    image" not in pinned


def test_json_holds_the_fixes_and_what_became_of_them(stack: Path) -> None:
    """Each finding has its fix, and --fix tells what it did, as the schema says."""
    plain = json.loads(audit(stack, "--json").stdout)
    shown = json.loads(audit(stack, "--fix", "--json").stdout)
    written = json.loads(audit(stack, "--fix", "--json", "--write").stdout)

    for value in (plain, shown, written):
        jsonschema.validate(value, SCHEMA)
    (fix,) = [f["fix"] for f in plain["findings"] if f["check"] == "unknown-network"]
    assert [(e["at"]["line"], e["at"]["column"], e["text"]) for e in fix["edits"]] == [
        (4, 16, "frontend")
    ]
    assert "mended" not in plain
    assert shown["mended"]["written"] == []
    assert [f["check"] for f in shown["mended"]["fixed"]] == ["unknown-network"]
    assert written["mended"]["written"] == ["compose.yaml"]
    assert written["mended"]["diff"] == shown["mended"]["diff"]
    assert [f["check"] for f in written["findings"]] == ["latest-image"]


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--write"], "`--write` says what `--fix` is to do"),
        (["--pin", "nginx=1"], "`--pin` says what `--fix` is to do"),
        (["--fix", "--pin", "nginx=latest"], "`latest` is no version of `nginx`"),
        (["--fix", "--pin", "nginx=a b"], "`nginx=a b` is not IMAGE=TAG"),
        (["--fix", "--pin", "=1"], "`=1` is not IMAGE=TAG"),
        (["--fix", "--pin", "nginx"], "labkeeper knows no tag for `nginx`"),
        (["--fix", "--pin", "ngnix=1.29"], "did you mean `nginx`?"),
        (["--fix", "--format", "sarif"], "which has no form `sarif`"),
        (["--fix", "--running"], "what runs is in none"),
        (["--fix", "--write-baseline", "x"], "are two things"),
    ],
)
def test_what_makes_no_sense_is_refused(stack: Path, options: list[str], said: str) -> None:
    """A wish that cannot be met is one line, and nothing is done."""
    result = audit(stack, *options)

    assert result.exit_code == 2
    assert said in result.stderr
    assert result.stdout == ""
    assert (stack / "compose.yaml").read_text() == STACK


def test_an_image_of_the_catalog_needs_no_tag(stack: Path) -> None:
    """`--pin IMAGE` writes the catalog's version, under the address that the stack uses."""
    text = "services:\n  sonarr:\n    image: lscr.io/linuxserver/sonarr:latest\n"
    (stack / "compose.yaml").write_text(text)
    shown = audit(stack, "--fix", "--pin", "linuxserver/sonarr").stdout

    assert "+    image: lscr.io/linuxserver/sonarr:4." in shown


def test_another_variant_of_a_database_is_not_taken(stack: Path) -> None:
    """`postgres:alpine` sorts text otherwise than `postgres:17.5`: only its own kind is pinned."""
    text = "services:\n  db:\n    image: postgres:alpine\n"
    (stack / "compose.yaml").write_text(text)

    assert audit(stack, "--fix", "--pin", "postgres=17.5").stdout == ""
    assert "+    image: postgres:17.5-alpine" in (
        audit(stack, "--fix", "--pin", "postgres=17.5-alpine").stdout
    )
