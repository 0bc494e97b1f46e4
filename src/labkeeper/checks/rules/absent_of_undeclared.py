"""absent() of what nobody scrapes."""

from collections.abc import Iterator
from difflib import get_close_matches

from labkeeper.checks.check import Check, Fault
from labkeeper.checks.metrics.matching import finds
from labkeeper.checks.view import View
from labkeeper.checks.wording import quoted


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
                near = get_close_matches(matcher.value, jobs, n=1, cutoff=0.5)
                hint = (
                    f"did you mean `{near[0]}`?" if near else f"jobs here: {quoted(sorted(jobs))}"
                )
                yield Fault(
                    f"there is no job `{matcher.value}`, so it is absent for ever",
                    asked.expression.value_at(use.selector, "job", matcher.value),
                    hint,
                    subject=f"{asked.subject}: job {matcher.value}",
                )


CHECK = Check("absent-of-undeclared", "error", plan=check, needs=("scrapes",))
