"""Where the series of a name come from: jobs, their targets, contracts, relabelling done."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import cached_property
from typing import Final

from labkeeper.catalog import Exporter, Exposed, Metric
from labkeeper.checks.metrics import metric_behind_flag
from labkeeper.checks.view import View
from labkeeper.plan import ProducedMetric, Relabel, Rule, ScrapeJob, Target, relabel
from labkeeper.plan.go_regex import go_regex
from labkeeper.promql import LabelMatcher, Selector
from labkeeper.prove.guess import metric_by_name
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


@dataclass(frozen=True)
class Sources:
    """The sources of every name of a stack."""

    view: View

    @cached_property
    def closed(self) -> bool:
        """Whether every job is known, and nobody else writes series."""
        return self.view.universe.closed

    @cached_property
    def recorded(self) -> Mapping[str, tuple[Rule, ...]]:
        """Recording rules by the names that they make."""
        found: dict[str, tuple[Rule, ...]] = {}
        for rule in self.view.plan.rules:
            if rule.kind == "record" and rule.language == "promql":
                found[rule.name.text] = (*found.get(rule.name.text, ()), rule)
        return found

    @cached_property
    def renames(self) -> bool:
        """Whether relabelling gives series other names."""
        steps = [step for job in self.view.plan.scrapes for step in job.metric_relabels]
        return any(s.target_label == "__name__" or s.action == "labelmap" for s in steps)

    @cached_property
    def _produced(self) -> Mapping[str, tuple[ProducedMetric, ...]]:
        found: dict[str, tuple[ProducedMetric, ...]] = {}
        for each in self.view.plan.produced:
            found[each.name] = (*found.get(each.name, ()), each)
        return found

    def _written(self, made: ProducedMetric) -> Iterator[Source]:
        """What something in the stack writes itself: by its contract, else by its name."""
        known = self.view.catalog.contracts.exposing(made.name)
        metric = known[0].metric if known else metric_by_name(made.name)
        jobs = [job for job in self.view.plan.scrapes if job.name.text == made.job]
        places = [(job, target) for job in jobs for target in job.targets if not target.dropped]
        for job, target in places:
            found = _exposed(made.name, metric, job, _labels(job, target))
            yield replace(found, wild=True, produced=True)
        if not places:
            yield Source(made.name, metric, None, {}, {}, wild=True, produced=True)

    def of(self, selector: Selector) -> tuple[Source, ...]:
        """The sources that a selector can pick from."""
        found = (
            narrowed(e, selector.matchers) for n in self.names(selector) for e in self.named(n)
        )
        return tuple(each for each in found if each)

    def names(self, selector: Selector) -> tuple[str, ...]:
        """The names that a selector picks: its own, or those that fit its condition on names."""
        if selector.name or not selector.named:
            return (selector.name or "",)
        known = (*self.view.catalog.contracts.by_metric, *self._produced)
        return tuple(n for n in known if all(fits(m, n) is True for m in selector.named))

    def named(self, name: str) -> tuple[Source, ...]:
        """The sources of a name."""
        if name not in self._known:
            self._known[name] = tuple(self._named(name))
        return self._known[name]

    @cached_property
    def _known(self) -> dict[str, tuple[Source, ...]]:
        return {}

    def _named(self, name: str) -> Iterator[Source]:
        view = self.view
        for made in self._produced.get(name, ()):
            yield from self._written(made)
        raw = [*self._scraped(name), *(() if self.closed else self._supposed(name))]
        for source in raw:
            if found := after(source, self.steps(source)):
                yield found
        for scraped in view.exporters.jobs:
            # What a target is that nobody recognised, may be anything.
            if scraped.whole or name in view.universe.made:
                continue
            for target in (*scraped.job.targets, *((None,) if scraped.job.discovered else ())):
                if target is None or view.exporters.of_target(scraped.job, target) is None:
                    yield from self._unknown(name, scraped.job, target)
        if self.received:
            yield Source(name, None, None, {}, {}, wild=True)

    @cached_property
    def received(self) -> bool:
        """Whether others may write series, whatever is scraped."""
        words = (word for each in self.view.exporters.running for word in each.words)
        return any("-receiver" in word for word in words)

    def _unknown(self, name: str, job: ScrapeJob, target: Target | None) -> Iterator[Source]:
        """What a target may have of which nobody knows what it is."""
        known, opened, _ = _labels(job, target)
        if job.honor_labels:
            # Another Prometheus hands on its targets' labels, and their `up`: any are possible.
            known = {}
        elif self._is_synthetic(name):
            return
        unknown = Source(name, None, job, known, opened, wild=True)
        if found := after(unknown, self.steps(unknown)):
            yield found

    def _is_synthetic(self, name: str) -> bool:
        """Whether Prometheus itself writes it, so that no exporter has it."""
        every = self.view.catalog.contracts.every_target
        return every is not None and name in every.series

    def steps(self, source: Source) -> tuple[Relabel, ...]:
        """What is relabelled when it is scraped; what Prometheus itself adds never is."""
        if source.job is None or self._is_synthetic(source.name):
            return ()
        return source.job.metric_relabels

    def _scraped(self, name: str) -> Iterator[Source]:
        view, every = self.view, self.view.catalog.contracts.every_target
        for exposed in view.universe.exposed(name):
            for scraped in view.exporters.jobs:
                job = scraped.job
                if exposed.exporter != every and exposed.exporter not in scraped.exporters:
                    continue
                for target in (*job.targets, *((None,) if job.discovered else ())):
                    if target is None or self._is(exposed.exporter, job, target):
                        found = _exposed(name, exposed.metric, job, _labels(job, target))
                        why = self._unshown(exposed) or _unseen(exposed, target)
                        yield replace(found, supposed=why)

    def _unshown(self, exposed: Exposed) -> str:
        """Why nobody can tell whether an exporter is started so that it exposes a metric."""
        flag = exposed.metric.needs
        if flag is None:
            return ""
        running = [r for r in self.view.exporters.running if r.exporter == exposed.exporter]
        if any(metric_behind_flag.has_flag(each, flag) for each in running):
            return ""
        return (
            f"{exposed.exporter.title} has `{exposed.name}` only with `{flag.split('|')[0]}`, and "
            "nothing shows how it is started"
        )

    def _is(self, exporter: Exporter, job: ScrapeJob, target: Target) -> bool:
        """Whether a target that is kept is an exporter, or any at all."""
        if target.dropped:
            return False
        if exporter == self.view.catalog.contracts.every_target:
            return True
        return self.view.exporters.of_target(job, target) == exporter

    def _supposed(self, name: str) -> Iterator[Source]:
        """Who would expose it, were it scraped: of a stack whose jobs are not all known."""
        view = self.view
        if view.universe.exposed(name) and view.exporters.jobs:
            return
        for exposed in view.catalog.contracts.exposing(name):
            if view.universe.rivals(exposed) and exposed.exporter not in view.universe.present:
                continue
            anywhere: Known = {}, {"job": ANY, "instance": ANY}, True
            why = f"no scrape configuration that was read brings `{name}`"
            yield replace(_exposed(name, exposed.metric, None, anywhere), supposed=why)


def _unseen(exposed: Exposed, target: Target | None) -> str:
    """Why nobody can tell whether a prober sees a metric there: a redirection may lead to TLS."""
    asked = dict(target.parameters).get("target", "") if target else ""
    if exposed.metric.over != "tls" or not asked.startswith("http://"):
        return ""
    return f"`{asked}` is asked without TLS, and nothing shows that it leads to where there is some"


Known = tuple[dict[str, str], dict[str, Values], bool]


def _labels(job: ScrapeJob, target: Target | None) -> Known:
    """The labels that a target has: known ones, open ones, whether there may be more."""
    if target is None:
        given = any(step.target_label == "job" for step in job.relabels)
        opened: dict[str, Values] = {"instance": ANY, **({"job": ANY} if given else {})}
        return ({} if given else {"job": job.name.text}), opened, True
    if target.labels is None:
        return {}, {"job": ANY, "instance": ANY}, True
    known = {name: value for name, value in target.labels if value}
    known.setdefault("job", job.name.text)
    known.setdefault("instance", target.asked or target.address.text)
    if target.address.is_literal:
        return known, {}, False
    known.pop("instance")
    return known, {"instance": ANY}, False


def _exposed(name: str, metric: Metric, job: ScrapeJob | None, target: Known) -> Source:
    """A metric at a target: its own labels beside the target's."""
    known, opened, wild = target
    own = metric.labels or ()
    listed = dict(metric.values)
    labels: dict[str, Values] = dict(opened)
    kept = dict(known)
    for label in own:
        if label in kept and job and job.honor_labels:
            # The exporter's own value wins, where it sets one.
            labels[label] = ANY
            del kept[label]
        elif label in kept:
            labels[f"exported_{label}"] = listed.get(label)
        else:
            labels[label] = listed.get(label)
    if name.endswith("_bucket") and metric.type == "histogram":
        labels["le"] = (*metric.buckets, "+Inf") if metric.buckets else ANY
    if metric.type == "summary" and not name.endswith(("_sum", "_count")):
        labels["quantile"] = listed.get("quantile")
    return Source(name, metric, job, kept, labels, wild=wild or metric.labels is None)


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
