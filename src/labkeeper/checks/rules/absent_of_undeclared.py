"""absent() of what nobody scrapes."""

from collections.abc import Iterator

from labkeeper.checks.check import Check, Fault
from labkeeper.checks.metrics.matching import finds
from labkeeper.checks.view import View
from labkeeper.checks.wording import quoted
from labkeeper.source import did_you_mean


def check(view: View) -> Iterator[Fault]:
    """Alerts on the absence of a job that there is not: they fire for ever."""
    jobs = view.universe.job_values
    for asked in view.expressions if jobs else ():
        if asked.rule is None or asked.expression is None:
            continue
        for use in asked.expression.uses:
            if not use.function or not use.function.name.startswith("absent"):
                continue
            if use.selector.name in view.universe.made:
                continue
            for matcher in use.selector.matchers:
                if matcher.label != "job" or finds(matcher, jobs):
                    continue
                near = did_you_mean(matcher.value, jobs, cutoff=0.5)
                yield Fault(
                    f"there is no job `{matcher.value}`, so `absent()` is always true here",
                    asked.expression.value_at(use.selector, "job", matcher.value),
                    near or f"jobs here: {quoted(sorted(jobs))}",
                    subject=f"{asked.subject}: job {matcher.value}",
                )


CHECK = Check("absent-of-undeclared", "error", plan=check, needs=("scrapes",))
