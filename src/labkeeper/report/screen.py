"""The whole result for a person: the worst first on a short screen, and what was not judged."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Final

from labkeeper.plan import Facet
from labkeeper.report.text import PLAIN, Style, place, render, visible, wrapped
from labkeeper.source import Finding, Severity
from labkeeper.values import dataclass

if TYPE_CHECKING:
    from labkeeper.audit import Verdict

# Why a facet is not known whole, in words for people.
MISSING: Final[Mapping[Facet, str]] = {
    "services": "no compose file, Quadlet or NixOS container was read whole",
    "scrapes": "no prometheus.yml with scrape_configs was read, or not every one",
    "rules": "no rule files of a known prometheus.yml were read",
    "alertmanager": "no alertmanager.yml was read",
    "dashboards": "no dashboard was read",
    "datasources": "no Grafana data sources were read, or not all",
    "units": "no systemd units were read",
    "hosts": "no lab was read",
    "mounts": "not all file systems of a host are known",
    "firewall": "no firewall was read",
    "backups": "no backups were read",
}
WORST: Final[Mapping[Severity, int]] = {"error": 0, "warning": 1, "info": 2}
_FIRST_SCREEN: Final = 5
_FEW: Final = 5


@dataclass(frozen=True, slots=True)
class Silent:
    """How many findings are there and not shown: the baseline knows them, or they are milder."""

    known: int = 0
    milder: int = 0


SHOWN: Final = Silent()


def render_verdict(
    verdict: "Verdict",
    texts: Mapping[str, str],
    style: Style = PLAIN,
    *,
    everything: bool,
    silent: Silent = SHOWN,
) -> str:
    """The worst findings on a short screen, or all in the files' order; then the summary."""
    blocks = render_findings(verdict.findings, texts, style, everything=everything)
    blocks.append("\n".join(_summary(verdict, texts, style, everything=everything, silent=silent)))
    return "\n\n".join(blocks)


def render_findings(
    findings: Iterable[Finding], texts: Mapping[str, str], style: Style, *, everything: bool
) -> list[str]:
    """A block each: the worst, and how many more there are; or all, in the files' order."""
    shown, hidden = list(findings), list[Finding]()
    if not everything:
        ranked = sorted(shown, key=lambda finding: WORST[finding.severity])
        shown, hidden = ranked[:_FIRST_SCREEN], ranked[_FIRST_SCREEN:]
    blocks = [render(finding, texts, style) for finding in shown]
    if hidden:
        blocks.append(f"{len(hidden)} more ({counted(hidden)}): --all")
    return blocks


def counted(findings: Iterable[Finding]) -> str:
    """How many of each severity, the worst first: `2 errors, 1 warning, 3 for information`."""
    counts = Counter(finding.severity for finding in findings)
    words = [f"{counts[s]} {plural(s, counts[s])}" for s in WORST if counts[s] and s != "info"]
    if counts["info"]:
        words.append(f"{counts['info']} for information")
    return ", ".join(words)


def plural(word: str, count: int) -> str:
    """The word, in the plural unless it is one."""
    return word if count == 1 else f"{word}s"


def _summary(
    verdict: "Verdict", texts: Mapping[str, str], style: Style, *, everything: bool, silent: Silent
) -> list[str]:
    lines = [
        f"skipped {place(part.at, texts) if part.at else visible(part.file)}: "
        f"{visible(part.reason)}"
        for part in verdict.skipped
    ]
    if not everything and len(lines) > _FEW:
        lines[_FEW:] = [f"skipped {len(lines) - _FEW} more: --all"]
    # Where there was nothing to read, it goes without saying.
    lines.extend(
        f"{len(part.checks)} {plural('check', len(part.checks))} did not run: "
        f"{MISSING[part.facet]}{_named(part.checks) if everything else ''}"
        for part in (verdict.unjudged if verdict.read else ())
    )
    lines = [part for line in lines for part in wrapped(line, "  ", style.width)]
    parts = [
        f"{len(verdict.read)} {plural('file', len(verdict.read))} read",
        _said(verdict, silent, style),
    ]
    if fixes := sum(finding.fix is not None for finding in verdict.findings):
        parts.append(f"{fixes} with a fix: --fix")
    if verdict.allowed:
        parts.append(f"{len(verdict.allowed)} allowed")
    if silent.known:
        parts.append(f"{silent.known} known from the baseline")
    if silent.milder:
        parts.append(f"{silent.milder} less severe not shown")
    lines.append("; ".join(parts))
    return lines


def _named(checks: Iterable[str]) -> str:
    return f" ({', '.join(sorted(checks))})"


def _said(verdict: "Verdict", silent: Silent, style: Style) -> str:
    if not verdict.findings and not verdict.read:
        return "nothing to judge"
    if not verdict.findings and silent.milder:
        return "nothing that severe"
    return said(verdict.findings, style)


def said(findings: Sequence[Finding], style: Style) -> str:
    """All of it in a few words, in the colour of the worst."""
    if not findings:
        return style.paint("no faults found", "good")
    worst = min((finding.severity for finding in findings), key=lambda s: WORST[s])
    return style.paint(counted(findings), worst)
