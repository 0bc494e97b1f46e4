from labkeeper.audit import Folder, Skipped, judge
from labkeeper.checks import CHECKS
from labkeeper.report.github import render_github
from tests.report.sample import FOLDER, sample


def test_every_finding_is_one_command() -> None:
    """Each finding and each skipped file is one line, whatever line ends are in its words."""
    lines = render_github(sample(), FOLDER.texts).split("\n")

    assert len(lines) == len(sample().findings) + len(sample().skipped)
    assert {line.split(" ", 1)[0] for line in lines} == {"::error", "::warning", "::notice"}


def test_what_would_end_a_command_is_escaped() -> None:
    """Percent signs and line ends are escaped in words, colons and commas in properties too."""
    shown = render_github(sample(), FOLDER.texts, "a:b,c/")
    (line,) = [line for line in shown.split("\n") if "title=duplicate-panel-id" in line]

    assert "file=a%3Ab%2Cc/panels.json,line=2,endLine=2,col=" in line
    assert "`50%25, or: so`" in line
    assert "%0Ahelp: " in line


def test_columns_only_within_a_line() -> None:
    """A fault that goes over a line's end is given without columns, which the runner refuses."""
    text = '{"uid": "a", "title": "x", "schemaVersion": 1, "panels": []}'
    folder = Folder({"a.json": text}, skipped=(Skipped("x\n::error::y", "odd\nname"),))
    shown = render_github(judge(folder, CHECKS), folder.texts)

    assert "\n" not in shown
    assert shown.startswith("::warning file=x%0A%3A%3Aerror%3A%3Ay,title=skipped::odd%0Aname")
