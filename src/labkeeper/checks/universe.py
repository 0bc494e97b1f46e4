"""Which metrics exist for a stack: of the exporters it asks, and those that it makes itself."""

from functools import cached_property
from typing import Final

from labkeeper.catalog import Catalog, Exporter, Exposed, Metric, Renamed
from labkeeper.checks.exporters import Exporters, Running
from labkeeper.plan import Plan
from labkeeper.values import dataclass

_NODE: Final = "node-exporter"


@dataclass(frozen=True)
class Universe:
    """The join of what is scraped and what rules make with the contracts."""

    plan: Plan
    catalog: Catalog
    exporters: Exporters

    @cached_property
    def job_values(self) -> frozenset[str]:
        """What the label `job` can be; nothing where a running system alone knows."""
        found: set[str] = set()
        for job in self.plan.scrapes:
            steps = (*job.metric_relabels, *(job.relabels if job.discovered else ()))
            if job.honor_labels or any(step.target_label == "job" for step in steps):
                return frozenset()
            labels = [dict(target.labels) for target in job.targets if target.labels is not None]
            found.update(each.get("job", job.name.text) for each in labels)
            if not labels or len(labels) < len(job.targets):
                found.add(job.name.text)
        return frozenset(found)

    @property
    def closed(self) -> bool:
        """Whether all jobs are known."""
        return self.plan.knows("scrapes")

    @cached_property
    def anything_goes(self) -> bool:
        """Whether series come from what was not recognised, or are written by others."""
        received = any(
            "-receiver" in word for each in self.exporters.running for word in each.words
        )
        return received or any(not each.whole for each in self.exporters.jobs)

    @cached_property
    def _nodes(self) -> tuple[Running, ...]:
        return tuple(r for r in self.exporters.running if r.exporter.name == _NODE)

    @cached_property
    def has_textfiles(self) -> bool:
        """Whether scripts may add names to node_exporter's own."""
        return any("--collector.textfile" in word for each in self._nodes for word in each.words)

    @cached_property
    def sees_nodes(self) -> bool:
        """Whether it is seen how every scraped node_exporter is started, textfiles and all."""
        node = self.catalog.contracts.by_name.get(_NODE)
        if node is None or node not in self.exporters.scraped:
            return True
        targets = sum(len(each.job.targets) for each in self.exporters.jobs_of(node))
        return len(self._nodes) >= targets and all(each.whole for each in self._nodes)

    @cached_property
    def made(self) -> frozenset[str]:
        """Names that the stack itself makes: recording rules, textfiles."""
        recorded = {rule.name.text for rule in self.plan.rules if rule.kind == "record"}
        return frozenset(recorded | {each.name for each in self.plan.produced})

    @cached_property
    def present(self) -> tuple[Exporter, ...]:
        """The exporters whose names are there: scraped ones, or deployed where jobs are unknown."""
        every = self.catalog.contracts.every_target
        found = (
            self.exporters.scraped
            if self.closed
            else (*self.exporters.scraped, *self.exporters.deployed)
        )
        return (*found, every) if every else found

    def exposed(self, name: str) -> tuple[Exposed, ...]:
        """Who of those present exposes a metric."""
        here = {each.name for each in self.present}
        return tuple(e for e in self.catalog.contracts.exposing(name) if e.exporter.name in here)

    def metric(self, name: str) -> Metric | None:
        """What a metric is, where all who may expose it agree, and nothing here makes it."""
        if name in self.made:
            return None
        found = self.exposed(name) or self.catalog.contracts.exposing(name)
        kinds = {each.metric for each in found}
        return kinds.pop() if len(kinds) == 1 else None

    def renamed(self, name: str) -> tuple[Exporter, Renamed] | None:
        """The exporter that a name was an older or a removed one of."""
        if name in self.made or self.catalog.contracts.exposing(name):
            return None
        for exporter in self.catalog.contracts.every:
            if name in exporter.renamed:
                return exporter, exporter.renamed[name]
        return None

    def rivals(self, exposed: Exposed) -> tuple[Exporter, ...]:
        """Those present that do the same work as a metric's exporter, under other names."""
        mine = exposed.exporter
        means = {metric.means for metric in mine.series.values() if metric.means}
        return tuple(
            each
            for each in self.present
            if each.name != mine.name
            and (
                (each.prefixes and each.prefixes == mine.prefixes)
                or any(metric.means in means for metric in each.series.values() if metric.means)
            )
        )
