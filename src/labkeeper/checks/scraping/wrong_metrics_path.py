"""Targets that are asked at a path where they have no metrics."""

from collections.abc import Iterator

from labkeeper.catalog import Metrics
from labkeeper.checks.check import Check, Fault
from labkeeper.checks.targets import Judged
from labkeeper.checks.view import View
from labkeeper.plan import Container
from labkeeper.source import rewrite


def check(view: View) -> Iterator[Fault]:
    """Software that is known, at its own port, asked at another path."""
    for judged in view.targets:
        if judged.answer.cause != "answers":
            continue
        for listener in judged.answer.listeners:
            metrics = listener.service.metrics
            owner = listener.owner
            if metrics is None or listener.purpose.number != metrics.port:
                continue
            if isinstance(owner, Container) and not _moves_paths(owner, metrics):
                yield from _fault(judged, owner, metrics)


def _moves_paths(container: Container, metrics: Metrics) -> bool:
    words = {word.text.partition("=")[0].lstrip("-") for word in container.command}
    variables = {variable.name for variable in container.environment}
    flags = {flag.lstrip("-") for flag in metrics.path_flags}
    return not container.complete or bool(flags & (words | variables))


def _fault(judged: Judged, owner: Container, metrics: Metrics) -> Iterator[Fault]:
    path = judged.target.path.partition("?")[0]
    if path in metrics.paths or "$" in path:
        return
    right = metrics.paths[0]
    given = judged.job.path
    yield Fault(
        f"`{owner.key}` has its metrics at `{right}`, not at `{path}`",
        given.span if given and given.text == judged.target.path else judged.at,
        f"set `metrics_path: {right}`" if right != "/metrics" else "delete `metrics_path`",
        subject=judged.address,
        fix=rewrite(f"write `{right}`", [given.span], given.text, right)
        if given and given.text == judged.target.path
        else None,
    )


CHECK = Check("wrong-metrics-path", "error", plan=check)
