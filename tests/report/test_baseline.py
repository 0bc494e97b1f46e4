import json

import pytest

from labkeeper.audit import Folder, judge
from labkeeper.checks import CHECKS
from labkeeper.report.baseline import Baseline, parse_baseline, render_baseline
from labkeeper.source import Finding
from tests.report.sample import FOLDER, STACK, sample


def known(findings: tuple[Finding, ...]) -> Baseline:
    found = parse_baseline("b.json", render_baseline(findings))
    assert isinstance(found, Baseline)
    return found


def test_what_is_written_is_known() -> None:
    """A baseline knows all that it was written of."""
    findings = sample().findings

    assert known(findings).sift(findings) == ([], len(findings))


def test_lines_may_move() -> None:
    """Lines added above a finding do not make it new."""
    baseline = known(sample().findings)
    moved = judge(Folder({name: f"\n\n{text}" for name, text in STACK.items()}), CHECKS).findings

    assert baseline.sift(moved) == ([], len(moved))
    assert moved != sample().findings


def test_one_more_of_a_kind_is_new() -> None:
    """Findings are counted: of two alike where one was known, one is new."""
    (first, *_) = sample().findings

    assert known((first,)).sift([first, first]) == ([first], 1)


def test_a_baseline_holds_no_lines() -> None:
    """What is written names check, file, subject and count, in a stable order."""
    entries = json.loads(render_baseline(sample().findings))["findings"]

    assert all(entry.keys() == {"check", "file", "subject", "count"} for entry in entries)
    assert entries == sorted(entries, key=lambda e: (e["check"], e["file"], e["subject"]))


@pytest.mark.parametrize("text", [
    "", "[]", "{}", '{"kind": "audit", "format": 1}', '{"kind": "baseline", "format": 2}', "[" * 999
])  # fmt: skip
def test_what_is_no_baseline_says_so(text: str) -> None:
    """A file of another kind is refused with a reason, not taken for an empty baseline."""
    assert isinstance(parse_baseline("b.json", text), str)


def test_an_empty_baseline_knows_nothing() -> None:
    """A stack without faults gives a baseline that hides none."""
    findings = list(sample().findings)

    assert known(()).sift(findings) == (findings, 0)
    assert FOLDER.texts
