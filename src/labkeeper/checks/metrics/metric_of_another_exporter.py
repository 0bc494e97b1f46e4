"""Names of one exporter's metrics where another exporter does the work."""

from collections.abc import Iterator

from labkeeper.catalog import Exporter, Exposed
from labkeeper.checks.check import Check, Fault
from labkeeper.checks.metrics.naming import Wrong, interchangeable, judge_names, other_unit
from labkeeper.checks.view import View
from labkeeper.promql import Expression
from labkeeper.source import Related


def check(view: View) -> Iterator[Fault]:
    """Queries written for an exporter that is not the one that is there."""

    def offers_both(expression: Expression, name: str) -> bool:
        """`a or b` is written for either exporter."""
        mine = {each.exporter.name for each in view.catalog.contracts.exposing(name)}
        return any(
            each.exporter.name not in mine and each.exporter.name != "every-target"
            for other in expression.names
            for each in view.universe.exposed(other)
        ) and not _is_single(expression)

    yield from judge_names(view, judge, offers_both)


def _is_single(expression: Expression) -> bool:
    return len(expression.names) == 1


def judge(view: View, name: str) -> Wrong | None:
    """What is wrong with a name, if anything."""
    universe = view.universe
    owners = view.catalog.contracts.exposing(name)
    if not owners or name in universe.made or universe.exposed(name):
        return None
    running = {each.name for each in (*view.exporters.deployed, *view.exporters.scraped)}
    if any(owner.exporter.name in running for owner in owners):
        return None
    for owner in owners:
        rivals = [each for each in universe.rivals(owner) if each.name in running]
        if rivals:
            return _wrong(view, owner, rivals[0])
    return None


def _wrong(view: View, owner: Exposed, rival: Exporter) -> Wrong:
    how = "deployed" if rival in view.exporters.deployed else "scraped"
    return Wrong(
        f"`{owner.name}` is a metric of {owner.exporter.title}, but {rival.title} is what is "
        f"{how} here",
        _meant(view, owner, rival),
        "error" if view.universe.closed and not view.universe.anything_goes else "warning",
        _place(view, rival),
        right=_right(owner, rival, view),
    )


def _right(owner: Exposed, rival: Exporter, view: View) -> str | None:
    """The other's metric, where it is measured in the same way."""
    what = owner.metric.means
    other = view.catalog.contracts.meaning(what, rival) if what else None
    same = other and interchangeable(owner.metric, other.metric)
    return other.name if other and same else None


def _meant(view: View, owner: Exposed, rival: Exporter) -> str:
    what = owner.metric.means
    other = view.catalog.contracts.meaning(what, rival) if what else None
    if other is None:
        return f"{rival.title} exposes nothing like it: delete the query"
    return f"write `{other.name}`" + other_unit(owner.metric, other.metric)


def _place(view: View, rival: Exporter) -> tuple[Related, ...]:
    for running in view.exporters.running:
        container = running.container
        if running.exporter == rival and container and container.image:
            return (Related(f"{rival.title} is deployed here", container.image.span),)
    for scraped in view.exporters.jobs_of(rival):
        return (Related(f"{rival.title} is scraped here", scraped.job.name.span),)
    return ()


CHECK = Check("metric-of-another-exporter", "error", plan=check)
