"""What checks look at: the plan, the catalog, and joins of both that several checks share."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

from labkeeper.catalog import Services, services
from labkeeper.checks.dashboards import Loading, loadings
from labkeeper.checks.reach import Reach
from labkeeper.plan import Dashboard, Plan


@dataclass(frozen=True)
class View:
    """The plan with everything that is worked out from it once, on first use."""

    plan: Plan
    # Whether a path that a file of the stack names exists beside it: `(file, path)`.
    exists: Callable[[str, str], bool] = lambda _file, _path: False

    @cached_property
    def loadings(self) -> tuple[Loading, ...]:
        """Which dashboards which Grafana loads from files."""
        return loadings(self.plan)

    def loads(self, dashboard: Dashboard) -> bool | None:
        """Whether a Grafana loads the dashboard's file: surely, likely (no), not known (none)."""
        found = [loading.sure for loading in self.loadings if loading.dashboard is dashboard]
        return any(found) if found else None

    @property
    def services(self) -> Services:
        """The software that labkeeper knows."""
        return services()

    @cached_property
    def reach(self) -> Reach:
        """Who is in which network, and who listens where."""
        return Reach(self.plan, self.services)
