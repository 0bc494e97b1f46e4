"""Every check's page is its test: its cases' files must give exactly its cases' text."""

import pytest

from labkeeper.audit import Folder, judge
from labkeeper.catalog import shipped_catalog
from labkeeper.checks import CHECKS, Check
from labkeeper.pages import NOTHING, Case, cases, page_folder, summary
from labkeeper.report.text import render
from labkeeper.resolve.verdict import judge_lab
from labkeeper.source import Finding

PAGES = {path.stem: path.read_text("utf-8") for path in sorted(page_folder().glob("*.md"))}
CASES = [(name, case) for name, page in PAGES.items() for case in cases(page)]


def said(name: str, case: Case) -> str:
    texts = dict(case.files)
    checks = [check for check in CHECKS if check.name == name]
    findings = _of_lab(texts, checks) if "lab.yaml" in texts else _of_stack(texts, checks)
    return "\n\n".join(render(finding, texts) for finding in findings) or NOTHING


def _of_stack(texts: dict[str, str], checks: list[Check]) -> tuple[Finding, ...]:
    verdict = judge(Folder(texts), checks)
    assert not verdict.skipped, verdict.skipped
    return verdict.findings


def _of_lab(texts: dict[str, str], checks: list[Check]) -> tuple[Finding, ...]:
    own = [(file, text) for file, text in texts.items() if file.startswith("catalog/")]
    lab = {file: text for file, text in texts.items() if not file.startswith("catalog/")}
    findings = judge_lab(lab, own, checks, shipped_catalog()).findings
    assert {finding.check for finding in findings} <= {check.name for check in checks}
    return findings


@pytest.mark.parametrize(("name", "case"), CASES, ids=[f"{n}: {c.title}" for n, c in CASES])
def test_page_case(name: str, case: Case, request: pytest.FixtureRequest) -> None:
    """A page's case says what the check says."""
    got = said(name, case)

    if request.config.getoption("--update") and got != case.expected:
        path = page_folder() / f"{name}.md"
        page = path.read_text("utf-8")
        head, mark, tail = page.partition(f"## {case.title}\n")
        old = f"```text\n{case.expected}\n```" if case.expected else "```text\n```"
        assert old in tail
        tail = tail.replace(old, f"```text\n{got}\n```", 1)
        path.write_text(head + mark + tail, "utf-8")
        return
    assert got == case.expected


def test_checks_and_pages_agree() -> None:
    """Every check has a page of its name, and every page a check."""
    assert sorted(check.name for check in CHECKS) == sorted(PAGES)


@pytest.mark.parametrize("name", sorted(PAGES))
def test_page_shape(name: str) -> None:
    """A page says what, why and what instead, and shows the fault and its absence."""
    page = PAGES[name]
    found = cases(page)

    assert page.startswith(f"# {name}\n\n")
    assert summary(page).endswith(".")
    assert "\n## Why this is bad\n" in page
    assert "\n## Use instead\n" in page
    assert any(f"[{name}]" in case.expected for case in found), "no case shows the fault"
    assert any(case.expected == NOTHING for case in found), "no case shows a good stack"
