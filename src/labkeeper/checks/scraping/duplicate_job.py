"""Two jobs of one Prometheus with one name."""

from collections.abc import Iterator

from labkeeper.checks.check import Check, Fault
from labkeeper.checks.view import View
from labkeeper.plan import ScrapeJob
from labkeeper.source import Related


def check(view: View) -> Iterator[Fault]:
    """Each job whose name an earlier one has."""
    first: dict[tuple[str, str], ScrapeJob] = {}
    for job in view.plan.scrapes:
        earlier = first.setdefault((job.prometheus, job.name.text), job)
        if earlier is not job and job.name.is_literal:
            yield Fault(
                f"two jobs are called `{job.name.text}`, so Prometheus refuses to load this file",
                job.name.span,
                "give one of them another name, or put their targets into one job",
                (Related("the other one", earlier.name.span),),
                subject=job.name.text,
            )


CHECK = Check("duplicate-job", "error", plan=check)
