"""From the texts of a lab to all that is to be said about it."""

from collections.abc import Mapping, Sequence

from labkeeper.catalog import Catalog, read_catalog
from labkeeper.checks import Check, View, check_plan
from labkeeper.checks.allow import UNUSED, Allowed, allowances, sift, unused_fault
from labkeeper.lab import Lab, read_lab
from labkeeper.plan import Plan
from labkeeper.resolve.resolve import resolve
from labkeeper.source import Finding, Problem
from labkeeper.values import dataclass


@dataclass(frozen=True, slots=True)
class LabVerdict:
    """The lab and its plan, as far as it could be read, and what is wrong with it."""

    lab: Lab | None
    plan: Plan | None
    catalog: Catalog
    findings: tuple[Finding, ...]
    allowed: tuple[Allowed, ...]


def judge_lab(
    texts: Mapping[str, str], own: Sequence[tuple[str, str]], checks: Sequence[Check],
    shipped: Catalog,
) -> LabVerdict:  # fmt: skip
    """Reads a lab and its own catalog, resolves it, and runs the checks over the plan.

    Where names are wrong, the plan would be wrong for the same reason: they come first, alone.
    """
    added, problems = read_catalog(own)
    catalog = shipped.overlaid(added) if own else shipped
    reading = read_lab(texts, [service.name for service in catalog.services.every])
    wrong = [*map(_finding, problems), *reading.findings]
    plan = resolve(reading.lab, catalog) if reading.lab else None
    found = () if wrong or plan is None else check_plan(View(plan, catalog=catalog), checks)
    given = [a for file, text in texts.items() for a in allowances(file, text)]
    standing, allowed, unused = sift({*wrong, *found}, given, texts)
    # An allowance can be judged only by checks that ran.
    if UNUSED in checks and not wrong:
        running = {check.name for check in checks}
        standing.extend(unused_fault(a) for a in unused if a.check in running)
    order = {file: number for number, file in enumerate(texts)}
    standing.sort(key=lambda finding: _order(finding, order))
    return LabVerdict(reading.lab, plan, catalog, tuple(standing), tuple(allowed))


def _order(finding: Finding, files: Mapping[str, int]) -> tuple[int, int, int, str, str]:
    at = finding.at
    if at is None:
        return (-1, 0, 0, finding.check, finding.message)
    place = files.get(at.file, len(files))
    return (place, at.start, at.end, finding.check, finding.message)


def _finding(problem: Problem) -> Finding:
    return Finding(
        problem.name, "error", problem.message, problem.at, problem.help, problem.related
    )
