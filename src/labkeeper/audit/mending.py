"""Puts right what has one right answer, and judges the result before anybody sees it."""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import field, replace
from typing import Final

from labkeeper.audit.folder import Folder
from labkeeper.audit.verdict import Verdict
from labkeeper.source import Edit, Finding, edited, overlap, position, refusal
from labkeeper.values import dataclass

Judge = Callable[[Folder], Verdict]
# Of all findings of a verdict, those that are to be put right.
Wanted = Callable[[Verdict], Sequence[Finding]]

# What a fix may change, but never make fewer of.
_COUNTED: Final = (
    *("containers", "networks", "volumes", "units", "scripts", "prometheuses", "scrapes", "rules"),
    *("alertmanagers", "datasources", "providers", "dashboards", "probe_modules"),
)


@dataclass(frozen=True, slots=True)
class Withheld:
    """A fix that is not made, and why."""

    finding: Finding
    reason: str


@dataclass(frozen=True, slots=True)
class Mended:
    """The folder with its fixes made, and what is said of it then."""

    folder: Folder
    verdict: Verdict
    fixed: tuple[Finding, ...]
    # Places in these are the mended texts'.
    withheld: tuple[Withheld, ...]


def mend(folder: Folder, verdict: Verdict, judge: Judge, wanted: Wanted) -> Mended:
    """Makes every fix that puts its fault right and brings no other."""
    fixed: list[Finding] = []
    refused: set[tuple[str, ...]] = set()
    while True:
        attempt = _Round(folder, verdict, judge)
        waiting = attempt.offer(wanted(verdict), refused)
        fixed.extend(attempt.taken)
        refused.update(_key(each.finding) for each in attempt.withheld)
        folder, verdict = attempt.folder, attempt.verdict
        if not attempt.taken and all(_key(each) in refused for each in waiting):
            left = [*attempt.withheld, *(Withheld(each, _CROWDED) for each in waiting)]
            return Mended(folder, verdict, tuple(fixed), tuple(left))


_CROWDED: Final = "another fix, which is withheld too, would change the same words"


def _key(finding: Finding) -> tuple[str, ...]:
    at = finding.at.file if finding.at else ""
    return (finding.check, at, finding.subject, finding.message)


@dataclass(slots=True)
class _Round:
    """Fixes that do not touch each other, made at once; only where that fails, in halves."""

    base: Folder
    before: Verdict
    judge: Judge
    taken: list[Finding] = field(default_factory=list)
    withheld: list[Withheld] = field(default_factory=list)
    _after: tuple[Folder, Verdict] | None = None

    @property
    def folder(self) -> Folder:
        return self._after[0] if self._after else self.base

    @property
    def verdict(self) -> Verdict:
        return self._after[1] if self._after else self.before

    def offer(self, findings: Sequence[Finding], refused: set[tuple[str, ...]]) -> list[Finding]:
        """Tries the fixes, those refused before last; gives back what touches another one."""
        chosen: list[Finding] = []
        waiting: list[Finding] = []
        edits: list[Edit] = []
        for finding in sorted(findings, key=lambda each: _key(each) in refused):
            if finding.fix is None:
                continue
            why = next((w for e in finding.fix.edits if (w := refusal(e, self.base.texts))), None)
            if why:
                self.withheld.append(Withheld(finding, why))
            elif any(overlap(one, two) for one in finding.fix.edits for two in edits):
                waiting.append(finding)
            else:
                chosen.append(finding)
                edits.extend(finding.fix.edits)
        self._take(chosen)
        return waiting

    def _take(self, trial: Sequence[Finding]) -> None:
        if not trial:
            return
        together = [*self.taken, *trial]
        folder = _mended(self.base, together)
        after = self.judge(folder)
        harm = _harm(self.before, after, together, folder)
        if harm is None:
            self.taken = together
            self._after = (folder, after)
        elif len(trial) == 1:
            self.withheld.append(Withheld(trial[0], harm))
        else:
            half = len(trial) // 2
            self._take(trial[:half])
            self._take(trial[half:])


def _mended(folder: Folder, findings: Iterable[Finding]) -> Folder:
    edits = (edit for each in findings if each.fix for edit in each.fix.edits)
    return replace(folder, texts={**folder.texts, **edited(folder.texts, edits)})


def _harm(before: Verdict, after: Verdict, fixed: Sequence[Finding], folder: Folder) -> str | None:
    """What would be worse than before, in words."""
    known = {(part.file, part.reason) for part in before.skipped}
    unread = next((p for p in after.skipped if (p.file, p.reason) not in known), None)
    if unread:
        return f"`{unread.file}` could then not be read: {unread.reason}"
    if not set(before.read) <= set(after.read) or before.plan.facets - after.plan.facets:
        return "less of the stack could then be understood"
    for name in _COUNTED:
        if len(getattr(after.plan, name)) < len(getattr(before.plan, name)):
            return f"there would then be fewer {name.replace('_', ' ')}"
    return _worse(before, after, fixed, folder)


def _worse(before: Verdict, after: Verdict, fixed: Sequence[Finding], folder: Folder) -> str | None:
    """A kind of fault that a file would have more of, or not less of though it was put right."""
    allowed = _counted(before.findings)
    allowed.subtract(_counted(fixed))
    known = {_key(each) for each in before.findings}
    there = _counted(after.findings)
    for finding in sorted(after.findings, key=lambda each: _key(each) in known):
        kind = _kind(finding)
        if there[kind] <= allowed[kind]:
            continue
        if _key(finding) in known:
            return "the fault would still be there"
        return f"it would bring {finding.check}{_place(finding, folder)}: {finding.message}"
    return None


def _place(finding: Finding, folder: Folder) -> str:
    if finding.at is None or finding.at.file not in folder.texts:
        return ""
    at = position(folder.texts[finding.at.file], finding.at.start)
    return f" at {finding.at.file}:{at.line}"


def _kind(finding: Finding) -> tuple[str, str]:
    return (finding.check, finding.at.file if finding.at else "")


def _counted(findings: Iterable[Finding]) -> Counter[tuple[str, str]]:
    return Counter(map(_kind, findings))
