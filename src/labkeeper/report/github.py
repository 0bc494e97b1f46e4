"""Annotations that GitHub's workflow runner puts beside the lines of a pull request."""

from collections.abc import Iterator, Mapping
from typing import Final

from labkeeper.audit import Verdict
from labkeeper.report.text import place, visible
from labkeeper.source import Finding, Severity, position

_COMMANDS: Final[Mapping[Severity, str]] = {
    "error": "error",
    "warning": "warning",
    "info": "notice",
}


def render_github(verdict: Verdict, texts: Mapping[str, str], folder: str = "") -> str:
    """One workflow command a finding; `folder` is what stands before every path."""
    lines = [_annotation(finding, texts, folder) for finding in verdict.findings]
    lines.extend(
        f"::warning file={_property(folder + part.file)},title=skipped::{_data(part.reason)}"
        for part in verdict.skipped
    )
    return "\n".join(lines)


def _annotation(finding: Finding, texts: Mapping[str, str], folder: str) -> str:
    properties = dict(_place(finding, texts, folder), title=finding.check)
    listed = ",".join(f"{name}={_property(value)}" for name, value in properties.items())
    words = [finding.message]
    words.extend(f"see {place(other.at, texts)}: {other.message}" for other in finding.related)
    words.extend(f"help: {finding.help}" for _ in [finding.help] if finding.help)
    return f"::{_COMMANDS[finding.severity]} {listed}::{_data(chr(10).join(words))}"


def _place(finding: Finding, texts: Mapping[str, str], folder: str) -> Iterator[tuple[str, str]]:
    span = finding.at
    if span is None:
        return
    yield "file", folder + span.file
    if span.file not in texts:
        return
    start, end = position(texts[span.file], span.start), position(texts[span.file], span.end)
    yield "line", str(start.line)
    yield "endLine", str(end.line)
    # The runner takes columns only of what stays on one line, and counts the last one in.
    if start.line == end.line:
        yield "col", str(start.column)
        yield "endColumn", str(max(start.column, end.column - 1))


def _data(text: str) -> str:
    """As the runner reads it (actions/toolkit, packages/core/src/command.ts: escapeData)."""
    lines = "\n".join(visible(line) for line in text.split("\n"))
    return lines.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    """Likewise, where a colon or a comma would end it (escapeProperty)."""
    return _data(text).replace(":", "%3A").replace(",", "%2C")
