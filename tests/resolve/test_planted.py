"""A lab with many faults: each is found where it was planted, and nothing else is."""

import re
from pathlib import Path

from labkeeper.catalog import shipped_catalog
from labkeeper.checks import CHECKS
from labkeeper.resolve.verdict import judge_lab

LAB = Path(__file__).parent / "planted" / "lab.yaml"
MARK = re.compile(r" *# ! ([a-z-]+): (.+)")


def planted(text: str) -> list[tuple[int, str, str]]:
    """What the marks announce: the line, the check, and the text that is underlined."""
    marks: list[tuple[str, str]] = []
    found: list[tuple[int, str, str]] = []
    for number, line in enumerate(text.splitlines(), 1):
        if mark := MARK.fullmatch(line):
            marks.append((mark[1], mark[2]))
            continue
        found.extend((number, check, under) for check, under in marks)
        marks = []
    return sorted(found)


def test_each_is_found_in_its_place() -> None:
    """What is reported is what was planted, each once, at its line and its text."""
    text = LAB.read_text("utf-8")
    checks = [check for check in CHECKS if check.by_default]
    verdict = judge_lab({LAB.name: text}, (), checks, shipped_catalog())

    found = []
    for each in verdict.findings:
        assert each.at is not None
        line = text.count("\n", 0, each.at.start) + 1
        # A mark that quoted an allowance whole would be one.
        found.append((line, each.check, text[each.at.start : each.at.end].lstrip("# ")))
    assert sorted(found) == planted(text)
    assert len(found) >= 40
    assert [allowed.finding.check for allowed in verdict.allowed] == ["latest-image"]
