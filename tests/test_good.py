"""Good configurations, written after the projects' own documentation, must stay quiet."""

from pathlib import Path

import pytest

from labkeeper.audit import judge
from labkeeper.checks import CHECKS
from labkeeper.host.folder import read_folder
from labkeeper.report.text import render

GOOD = sorted(path for path in (Path(__file__).parent / "good").iterdir() if path.is_dir())


@pytest.mark.parametrize("folder", GOOD, ids=[path.name for path in GOOD])
def test_good(folder: Path) -> None:
    """Nothing is said of a stack in which nothing is wrong, and all of it is read."""
    texts = read_folder(folder)
    verdict = judge(texts, [check for check in CHECKS if check.by_default])

    assert not [render(finding, texts.texts) for finding in verdict.findings]
    assert not verdict.skipped
    assert not verdict.unknown
