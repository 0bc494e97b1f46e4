import json
from pathlib import Path
from typing import get_args

import jsonschema

from labkeeper.audit import Folder, Skipped, judge
from labkeeper.checks import CHECKS
from labkeeper.plan import Facet
from labkeeper.report.json import render_json
from labkeeper.report.screen import MISSING
from tests.report.sample import FOLDER, sample

SCHEMA = json.loads(
    (Path(__file__).parents[2] / "docs" / "reference" / "audit.schema.json").read_text("utf-8")
)


def test_the_result_is_what_the_schema_says() -> None:
    """A result with all that can be in one is valid, and the schema refuses anything else."""
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    result = json.loads(render_json(sample(), FOLDER.texts, known=3))

    jsonschema.validate(result, SCHEMA)
    assert all(result[part] for part in ("findings", "allowed", "skipped", "unjudged"))
    for broken in ({**result, "format": 2}, {**result, "more": 1}, {**result, "findings": [{}]}):
        assert not jsonschema.Draft202012Validator(SCHEMA).is_valid(broken)


def test_places_count_characters_from_one() -> None:
    """A place is counted in characters, its end not included, behind an astral one too."""
    result = json.loads(render_json(sample(), FOLDER.texts))
    (doubled,) = [f for f in result["findings"] if f["check"] == "duplicate-panel-id"]
    at = doubled["at"]
    line = FOLDER.texts[at["file"]].split("\n")[at["line"] - 1]

    assert line[at["column"] - 1 : at["end_column"] - 1] == "1"
    assert at["line"] == at["end_line"] == 2


def test_findings_are_in_the_files_order() -> None:
    """Findings are sorted by file, line, column and check."""
    result = json.loads(render_json(sample(), FOLDER.texts))
    keys = [
        (f["at"]["file"], f["at"]["line"], f["at"]["column"], f["check"])
        for f in result["findings"]
    ]

    assert keys == sorted(keys)
    assert len(keys) > 2


def test_the_summary_counts() -> None:
    """The summary's numbers are those of the lists."""
    result = json.loads(render_json(sample(), FOLDER.texts, known=3))
    summary = result["summary"]

    assert summary["errors"] + summary["warnings"] + summary["infos"] == len(result["findings"])
    assert summary["allowed"] == len(result["allowed"]) == 1
    assert summary["skipped"] == len(result["skipped"]) == 2
    assert summary["known"] == 3


def test_any_file_name_survives() -> None:
    """A name that is not UTF-8 is still JSON, in plain ASCII."""
    folder = Folder({}, skipped=(Skipped("a\udcff.yml", "cannot be read"),))
    shown = render_json(judge(folder, CHECKS), {})

    assert shown.isascii()
    assert json.loads(shown)["skipped"][0]["file"] == "a\udcff.yml"


def test_every_facet_has_words() -> None:
    """What a stack may not show has its place in the schema and its words for people."""
    facets = list(get_args(Facet))

    assert sorted(SCHEMA["$defs"]["unjudged"]["properties"]["facet"]["enum"]) == sorted(facets)
    assert sorted(MISSING) == sorted(facets)
