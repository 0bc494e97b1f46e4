"""One address scraped twice."""

from collections.abc import Iterator

from labkeeper.checks.check import Check, Fault
from labkeeper.checks.view import View
from labkeeper.plan import ScrapeJob, Target
from labkeeper.source import Related

_Request = tuple[object, ...]


def check(view: View) -> Iterator[Fault]:
    """Each target that the same Prometheus asks the same thing already."""
    first: dict[_Request, tuple[ScrapeJob, Target]] = {}
    for job in view.plan.scrapes:
        for target in job.targets:
            if target.asked is None or "/" in target.asked:
                continue
            earlier_job, earlier = first.setdefault(_request(job, target), (job, target))
            if earlier is not target:
                yield _fault(job, target, earlier_job, earlier)


def _request(job: ScrapeJob, target: Target) -> _Request:
    # Jobs that keep different metrics of one target are meant so.
    kept = tuple(step.at for step in job.metric_relabels)
    parameters = tuple((name, tuple(v.text for v in values)) for name, values in job.parameters)
    return (job.prometheus, target.scheme, target.asked, target.path, target.parameters,
            parameters, kept)  # fmt: skip


def _fault(job: ScrapeJob, target: Target, before: ScrapeJob, earlier: Target) -> Fault:
    related = (Related("scraped here as well", earlier.address.span),)
    if target.labels == earlier.labels:
        return Fault(
            f"`{target.address.text}` is listed twice in job `{job.name.text}`, which changes "
            "nothing",
            target.address.span,
            "delete one of the two",
            related,
            subject=f"{job.name.text} {target.address.text}",
            severity="info",
        )
    where = "" if job is before else f", by the jobs `{before.name.text}` and `{job.name.text}`"
    return Fault(
        f"`{target.asked}{target.path}` is scraped twice{where}, so sums and counts over it "
        "are too high",
        target.address.span,
        "delete one of the two",
        related,
        subject=f"{job.name.text} {target.address.text}",
    )


CHECK = Check("duplicate-target", "warning", plan=check)
