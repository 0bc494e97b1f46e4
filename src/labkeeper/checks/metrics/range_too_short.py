"""Ranges in which there are not two samples."""

from collections.abc import Iterator
from typing import Final

from labkeeper.checks.check import Check, Fault
from labkeeper.checks.metrics.matching import finds
from labkeeper.checks.view import View
from labkeeper.plan import ScrapeJob
from labkeeper.promql import Selector
from labkeeper.source import Related, Severity, spelled

# These compare samples with each other; `avg_over_time` and its like are content with one.
_COMPARING: Final = frozenset(
    {"rate", "irate", "increase", "delta", "idelta", "deriv", "predict_linear", "changes"}
    | {"resets", "holt_winters", "double_exponential_smoothing"}
)


def check(view: View) -> Iterator[Fault]:
    """Functions that need two samples, over a range shorter than two scrapes."""
    for asked in view.expressions:
        if asked.expression is None or (asked.query and asked.query.stepped):
            continue
        for use in asked.expression.uses:
            lasts, call = use.selector.range, use.function
            if not lasts or call is None or call.name not in _COMPARING:
                continue
            job = _quickest(view, use.selector)
            if job is None or lasts >= 2 * job.interval:
                continue
            severity: Severity = "error" if lasts <= job.interval else "warning"
            often = _often(lasts, job.interval)
            yield Fault(
                f"`{call.name}()` needs two samples, and there are {often} two in "
                f"{spelled(lasts)}: `{job.name.text}` is scraped every {spelled(job.interval)}",
                asked.expression.range_at(use.selector),
                f"take at least `[{spelled(4 * job.interval)}]`, so that one may go missing",
                (Related("the interval is set here", job.interval_at),) if job.interval_at else (),
                subject=f"{asked.subject}: {use.selector.name}",
                severity=severity,
            )


def _often(lasts: float, interval: float) -> str:
    if lasts < interval:
        return "never"
    # Before Prometheus 3.0 a range includes its start, where a sample may stand by chance.
    return "hardly ever" if lasts == interval else "not always"


def _quickest(view: View, selector: Selector) -> ScrapeJob | None:
    """The job with the shortest interval among those that the selector can mean."""
    universe = view.universe
    if selector.name in universe.made or (selector.name and ":" in selector.name):
        return None
    jobs = [scraped.job for scraped in view.exporters.jobs]
    exposed = universe.exposed(selector.name or "")
    if exposed and not universe.anything_goes:
        named = {e.exporter.name for e in exposed}
        mine = [s.job for s in view.exporters.jobs if any(e.name in named for e in s.exporters)]
        jobs = mine or jobs
    matchers = [m for m in selector.matchers if m.label == "job"]
    jobs = [job for job in jobs if all(finds(m, [job.name.text]) for m in matchers)]
    return min(jobs, key=lambda job: job.interval, default=None)


CHECK = Check("range-too-short", "warning", plan=check, needs=("scrapes",))
