"""A container may take all memory of the host."""

from collections.abc import Iterator

from labkeeper.checks.check import Check, Fault
from labkeeper.checks.view import View


def check(view: View) -> Iterator[Fault]:
    """Containers without a limit. A matter of taste where memory is plenty: only when asked for."""
    for container in view.plan.containers:
        if container.memory_limit is None and container.complete:
            yield Fault(
                f"`{container.key}` may take all memory of the host, and then the kernel chooses "
                "which process dies",
                container.at,
                "set `mem_limit:` (Quadlet: `Memory=`) somewhat above what it uses on a busy day",
                subject=container.key,
            )


CHECK = Check("no-memory-limit", "info", plan=check, by_default=False)
