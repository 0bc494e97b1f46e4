import json
import os
import re
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import jsonschema
import pytest

from labkeeper.checks import CHECKS
from labkeeper.report.sarif import render_sarif
from tests.report.sample import FOLDER, sample

OFFICIAL = Path(os.environ.get("LK_SARIF_SCHEMA", "sarif-schema-2.1.0.json"))

# What SARIF 2.1.0 (OASIS, 2020) says of the objects that are used, each key with its type; a `?`
# may be absent. Nothing else may be there.
SHAPES: dict[str, dict[str, str]] = {
    "log": {"$schema": "uri", "version": "2.1.0", "runs": "[run]"},
    "run": {"tool": "tool", "columnKind": "unicodeCodePoints", "invocations": "[invocation]",
            "results": "[result]"},
    "tool": {"driver": "driver"},
    "driver": {"name": "text", "version": "text", "rules": "[rule]"},
    "rule": {"id": "text", "shortDescription": "message", "fullDescription": "message",
             "help": "help", "defaultConfiguration": "configuration"},
    "help": {"text": "text", "markdown": "text"},
    "configuration": {"level": "level"},
    "invocation": {"executionSuccessful": "bool", "toolExecutionNotifications": "[notification]"},
    "notification": {"level": "level", "message": "message", "locations": "[location]"},
    "result": {"ruleId": "text", "ruleIndex": "index", "level": "level", "message": "message",
               "locations": "[location]", "relatedLocations?": "[related]",
               "partialFingerprints": "fingerprints", "suppressions?": "[suppression]"},
    "suppression": {"kind": "inSource", "justification": "string"},
    "message": {"text": "text"},
    "location": {"physicalLocation": "physical"},
    "related": {"id": "index", "message": "message", "physicalLocation": "physical"},
    "physical": {"artifactLocation": "artifact", "region?": "region"},
    "artifact": {"uri": "path"},
    "region": {"startLine": "number", "startColumn": "number", "endLine": "number",
               "endColumn": "number"},
    "fingerprints": {"labkeeper/v1": "digest"},
}  # fmt: skip
WORDS = {
    "text": r"(?s).*\S.*", "string": r"(?s).*", "uri": r"https://\S+", "path": r"[\w/.%-]+",
    "level": "error|warning|note", "digest": "[0-9a-f]{64}",
}  # fmt: skip


def fits(value: Any, shape: str, where: str) -> None:
    match shape:
        case _ if shape.startswith("["):
            assert isinstance(value, list), where
            for index, item in enumerate(value):
                fits(item, shape[1:-1], f"{where}[{index}]")
        case "bool":
            assert isinstance(value, bool), where
        case "index" | "number":
            assert type(value) is int, where
            assert value >= (shape == "number"), where
        case _ if shape in SHAPES:
            keys = {name.removesuffix("?"): kind for name, kind in SHAPES[shape].items()}
            needed = {name for name in SHAPES[shape] if not name.endswith("?")}
            assert needed <= value.keys() <= keys.keys(), where
            for name, inner in value.items():
                fits(inner, keys[name], f"{where}.{name}")
        case _:
            assert re.fullmatch(WORDS.get(shape, re.escape(shape)), value), f"{where}: {value!r}"


def log(folder: str = "") -> dict[str, Any]:
    value: dict[str, Any] = json.loads(render_sarif(sample(), FOLDER.texts, CHECKS, folder))
    return value


def test_the_log_has_sarifs_shape() -> None:
    """Every object of the log has the keys that SARIF gives it, and no others."""
    fits(log(), "log", "log")


def test_results_name_their_rules() -> None:
    """Each result's index leads to the rule of its name, and rules tell what their pages tell."""
    run = log()["runs"][0]
    rules = run["tool"]["driver"]["rules"]

    assert run["results"]
    for result in run["results"]:
        assert rules[result["ruleIndex"]]["id"] == result["ruleId"]
    (wrapped,) = [rule for rule in rules if rule["id"] == "wrapped-dashboard"]
    assert "jq .dashboard" in wrapped["help"]["markdown"]


def test_regions_are_in_characters() -> None:
    """Regions count code points, as `columnKind` says."""
    results = log()["runs"][0]["results"]
    (wrapped,) = [r for r in results if r["ruleId"] == "wrapped-dashboard"]
    place = wrapped["locations"][0]["physicalLocation"]
    text = FOLDER.texts[unquote(place["artifactLocation"]["uri"])]
    region = place["region"]

    assert text[region["startColumn"] - 1 : region["endColumn"] - 1] == '"dashboard"'


def test_allowed_findings_are_suppressed() -> None:
    """What somebody allowed is in the log with the reason, and is no open result."""
    results = log()["runs"][0]["results"]
    (allowed,) = [r for r in results if "suppressions" in r]

    assert allowed["ruleId"] == "duplicate-datasource-uid"
    assert allowed["suppressions"] == [{"kind": "inSource", "justification": "a test"}]


def test_paths_are_those_of_the_current_folder() -> None:
    """What stands before the paths stands before each, and spaces are escaped."""
    uris = re.findall(r'"uri": "([^"]+)"', json.dumps(log("stack/")))

    assert "stack/a%20b/wrapped.json" in uris
    assert all(uri.startswith("stack/") for uri in uris)


@pytest.mark.shared
@pytest.mark.skipif(not OFFICIAL.is_file(), reason="LK_SARIF_SCHEMA names no copy of the schema")
def test_the_official_schema_takes_the_log() -> None:
    """The schema that OASIS publishes finds nothing wrong."""
    schema = json.loads(OFFICIAL.read_text("utf-8"))

    jsonschema.validate(log(), schema)
