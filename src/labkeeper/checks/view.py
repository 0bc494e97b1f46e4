"""What checks look at: the plan, the catalog, and joins of both that several checks share."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

from labkeeper.catalog import Services, services
from labkeeper.checks.reach import Reach
from labkeeper.checks.targets import Judged, judged_targets
from labkeeper.plan import Plan


@dataclass(frozen=True)
class View:
    """The plan with everything that is worked out from it once, on first use."""

    plan: Plan
    # Whether a path that a file of the stack names exists beside it: `(file, path)`.
    exists: Callable[[str, str], bool] = lambda _file, _path: False

    @property
    def services(self) -> Services:
        """The software that labkeeper knows."""
        return services()

    @cached_property
    def reach(self) -> Reach:
        """Who is in which network, and who listens where."""
        return Reach(self.plan, self.services)

    @cached_property
    def targets(self) -> tuple[Judged, ...]:
        """What Prometheus's targets lead to."""
        return judged_targets(self.reach)
