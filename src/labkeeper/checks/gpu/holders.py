"""Whatever asks for a GPU: containers, and lists of flags that a Nix text keeps for them."""

from collections.abc import Iterator

from labkeeper.plan import Container, GpuRequest, Plan, Variable
from labkeeper.source import Slice, Span
from labkeeper.values import dataclass


@dataclass(frozen=True, slots=True)
class Holder:
    """A container or a named list of flags, by what both have."""

    name: str
    host: str
    at: Span
    environment: tuple[Variable, ...]
    gpus: tuple[GpuRequest, ...]
    memory_limit: Slice | None
    container: Container | None


def holders(plan: Plan) -> Iterator[Holder]:
    """All of them, in the order of the plan."""
    for one in plan.containers:
        yield Holder(one.key, one.host, one.at, one.environment, one.gpus, one.memory_limit, one)
    for each in plan.option_sets:
        yield Holder(
            each.name, each.host, each.at, each.environment, each.gpus, each.memory_limit, None
        )


def runs_podman(plan: Plan, holder: Holder) -> bool:
    """Whether Podman runs it for sure."""
    if holder.container and holder.container.engine:
        return holder.container.engine == "podman"
    signs = {each.engine for each in plan.engines if each.host == holder.host}
    return signs == {"podman"}
