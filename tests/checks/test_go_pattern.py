"""What is said of patterns is what Go says of them."""

import json
import random
from pathlib import Path

import pytest

from labkeeper.checks.go_pattern import refused
from tests.programs import program, said

_PARTS = (
    *"ab()[]*+?|^$\\1-:", "(?:", "(?!", "(?i)", ".*", "\\d", "[^", "(?P<x>", "{2,3}", "[[:alpha:]]"
)  # fmt: skip


@pytest.mark.parametrize(
    "pattern",
    ["(.*)", "^(?:a|b)$", "[]a]", "[^]]", "(?i)abc", "(?P<n>x)", "a*?", "^*", "|a", "a)(b",
     "\\Q(\\E", "${X}(", "(?-s:.)", ""],
)  # fmt: skip
def test_what_go_takes_passes(pattern: str) -> None:
    """However odd it looks."""
    assert refused(pattern) is None


@pytest.mark.parametrize(
    ("pattern", "part"),
    [("*.lan", "*"), ("a|*b", "*"), ("(?!x).*", "(?!"), ("(a)\\1", "\\1"), ("a(b", "("),
     ("a)b", ")"), ("[a-z", "["), ("a**", "**"), ("a++", "++"), ("x\\", "\\")],
)  # fmt: skip
def test_what_go_refuses_is_found_at_its_place(pattern: str, part: str) -> None:
    """The part that is wrong, and no more."""
    found = refused(pattern)

    assert found
    assert pattern[found[1] : found[2]] == part


@pytest.mark.testbed
def test_prometheus_refuses_what_is_refused_here(tmp_path: Path) -> None:
    """No pattern that Prometheus loads is called broken."""
    chance = random.Random(7)
    config, wrong = tmp_path / "prometheus.yml", []
    path = program("promtool")
    count = 0
    for _ in range(300):
        pattern = "".join(chance.choice(_PARTS) for _ in range(chance.randint(1, 7)))
        if refused(pattern):
            step = {"source_labels": ["x"], "regex": pattern, "target_label": "y"}
            job = {"job_name": "a", "relabel_configs": [step]}
            config.write_text(json.dumps({"scrape_configs": [job]}))
            status, _ = said(path, "check", "config", str(config))
            count += 1
            wrong += [pattern] if status == 0 else []

    assert count > 50
    assert not wrong
