"""A job asks more often than its exporter looks at what it measures."""

import re
from collections.abc import Iterator
from typing import Final

from labkeeper.catalog import Exporter
from labkeeper.checks.check import Check, Fault
from labkeeper.checks.view import View
from labkeeper.plan import Container, ScrapeJob
from labkeeper.source import spelled
from labkeeper.values import regex

# Flags and variables by which exporters are told another pace.
_PACE: Final = regex(r"interval|period|frequency", re.IGNORECASE)


def check(view: View) -> Iterator[Fault]:
    """Each job of an exporter with a slower pace of its own."""
    told: set[int] = set()
    for judged in view.targets:
        job = judged.job
        exporter = _exporter(view, job, judged.port)
        if exporter is None or not exporter.poll or job.interval >= exporter.poll:
            continue
        if id(job) in told or any(_paced(c, exporter) for c in view.plan.containers):
            continue
        told.add(id(job))
        yield Fault(
            f"job `{job.name.text}` scrapes every {spelled(job.interval)}, but {exporter.title} "
            f"measures only every {spelled(exporter.poll)}",
            job.interval_at if job.interval_at and _own(job) else job.name.span,
            f"set `scrape_interval: {spelled(exporter.poll)}` for this job: in between, the "
            "exporter repeats its last values",
            subject=job.name.text,
        )


def _exporter(view: View, job: ScrapeJob, port: int) -> Exporter | None:
    """The exporter that both the port and the name of the job point to."""
    name = job.name.text.lower()
    fitting = (e for e in view.catalog.contracts.every if e.port == port and name in e.jobs)
    return next(fitting, None)


def _own(job: ScrapeJob) -> bool:
    """Whether the interval is the job's own, not the global one."""
    at = job.interval_at
    return at is not None and job.at.file == at.file and job.at.start <= at.start < job.at.end


def _paced(container: Container, exporter: Exporter) -> bool:
    """Whether the exporter's container may have been told another pace."""
    image = container.image.text if container.image else ""
    if not image.partition(":")[0].endswith(exporter.images):
        return False
    words = [word.text for word in (*container.entrypoint, *container.command)]
    return any(_PACE.search(word) for word in (*words, *(v.name for v in container.environment)))


CHECK = Check("scrape-faster-than-collector", "info", plan=check)
