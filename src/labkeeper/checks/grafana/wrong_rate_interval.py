"""Grafana believes that Prometheus scrapes more often than it does."""

from collections.abc import Iterator
from typing import Final

from labkeeper.checks.check import Check, Fault
from labkeeper.checks.view import View
from labkeeper.plan import Datasource, Query, ScrapeJob
from labkeeper.source import Fix, Related, Span, rewrite, spelled

# `$__rate_interval` is the larger of four scrape intervals and one more than the step, and the
# data source says how long one is (grafana docs: datasources/prometheus/template-variables).
_INTERVALS: Final = 4
_DEFAULT: Final = 15.0


def check(view: View) -> Iterator[Fault]:
    """One Prometheus, one data source for it, and an interval under half of the shortest real one.

    Then four times the interval holds less than two samples, of which a rate needs two.
    """
    sources = [source for source in view.plan.datasources if source.kind == "prometheus"]
    jobs = view.plan.scrapes
    if len(sources) != 1 or len(view.plan.prometheuses) != 1 or not jobs:
        return
    (source,) = sources
    shortest = min(jobs, key=lambda job: job.interval)
    given = source.time_interval
    if source.time_interval_at is not None and given is None:
        return
    queries = list(_asking(view))
    window = _INTERVALS * (given or _DEFAULT)
    if window >= 2 * shortest.interval or (given is None and not queries):
        return
    yield _fault(source, shortest, window, queries)


def _asking(view: View) -> Iterator[Query]:
    """Queries that leave the range to Grafana and name no step of their own."""
    for dashboard in view.plan.dashboards:
        for query in dashboard.queries:
            if "__rate_interval" in query.written.text and not query.stepped:
                yield query


def _fault(source: Datasource, job: ScrapeJob, window: float, queries: list[Query]) -> Fault:
    real = spelled(job.interval)
    at: Span = source.time_interval_at or source.at
    claim = (
        f"`timeInterval` is {spelled(source.time_interval)}"
        if source.time_interval
        else f"data source `{source.name.text}` has no `timeInterval`, which means "
        f"{spelled(_DEFAULT)}"
    )
    related = [Related(f"scraped every {real}", job.interval_at or job.at)]
    if queries:
        related.append(Related("a query that depends on it", queries[0].at))
    return Fault(
        f"{claim}, but Prometheus scrapes every {real}: `$__rate_interval` goes down "
        f"to {spelled(window)}, too short for the two samples that a rate needs",
        at,
        f"set `timeInterval: {real}` under `jsonData`",
        tuple(related),
        subject=source.name.text,
        fix=_fix(source, real),
    )


def _fix(source: Datasource, real: str) -> Fix | None:
    at, given = source.time_interval_at, source.time_interval
    if at is None or given is None:
        return None
    return rewrite(f"write `{real}`", [at], spelled(given), real)


CHECK = Check("wrong-rate-interval", "warning", plan=check, needs=("scrapes", "datasources"))
