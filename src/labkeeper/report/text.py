"""Findings as a person reads them: the claim, the place, the line, and what to do."""

from collections.abc import Callable, Mapping
from typing import Final

from labkeeper.audit import Verdict
from labkeeper.plan import Facet
from labkeeper.source import Finding, Severity, Span, line_at, position

# Colours a piece of text by its role; without a terminal it gives it back as it is.
Paint = Callable[[str, str], str]

_WIDEST: Final = 100
# Why a facet is not known whole, in words for people.
MISSING: Final[Mapping[Facet, str]] = {
    "services": "no compose file, Quadlet or NixOS container was read whole",
    "scrapes": "no prometheus.yml with scrape_configs was read",
    "rules": "no rule files of a known prometheus.yml were read",
    "alertmanager": "no alertmanager.yml was read",
    "dashboards": "no dashboard was read",
    "datasources": "no Grafana data sources were read",
    "units": "no systemd units were read",
}
_ROLES: Final[dict[Severity, str]] = {"error": "error", "warning": "warning", "info": "info"}


def plain(text: str, _role: str) -> str:
    """No colour."""
    return text


def place(span: Span, texts: Mapping[str, str]) -> str:
    """`file:line:column`, or the file alone where its text is not at hand."""
    if span.file not in texts:
        return span.file
    at = position(texts[span.file], span.start)
    return f"{span.file}:{at.line}:{at.column}"


def render(finding: Finding, texts: Mapping[str, str], paint: Paint = plain) -> str:
    """One finding with its source line."""
    role = _ROLES[finding.severity]
    lines = [paint(f"{finding.severity}[{finding.check}]", role) + f": {finding.message}"]
    margin = "  "
    if finding.at:
        margin, shown = _excerpt(finding.at, texts, paint, role)
        lines.extend(shown)
    lines.extend(
        f"{margin}= see: {place(other.at, texts)}: {other.message}" for other in finding.related
    )
    if finding.help:
        first, *rest = finding.help.split("\n")
        lines.append(f"{margin}{paint('= help', 'help')}: {first}")
        lines.extend(f"{margin}        {line}" for line in rest)
    return "\n".join(lines)


def _excerpt(
    span: Span, texts: Mapping[str, str], paint: Paint, role: str
) -> tuple[str, list[str]]:
    if span.file not in texts:
        return "   ", [f"  {paint('-->', 'frame')} {span.file}"]
    text = texts[span.file]
    at = position(text, span.start)
    number = str(at.line)
    gap = " " * len(number)
    line = line_at(text, at.line)
    width = min(span.end - span.start, len(line) - at.column + 1)
    # A long line is shown around the fault, so that the mark never leaves the screen.
    cut = max(0, at.column - 1 - _WIDEST // 3) if len(line) > _WIDEST else 0
    shown = line[cut : cut + _WIDEST].replace("\t", " ")
    before = "..." if cut else ""
    after = "..." if cut + _WIDEST < len(line) else ""
    marks = "^" * max(1, min(width, _WIDEST - (at.column - 1 - cut)))
    indent = " " * (len(before) + at.column - 1 - cut)
    bar = paint("|", "frame")
    return f"{gap} ", [
        f"{gap}{paint('-->', 'frame')} {place(span, texts)}",
        f"{gap} {bar}",
        f"{paint(number, 'frame')} {bar} {before}{shown}{after}".rstrip(),
        f"{gap} {bar} {indent}{paint(marks, role)}",
    ]


_FIRST_SCREEN: Final = 8
_WORST: Final[dict[Severity, int]] = {"error": 0, "warning": 1, "info": 2}


def render_verdict(
    verdict: Verdict, texts: Mapping[str, str], paint: Paint = plain, *, everything: bool
) -> str:
    """The whole result: the worst findings first on a short screen, or all in the files' order."""
    shown = list(verdict.findings)
    if not everything:
        shown = sorted(shown, key=lambda finding: _WORST[finding.severity])[:_FIRST_SCREEN]
    blocks = [render(finding, texts, paint) for finding in shown]
    if hidden := len(verdict.findings) - len(shown):
        blocks.append(f"{hidden} more: --all")
    blocks.append("\n".join(_summary(verdict, texts)))
    return "\n\n".join(blocks)


def _summary(verdict: Verdict, texts: Mapping[str, str]) -> list[str]:
    lines = [
        f"skipped {place(part.at, texts) if part.at else part.file}: {part.reason}"
        for part in verdict.skipped
    ]
    lines.extend(
        f"{len(part.checks)} {_plural('check', len(part.checks))} could not look: "
        f"{MISSING[part.facet]}"
        for part in verdict.unjudged
    )
    counts = dict.fromkeys(_WORST, 0)
    for finding in verdict.findings:
        counts[finding.severity] += 1
    said = ", ".join(
        f"{n} {_plural(name, n)}" for name, n in counts.items() if n and name != "info"
    )
    notes = f"{counts['info']} for information" if counts["info"] else ""
    files = f"{len(verdict.read)} {_plural('file', len(verdict.read))} read"
    lines.append("; ".join(filter(None, [files, said or "no faults found", notes])))
    return lines


def _plural(word: str, count: int) -> str:
    return word if count == 1 else f"{word}s"
