"""From a folder to what is to be said about it."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Final

from labkeeper.audit.folder import Folder, Skipped
from labkeeper.audit.settings import accepted
from labkeeper.audit.stack import read_stack
from labkeeper.catalog import Catalog, shipped_catalog
from labkeeper.checks import CHECKS, Check, Unjudged, View, check_plan, unjudged
from labkeeper.checks.allow import UNUSED, Allowed, allowances, sift, unused_fault
from labkeeper.checks.settled import settled
from labkeeper.plan import Plan
from labkeeper.source import Finding
from labkeeper.values import dataclass, regex

# What every lab says of itself.
_LAB: Final = (regex(r"(?m)^lab:"), regex(r"(?m)^hosts:"))


@dataclass(frozen=True, slots=True)
class Verdict:
    """What an audit says: findings in the order of the files, and what it could not judge."""

    plan: Plan
    findings: tuple[Finding, ...]
    allowed: tuple[Allowed, ...]
    skipped: tuple[Skipped, ...]
    unjudged: tuple[Unjudged, ...]
    read: tuple[str, ...]
    unknown: tuple[str, ...]


NO_PINS: Final[Mapping[str, str]] = {}


def judge(
    folder: Folder,
    checks: Sequence[Check],
    catalog: Catalog | None = None,
    pins: Mapping[str, str] = NO_PINS,
) -> Verdict:
    """Reads the folder and runs the checks over it."""
    stack = read_stack(folder, checks)
    known = catalog or shipped_catalog()
    view = View(
        settled(stack.plan, known.services),
        lambda file, path: folder.exists(folder.beside(file, path)),
        known,
        pins,
    )
    found = {*stack.findings, *check_plan(view, checks)}
    if any(project.kind == "running" for project in stack.plan.projects):
        found = set(_led_back(found, stack.plan))
    listed, problems = accepted(folder, (check.name for check in CHECKS))
    given = [a for file, text in folder.texts.items() for a in allowances(file, text)]
    standing, allowed, unused = sift(found, [*given, *listed], folder.texts)
    if UNUSED in checks:
        running = {check.name for check in checks}
        # What a lab allows is for `labkeeper check`, which looks at all of it.
        idle = (
            a for a in unused if a.check in running and not _is_lab(folder.texts.get(a.file, ""))
        )
        standing.extend(map(unused_fault, idle))
    return Verdict(
        stack.plan,
        tuple(sorted(standing, key=_order)),
        tuple(sorted(allowed, key=lambda a: _order(a.finding))),
        (*stack.skipped, *problems, *_untried(view)),
        unjudged(view, checks),
        stack.read,
        stack.unknown,
    )


def _is_lab(text: str) -> bool:
    return all(word.search(text) for word in _LAB)


def _led_back(found: Iterable[Finding], plan: Plan) -> Iterator[Finding]:
    """Findings about what runs, with the file that makes it run: it is there that one mends it."""
    from labkeeper.audit.inspection import made_by  # noqa: PLC0415 - few folders hold inspections

    makers = {
        each.at.file: maker
        for each in plan.containers
        if each.project.startswith("running:") and (maker := made_by(each))
    }
    records = {each.file for each in plan.projects if each.kind == "running"}
    for finding in found:
        maker = makers.get(finding.at.file) if finding.at else None
        help_ = f"{finding.help or ''}\nit is made by {maker}".strip() if maker else finding.help
        recorded = finding.at is not None and finding.at.file in records
        # A record of what runs is not what makes it run.
        yield replace(finding, help=help_, fix=None if recorded else finding.fix)


def _untried(view: View) -> Iterator[Skipped]:
    """Expressions that are too large for the parser: nothing is known of them."""
    for asked in view.expressions:
        if asked.refused and asked.refused.too_large:
            at = asked.source.span
            yield Skipped(at.file, f"this expression {asked.refused.reason}", at, meant=True)


def _order(finding: Finding) -> tuple[str, int, int, str, str]:
    if finding.at is None:
        return ("", 0, 0, finding.check, finding.message)
    return (finding.at.file, finding.at.start, finding.at.end, finding.check, finding.message)
