"""Matchers on labels that a metric never has."""

from collections.abc import Iterator
from typing import Final

from labkeeper.checks.check import Check, Fault
from labkeeper.checks.metrics.matching import finds
from labkeeper.checks.view import View
from labkeeper.checks.wording import quoted

_ALWAYS: Final = frozenset({"job", "instance", "__name__", "le", "quantile"})


def check(view: View) -> Iterator[Fault]:
    """Selectors that pick nothing, because neither exporter nor job sets a label."""
    known: dict[str, frozenset[str] | None] = {}
    for asked in view.expressions:
        for selector in asked.selectors:
            if asked.expression is None or selector.name is None:
                continue
            if selector.name not in known:
                known[selector.name] = _labels(view, selector.name)
            labels = known[selector.name]
            for matcher in selector.matchers if labels is not None else ():
                if labels is None or matcher.label in labels or finds(matcher, ()):
                    continue
                yield Fault(
                    f"`{selector.name}` has no label `{matcher.label}`, so this picks nothing",
                    asked.expression.label_at(selector, matcher.label),
                    f"it has {quoted(sorted(labels - {'__name__', 'le', 'quantile'}), 12)}",
                    subject=f"{asked.subject}: {selector.name}: {matcher.label}",
                )


def _labels(view: View, name: str) -> frozenset[str] | None:
    """Every label that the metric can have here; none where that cannot be told."""
    universe = view.universe
    exposed = universe.exposed(name)
    if not exposed or name in universe.made or not universe.closed or universe.anything_goes:
        return None
    found = set(_ALWAYS)
    for each in exposed:
        if each.metric.labels is None:
            return None
        found.update(each.metric.labels)
        jobs = view.exporters.jobs_of(each.exporter)
        if each.exporter == view.catalog.contracts.every_target:
            jobs = view.exporters.jobs
        for job in (scraped.job for scraped in jobs):
            if job.discovered or job.honor_labels or job.metric_relabels:
                return None
            for target in job.targets:
                if target.labels is None:
                    return None
                found.update(label for label, _ in target.labels)
    return frozenset(found)


CHECK = Check("label-not-on-metric", "error", plan=check, needs=("scrapes",))
