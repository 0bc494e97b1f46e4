import re
from dataclasses import replace

from labkeeper.report.paint import coloured
from labkeeper.report.screen import Silent, render_verdict
from labkeeper.report.text import Style, render, visible
from labkeeper.source import Finding, Related, Slice
from tests.report.sample import FOLDER, sample

LONG = "a claim that goes on for longer than any terminal is wide, " * 3


def finding(text: str, part: str, message: str = "claim", **more: object) -> Finding:
    at = Slice.whole("a.yaml", text).find(part)
    return Finding("some-check", "error", message, at, **more)  # type: ignore[arg-type]


def test_marks_stand_under_wide_characters() -> None:
    """The mark is as wide as what it marks, behind and under characters of two columns."""
    text = "名前: 値段 # x"
    lines = render(finding(text, "値段"), {"a.yaml": text}).split("\n")

    assert lines[-1] == "  |       ^^^^"


def test_nothing_acts_on_the_terminal() -> None:
    """Escape sequences and direction marks out of a file are shown, not obeyed."""
    text = "a: \x1b[31mred\u202e"
    shown = render(
        finding(text, "red", "claim \x1b[2J", help="do \x07", related=(
            Related("see \x9b", Slice.whole("a.yaml", text).span),
        )), {"a.yaml": text},
    )  # fmt: skip

    assert re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u202e]", shown) is None
    assert visible("\udcff\t") == "\ufffd "


def test_lines_end_at_the_terminals_edge() -> None:
    """With a width nothing is wider, but for commands, which must stay whole to be copied."""
    text = f"key: {'x' * 300} fault"
    command = f"run {'y' * 100}"
    lines = render(
        finding(text, "fault", LONG, help=f"{LONG}\n{command}"), {"a.yaml": text}, Style(width=80)
    ).split("\n")

    assert [line.strip() for line in lines if len(line) > 80] == [command]
    assert any(line.rstrip().endswith("fault") for line in lines)


def test_without_a_width_nothing_is_broken() -> None:
    """In a pipe each message is one line, so that it can be searched for."""
    assert LONG.strip() in render(finding("a: b", "b", LONG.strip()), {"a.yaml": "a: b"})


def test_colours_change_no_word() -> None:
    """Without its colours, coloured text is the plain text."""
    plain = render_verdict(sample(), FOLDER.texts, everything=True)
    painted = render_verdict(sample(), FOLDER.texts, Style(coloured), everything=True)

    assert re.sub(r"\x1b\[[0-9;]*m", "", painted) == plain
    assert painted != plain


def test_the_first_screen_is_the_worst() -> None:
    """A short screen shows the worst findings and counts the rest; all are shown in order."""
    verdict = sample()
    many = [f for f in verdict.findings if f.severity == "info"] * 20 + list(verdict.findings)
    long = type(verdict)(**{
        name: getattr(verdict, name) for name in verdict.__slots__
    } | {"findings": tuple(many)})  # fmt: skip
    short = render_verdict(long, FOLDER.texts, everything=False)

    assert short.startswith("error[")
    assert "more (" in short
    assert " for information): --all" in short
    assert "more (" not in render_verdict(long, FOLDER.texts, everything=True)


def test_the_end_says_what_was_not_judged() -> None:
    """The summary names skipped files, silent checks, and how many files were read."""
    shown = render_verdict(sample(), FOLDER.texts, everything=False, silent=Silent(known=2))

    assert "skipped bad.yaml:2:1: " in shown
    assert "skipped pipe.yml: is not a regular file" in shown
    assert re.search(r"\d+ checks? did not run: no prometheus.yml", shown)
    assert shown.endswith("; 1 allowed; 2 known from the baseline")


def test_what_is_milder_is_counted() -> None:
    """A stack whose faults are all milder than asked for is not called free of faults."""
    quiet = replace(sample(), findings=(), allowed=())
    shown = render_verdict(quiet, FOLDER.texts, everything=False, silent=Silent(milder=2))

    assert shown.endswith("; nothing that severe; 2 less severe not shown")
    assert "no faults" not in shown


def test_all_names_the_checks_that_did_not_run() -> None:
    """`--all` says which checks found nothing to look at."""
    shown = render_verdict(sample(), FOLDER.texts, everything=True)

    assert re.search(r"\d+ checks? did not run: no prometheus.yml .*\([a-z-]+", shown)


def test_of_many_places_some_are_shown() -> None:
    """Ten, and how many more there are."""
    at = Slice.whole("a.yaml", "a: b").span
    related = tuple(Related(f"place {number}", at) for number in range(25))
    lines = render(finding("a: b", "b", related=related), {"a.yaml": "a: b"}).split("\n")

    assert [line for line in lines if "place" in line][9].endswith("place 9")
    assert lines[-1] == "  = see: 15 more places: --json"
