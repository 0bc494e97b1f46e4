"""Where the series of a name come from: jobs, their targets, contracts, relabelling done."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import cached_property

from labkeeper.catalog import Exporter, Exposed, Metric
from labkeeper.checks.metrics import metric_behind_flag
from labkeeper.checks.view import View
from labkeeper.plan import ProducedMetric, Relabel, Rule, ScrapeJob, Target
from labkeeper.promql import Selector
from labkeeper.prove.guess import metric_by_name
from labkeeper.prove.source import ANY, Source, Values, after, fits, narrowed
from labkeeper.values import dataclass


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
