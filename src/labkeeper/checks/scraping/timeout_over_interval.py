"""A scrape may take longer than the time until the next one."""

from collections.abc import Iterator

from labkeeper.checks.check import Check, Fault
from labkeeper.checks.view import View
from labkeeper.source import spelled


def check(view: View) -> Iterator[Fault]:
    """Every timeout over its interval; Prometheus shortens only one that nobody gave."""
    broken: set[str] = set()
    for one in view.plan.prometheuses:
        if one.scrape_timeout and one.scrape_timeout > one.scrape_interval:
            broken.add(one.key)
            yield Fault(
                _claim(one.scrape_timeout, one.scrape_interval),
                one.timeout_at,
                f"set it to {spelled(one.scrape_interval)} or less",
                subject="global",
            )
    for job in view.plan.scrapes:
        if job.timeout > job.interval and job.prometheus not in broken:
            yield Fault(
                _claim(job.timeout, job.interval),
                job.timeout_at,
                f"set it to {spelled(job.interval)} or less",
                subject=job.name.text,
            )


def _claim(timeout: float, interval: float) -> str:
    return (
        f"a timeout of {spelled(timeout)} is longer than the interval of {spelled(interval)}, "
        "so Prometheus refuses to load this file"
    )


CHECK = Check("timeout-over-interval", "error", plan=check)
