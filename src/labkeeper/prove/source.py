"""One target's series of a name, and what relabelling and matchers leave of them."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from labkeeper.catalog import Metric
from labkeeper.plan import Relabel, ScrapeJob, relabel
from labkeeper.plan.go_regex import go_regex
from labkeeper.promql import LabelMatcher
from labkeeper.values import dataclass

# A label that can have any value, or none.
ANY: Final = None
Values = tuple[str, ...] | None
_DEFAULT_INTERVAL: Final = 60.0


@dataclass(frozen=True, slots=True)
class Source:
    """One target's series of a name: what their labels can be."""

    name: str
    # None where nothing says what the metric is.
    metric: Metric | None
    job: ScrapeJob | None
    # Labels that are known to be set, and those that are set to one of some values, or to any.
    known: Mapping[str, str]
    open: Mapping[str, Values]
    # Whether there may be labels beyond those.
    wild: bool
    # Why it is only supposed that this is there: no scrape configuration was read whole, or
    # nothing shows the flag without which it is not exposed.
    supposed: str = ""
    # A script of the stack writes it; a script can write anything.
    produced: bool = False

    @property
    def interval(self) -> float:
        """The seconds between two scrapes."""
        return self.job.interval if self.job else _DEFAULT_INTERVAL

    @property
    def single(self) -> bool:
        """Whether it is one series and no more."""
        return not self.wild and not self.open

    def possible(self, label: str) -> Values:
        """The values that a label can have; an empty one is a label that is not there."""
        if label in self.known:
            return (self.known[label],)
        if label in self.open:
            return self.open[label]
        return ANY if self.wild else ("",)


def after(source: Source, steps: tuple[Relabel, ...]) -> Source | None:
    """What metric_relabel_configs leave of a source; none where they surely drop all of it."""
    for step in steps:
        found = _step(source, step)
        if found is None:
            return None
        source = found
    return source


def _step(source: Source, step: Relabel) -> Source | None:
    certain = {"__name__": source.name, **source.known}
    values = [certain.get(n) or _absent(source, n) for n in step.source_labels]
    if step.action in {"labeldrop", "labelkeep"}:
        return _labels_cut(source, step)
    if step.action == "labelmap":
        return replace(source, wild=True)
    if None in values:
        return (
            source
            if step.action in {"keep", "drop", "keepequal", "dropequal"}
            else _loosened(source, step.target_label)
        )
    outcome = relabel(certain, [step])
    if outcome == "dropped":
        return None
    if not isinstance(outcome, dict):
        return replace(_loosened(source, step.target_label), wild=True)
    name = outcome.pop("__name__", source.name)
    opened = {k: v for k, v in source.open.items() if k not in outcome}
    # Renamed away: what it is called now is another name's business.
    return replace(source, known=outcome, open=opened) if name == source.name else None


def _absent(source: Source, label: str) -> str | None:
    """The empty text of a label that is surely not there."""
    return "" if source.possible(label) == ("",) else None


def _loosened(source: Source, label: str) -> Source:
    if label == "__name__" or not label:
        return source
    known = {k: v for k, v in source.known.items() if k != label}
    return replace(source, known=known, open={**source.open, label: ANY})


def _labels_cut(source: Source, step: Relabel) -> Source:
    regex = go_regex(step.regex)
    if regex is None:
        opened = {**source.open, **dict.fromkeys(source.known, ANY)}
        return replace(source, known={}, open=opened, wild=True)
    stays = step.action == "labelkeep"
    return replace(
        source,
        known={k: v for k, v in source.known.items() if bool(regex.fullmatch(k)) == stays},
        open={k: v for k, v in source.open.items() if bool(regex.fullmatch(k)) == stays},
    )


def fits(matcher: LabelMatcher, value: str) -> bool | None:
    """Whether a label of that value fits; none where the pattern is beyond us."""
    if matcher.operator in {"=", "!="}:
        return (value == matcher.value) == (matcher.operator == "=")
    regex = go_regex(matcher.value)
    if regex is None:
        return None
    return bool(regex.fullmatch(value)) == (matcher.operator == "=~")


def narrowed(source: Source, matchers: tuple[LabelMatcher, ...]) -> Source | None:
    """The part of a source that matchers let through; none where they surely let nothing."""
    opened = dict(source.open)
    for matcher in matchers:
        values = (
            opened[matcher.label] if matcher.label in opened else source.possible(matcher.label)
        )
        if values is ANY:
            if matcher.operator == "=":
                opened[matcher.label] = (matcher.value,)
            continue
        fitting = tuple(value for value in values if fits(matcher, value) is not False)
        if not fitting:
            return None
        if matcher.label in opened:
            opened[matcher.label] = fitting
    return replace(source, open=opened)
