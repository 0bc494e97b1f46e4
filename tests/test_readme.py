"""What the README says is so."""

import re
import shlex
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner

from labkeeper.checks import CHECKS
from labkeeper.cli import main
from labkeeper.pages import page_text, summary

ROOT = Path(__file__).parents[1]
README = ROOT / "README.md"
_PART = re.compile(
    r"<!-- (?P<what>output|checks)(?:: (?P<command>.*?))? -->\n.*?<!-- end -->", re.DOTALL
)


def output(command: str) -> str:
    """What a command of labkeeper's prints, run in the checkout."""
    ended = CliRunner().invoke(main, shlex.split(command))
    assert ended.exit_code in (0, 1), ended.output
    return f"```text\n$ ./lk {command}\n{ended.stdout.rstrip()}\n```"


def table(_: str) -> str:
    """Every check with its page's first sentence."""
    rows = [
        f"| [{check.name}](docs/checks/{check.name}.md) | {summary(page_text(check.name) or '')} |"
        for check in sorted(CHECKS, key=lambda check: check.name)
    ]
    return "\n".join(["| check | what it finds |", "|---|---|", *rows])


PARTS: dict[str, Callable[[str], str]] = {"output": output, "checks": table}


def test_readme(monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> None:
    """The README's output is what is printed, and its table lists every check."""
    monkeypatch.chdir(ROOT)
    text = README.read_text("utf-8")

    def part(found: re.Match[str]) -> str:
        head = found[0].split("\n", 1)[0]
        return f"{head}\n{PARTS[found['what']](found['command'] or '')}\n<!-- end -->"

    actual = _PART.sub(part, text)

    if request.config.getoption("--update"):
        README.write_text(actual, "utf-8")
        return
    assert text == actual
