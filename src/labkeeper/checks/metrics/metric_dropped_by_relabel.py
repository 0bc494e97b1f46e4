"""Metrics that metric_relabel_configs throw away."""

from collections.abc import Iterator

from labkeeper.checks.check import Check, Fault
from labkeeper.checks.exporters import Scraped
from labkeeper.checks.metrics.naming import Wrong, judge_names
from labkeeper.checks.view import View
from labkeeper.plan import Relabel
from labkeeper.plan.go_regex import go_regex
from labkeeper.source import Related


def check(view: View) -> Iterator[Fault]:
    """Queries of what is scraped and then dropped."""
    yield from judge_names(view, judge)


def judge(view: View, name: str) -> Wrong | None:
    """What is wrong with a name, if anything."""
    universe = view.universe
    if name in universe.made or (universe.closed and universe.anything_goes):
        return None
    jobs = [job for each in universe.exposed(name) for job in view.exporters.jobs_of(each.exporter)]
    steps = [_dropping(job, name) for job in jobs]
    if not steps or not all(steps) or not universe.closed:
        return None
    first = next(step for step in steps if step)
    return Wrong(
        f"`{name}` is dropped when it is scraped",
        "let it through, or delete the query",
        "error",
        (Related(f"this step of `{jobs[0].job.name.text}` drops it", first.at),),
    )


def _dropping(scraped: Scraped, name: str) -> Relabel | None:
    """The first step that surely drops all series of a name."""
    for step in scraped.job.metric_relabels:
        regex = go_regex(step.regex)
        if regex is None:
            return None
        if step.source_labels != ("__name__",):
            # A step that sets names may rename what a later one would drop.
            if step.target_label == "__name__":
                return None
            continue
        matches = regex.fullmatch(name) is not None
        if (step.action == "drop" and matches) or (step.action == "keep" and not matches):
            return step
    return None


CHECK = Check("metric-dropped-by-relabel", "error", plan=check)
