"""Names that an exporter gave up."""

from collections.abc import Iterator

from labkeeper.catalog import Exporter
from labkeeper.checks.check import Check, Fault
from labkeeper.checks.metrics.naming import Wrong, judge_names
from labkeeper.checks.metrics.versions import newer, running_versions
from labkeeper.checks.view import View
from labkeeper.promql import Expression


def check(view: View) -> Iterator[Fault]:
    """Queries with a name that the exporter had once."""

    def names_the_new_one_too(expression: Expression, name: str) -> bool:
        found = view.universe.renamed(name)
        return bool(found and found[1].to in expression.names)

    yield from judge_names(view, judge, names_the_new_one_too)


def judge(view: View, name: str) -> Wrong | None:
    """What is wrong with a name, if anything."""
    found = view.universe.renamed(name)
    if found is None:
        return None
    exporter, became = found
    since = f" since {exporter.title} {became.since}" if became.since else ""
    versions = running_versions(view, exporter)
    if became.since and versions and not all(newer(v, became.since) for v in versions):
        return None
    if became.to is None:
        # Whoever pins an older version still has it.
        return _gone(name, since, exporter) if versions else None
    closed = view.universe.closed and exporter in view.exporters.scraped
    return Wrong(
        f"`{name}` is called `{became.to}`{since}",
        f"write `{became.to}`" + _unit(name),
        "error" if closed else "warning",
        right=None if _unit(name) else became.to,
    )


def _unit(name: str) -> str:
    return ", and divide what it is compared with by 1000" if name.endswith("_ms") else ""


def _gone(name: str, since: str, exporter: Exporter) -> Wrong:
    return Wrong(f"`{name}` is gone{since}", f"see the changelog of {exporter.title}", "error")


CHECK = Check("metric-renamed", "error", plan=check)
