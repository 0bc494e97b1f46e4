"""Findings that somebody accepted: comments beside the line, and a list where none can be."""

import re
from collections.abc import Iterable, Iterator, Mapping
from fnmatch import fnmatchcase
from typing import Final

from labkeeper.checks.check import Check, Fault
from labkeeper.source import Finding, Slice, Span, position
from labkeeper.values import dataclass, regex

_COMMENT: Final = regex(
    r"(?P<open>\#|//|;|<!--)\s*labkeeper:\s*allow\s+(?P<check>[a-z0-9-]+)"
    r"(?:\s+--\s+(?P<reason>[^\n]*?))?\s*(?:-->)?\s*$",
    re.MULTILINE,
)

UNUSED: Final = Check("unused-allowance", "warning")


@dataclass(frozen=True, slots=True)
class Allowance:
    """Somebody's word that a finding is fine; without a line it holds for the whole file."""

    check: str
    file: str
    reason: str
    at: Span
    # Lines that it covers: its own, or the next where it has its line to itself.
    lines: frozenset[int] = frozenset()
    # The finding's subject, where the allowance names one.
    subject: str | None = None

    def covers(self, finding: Finding, line: int) -> bool:
        """Whether it speaks of this finding."""
        if finding.check != self.check or finding.at is None:
            return False
        if not fnmatchcase(finding.at.file, self.file):
            return False
        if self.subject is not None:
            return finding.subject == self.subject
        return not self.lines or line in self.lines


def unused_fault(allowance: Allowance) -> Finding:
    """That an allowance allows nothing."""
    return UNUSED.finding(
        Fault(
            f"nothing here is a `{allowance.check}`, so this allowance allows nothing",
            allowance.at,
            "delete it, so that it cannot hide a fault that comes later",
            subject=allowance.check,
        )
    )


@dataclass(frozen=True, slots=True)
class Allowed:
    """A finding that is not reported, and why."""

    finding: Finding
    reason: str


def allowances(file: str, text: str) -> Iterator[Allowance]:
    """The allowances that a text's comments give."""
    if "labkeeper:" not in text:
        return
    for found in _COMMENT.finditer(text):
        line = position(text, found.start()).line
        alone = not text[text.rfind("\n", 0, found.start()) + 1 : found.start()].strip()
        covered = {line, _next_line(text, found.end(), line)} if alone else {line}
        yield Allowance(
            found["check"],
            file,
            (found["reason"] or "").strip(),
            Slice.whole(file, text).within(found.start(), found.end()),
            frozenset(covered),
        )


def _next_line(text: str, end: int, line: int) -> int:
    """The number of the next line that is neither blank nor such a comment itself."""
    for offset, following in enumerate(text[end:].split("\n")[1:], start=1):
        if following.strip() and not _COMMENT.search(following):
            return line + offset
    return line


def sift(
    findings: Iterable[Finding], given: Iterable[Allowance], texts: Mapping[str, str]
) -> tuple[list[Finding], list[Allowed], list[Allowance]]:
    """Findings that stand, findings that are allowed, and allowances that nothing needed."""
    by_check: dict[str, list[Allowance]] = {}
    for allowance in given:
        by_check.setdefault(allowance.check, []).append(allowance)
    standing: list[Finding] = []
    allowed: list[Allowed] = []
    used: set[Allowance] = set()
    for finding in findings:
        candidates = by_check.get(finding.check, ()) if finding.at else ()
        line = _line(finding, texts) if candidates else 0
        reason = next((a for a in candidates if a.covers(finding, line)), None)
        if reason is None:
            standing.append(finding)
            continue
        used.add(reason)
        allowed.append(Allowed(finding, reason.reason))
    unused = [a for group in by_check.values() for a in group if a not in used]
    return standing, allowed, unused


def _line(finding: Finding, texts: Mapping[str, str]) -> int:
    if finding.at is None or finding.at.file not in texts:
        return 0
    return position(texts[finding.at.file], finding.at.start).line
