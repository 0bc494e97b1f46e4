"""Why a selector never picks anything, in one sentence."""

from collections.abc import Iterator

from labkeeper.checks.metrics import (
    metric_behind_flag,
    metric_dropped_by_relabel,
    metric_needs_other_gpu,
    metric_nobody_exposes,
    metric_of_another_exporter,
    metric_renamed,
)
from labkeeper.checks.metrics.naming import Wrong
from labkeeper.checks.view import View
from labkeeper.promql import Selector
from labkeeper.prove.source import Source, narrowed
from labkeeper.prove.sources import Sources
from labkeeper.source import did_you_mean

# The audit's own judges of names, the most telling first.
_JUDGES = (
    metric_of_another_exporter.judge,
    metric_renamed.judge,
    metric_behind_flag.judge,
    metric_dropped_by_relabel.judge,
    metric_needs_other_gpu.judge,
    metric_nobody_exposes.judge,
)


def wrong_name(view: View, name: str) -> str | None:
    """What is surely wrong with a metric's name, as the audit says it too."""
    found = _judged(view, name)
    return next((each.message for each in found if each.severity == "error"), None)


def doubted(view: View, name: str) -> str | None:
    """What is likely wrong with a metric's name."""
    found = _judged(view, name)
    return next((each.message for each in found if each.severity != "info"), None)


def _judged(view: View, name: str) -> Iterator[Wrong]:
    for judge in _JUDGES:
        if found := judge(view, name):
            yield found


def nothing_there(sources: Sources, selector: Selector) -> str | None:
    """Why there is surely no such series; none where that cannot be told."""
    name = selector.name or ""
    if why := wrong_name(sources.view, name):
        return why
    if not sources.closed or sources.renames or sources.view.universe.anything_goes:
        return None
    found = sources.named(name)
    if not found:
        return None
    for matcher in selector.matchers:
        if any(narrowed(each, (matcher,)) for each in found):
            continue
        if matcher.label == "job":
            jobs = sorted({each.known["job"] for each in found if "job" in each.known})
            near = did_you_mean(matcher.value, jobs, cutoff=0.5)
            return f"no job is called `{matcher.value}`" + (f" ({near})" if near else "")
        values = _values(found, matcher.label)
        if values == ("",):
            return f"`{name}` has no label `{matcher.label}`"
        return f"`{matcher.label}` of `{name}` is never `{matcher.value}`"
    return f"no series of `{name}` has all these labels"


def _values(found: tuple[Source, ...], label: str) -> tuple[str, ...]:
    values: list[str] = []
    for each in found:
        values.extend(each.possible(label) or ())
    return tuple(dict.fromkeys(values))
