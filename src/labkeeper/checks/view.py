"""What checks look at: the plan, the catalog, and joins of both that several checks share."""

from collections.abc import Callable, Mapping
from dataclasses import field
from functools import cached_property

from labkeeper.catalog import Catalog, Services, shipped_catalog
from labkeeper.checks.dashboards import Loading, loadings
from labkeeper.checks.exporters import Exporters
from labkeeper.checks.expressions import Asked, expressions
from labkeeper.checks.machines import Machines
from labkeeper.checks.reach import Reach
from labkeeper.checks.targets import Judged, judged_targets
from labkeeper.checks.universe import Universe
from labkeeper.checks.variants import are_variants
from labkeeper.plan import Container, Dashboard, Plan, Project, Tier
from labkeeper.values import dataclass


@dataclass(frozen=True)
class View:
    """The plan with everything that is worked out from it once, on first use."""

    plan: Plan
    # Whether a path that a file of the stack names exists beside it: `(file, path)`.
    exists: Callable[[str, str], bool] = lambda _file, _path: False
    catalog: Catalog = field(default_factory=shipped_catalog)
    # The tags that images are to have, by repository: only a person can say which.
    pins: Mapping[str, str] = field(default_factory=dict)

    @cached_property
    def universe(self) -> Universe:
        """Which metrics there are."""
        return Universe(self.plan, self.catalog, self.exporters)

    @cached_property
    def exporters(self) -> Exporters:
        """Which exporters run, and which are asked."""
        return Exporters(self.plan, self.catalog)

    @cached_property
    def expressions(self) -> tuple[Asked, ...]:
        """Every query of rules and dashboards."""
        return expressions(self.plan)

    @cached_property
    def loadings(self) -> tuple[Loading, ...]:
        """Which dashboards which Grafana loads from files."""
        return loadings(self.plan)

    def loads(self, dashboard: Dashboard) -> bool | None:
        """Whether a Grafana loads the dashboard's file: surely, likely (no), not known (none)."""
        found = [loading.sure for loading in self.loadings if loading.dashboard is dashboard]
        return any(found) if found else None

    @cached_property
    def projects(self) -> Mapping[str, Project]:
        """The projects by their key, which containers name."""
        return {project.key: project for project in self.plan.projects}

    @cached_property
    def containers_of(self) -> Mapping[str, tuple[Container, ...]]:
        """The containers of each project, by its key."""
        found: dict[str, list[Container]] = {}
        for container in self.plan.containers:
            found.setdefault(container.project, []).append(container)
        return {key: tuple(containers) for key, containers in found.items()}

    @cached_property
    def _tiers(self) -> Mapping[str, tuple[Tier, ...]]:
        found: dict[str, list[Tier]] = {}
        for tier in self.plan.tiers:
            found.setdefault(tier.host, []).append(tier)
        return {host: tuple(tiers) for host, tiers in found.items()}

    def tiers_of(self, host: str) -> tuple[Tier, ...]:
        """The tiers of a host."""
        return self._tiers.get(host, ())

    @cached_property
    def _variants(self) -> dict[tuple[str, str], bool]:
        return {}

    def variants(self, one: str, other: str) -> bool:
        """Whether two projects, by their keys, are two forms of one that never run together."""
        if one == other or one not in self.projects or other not in self.projects:
            return False
        if "running" in {self.projects[one].kind, self.projects[other].kind}:
            # What runs is what the other files describe.
            return True
        pair = (one, other) if one < other else (other, one)
        if pair not in self._variants:
            a, b = pair
            self._variants[pair] = are_variants(
                self.projects[a], self.containers_of.get(a, ()),
                self.projects[b], self.containers_of.get(b, ()),
            )  # fmt: skip
        return self._variants[pair]

    @property
    def services(self) -> Services:
        """The software that labkeeper knows."""
        return self.catalog.services

    @cached_property
    def reach(self) -> Reach:
        """Who is in which network, and who listens where."""
        return Reach(self.plan, self.services)

    @cached_property
    def machines(self) -> Machines:
        """What the hosts' own configurations say."""
        return Machines(self.plan)

    @cached_property
    def targets(self) -> tuple[Judged, ...]:
        """What Prometheus's targets lead to."""
        return judged_targets(self.reach)
