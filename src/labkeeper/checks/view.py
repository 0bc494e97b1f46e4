"""What checks look at: the plan, the catalog, and joins of both that several checks share."""

from collections.abc import Callable
from dataclasses import dataclass

from labkeeper.plan import Plan


@dataclass(frozen=True)
class View:
    """The plan with everything that is worked out from it once, on first use."""

    plan: Plan
    # Whether a path that a file of the stack names exists beside it: `(file, path)`.
    exists: Callable[[str, str], bool] = lambda _file, _path: False
