"""Matchers on values that a label never has: above all jobs that there are not."""

from collections.abc import Iterator
from dataclasses import replace

from labkeeper.checks.check import Check, Fault
from labkeeper.checks.expressions import Asked
from labkeeper.checks.metrics.matching import finds
from labkeeper.checks.view import View
from labkeeper.checks.wording import quoted
from labkeeper.promql import Call, LabelMatcher, Selector, Use
from labkeeper.source import Related, did_you_mean


def check(view: View) -> Iterator[Fault]:
    """Selectors that pick nothing, because of a value; a job that there is not, once a file."""
    jobs: dict[tuple[str, str], list[Fault]] = {}
    for asked in view.expressions:
        said: set[tuple[str, str]] = set()
        for use in asked.expression.uses if asked.expression else ():
            for matcher in use.selector.matchers:
                key = (matcher.label, matcher.value)
                fault = None if key in said else _fault(view, asked, use, matcher)
                if fault is None:
                    continue
                said.add(key)
                if matcher.label == "job":
                    jobs.setdefault((asked.source.file, fault.message), []).append(fault)
                else:
                    yield fault
    for first, *others in jobs.values():
        places = (Related("nor does this pick anything", f.at) for f in others if f.at)
        yield replace(first, related=(*first.related, *places))


def _fault(view: View, asked: Asked, use: Use, matcher: LabelMatcher) -> Fault | None:
    if matcher.label == "job":
        return None if _under_absent(use) else _of_job(view, asked, use.selector, matcher)
    return _of_contract(view, asked, use.selector, matcher)


def _under_absent(use: Use) -> bool:
    """What is absent has a check of its own."""
    return isinstance(use.function, Call) and use.function.name.startswith("absent")


def _of_job(view: View, asked: Asked, selector: Selector, matcher: LabelMatcher) -> Fault | None:
    jobs = view.universe.job_values
    name = selector.name or ""
    if asked.expression is None or not jobs or finds(matcher, jobs):
        return None
    if name in view.universe.made or ":" in name:
        return None
    closed = view.universe.closed
    if closed:
        called = "is called" if matcher.operator == "=" else "matches"
        message = f"no job {called} `{matcher.value}`, so this picks nothing"
    else:
        message = f"the scrape_configs shown here have no job `{matcher.value}`"
    near = did_you_mean(matcher.value, jobs, cutoff=0.5)
    return Fault(
        message,
        asked.expression.value_at(selector, "job", matcher.value),
        near or f"jobs here: {quoted(sorted(jobs), 8)}",
        subject=f"{asked.subject}: job {matcher.value}",
        severity="error" if closed else "info",
    )


def _of_contract(
    view: View, asked: Asked, selector: Selector, matcher: LabelMatcher
) -> Fault | None:
    metric = view.universe.metric(selector.name or "")
    known = dict(metric.values).get(matcher.label) if metric else None
    if asked.expression is None or not known or finds(matcher, known):
        return None
    return Fault(
        f"`{matcher.label}` of `{selector.name}` is never `{matcher.value}`, so this picks nothing",
        asked.expression.value_at(selector, matcher.label, matcher.value),
        f"it is one of {quoted(known, 12)}",
        subject=f"{asked.subject}: {matcher.label} {matcher.value}",
    )


CHECK = Check("impossible-label-value", "error", plan=check)
