"""Metrics that no exporter has and nothing in the stack makes."""

from collections.abc import Iterator

from labkeeper.catalog import Exporter
from labkeeper.checks.check import Check, Fault
from labkeeper.checks.metrics.naming import Wrong, interchangeable, judge_names, other_unit
from labkeeper.checks.view import View
from labkeeper.source import Severity, did_you_mean, misspelled


def check(view: View) -> Iterator[Fault]:
    """Queries that never have a result, because there is no such series."""
    yield from judge_names(view, judge)


def judge(view: View, name: str) -> Wrong | None:
    """What is wrong with a name, if anything."""
    universe, contracts = view.universe, view.catalog.contracts
    if name in universe.made or universe.exposed(name) or universe.renamed(name):
        return None
    if ":" in name:
        return _unrecorded(view, name)
    if contracts.exposing(name):
        return _unscraped(view, name)
    denier = next((each for each in contracts.every if each.denies(name)), None)
    if denier:
        return _denied(view, name, denier)
    # A contract that is not complete may lack it.
    unknown = contracts.is_foreign(name) or any(each.owns(name) for each in contracts.every)
    return None if unknown else _unheard_of(view, name)


def _unrecorded(view: View, name: str) -> Wrong | None:
    """Only recording rules have colons in their names."""
    if not view.plan.knows("rules") or view.universe.anything_goes:
        return None
    hint = did_you_mean(name, view.universe.made) or f"record `{name}` in a rule file"
    return Wrong(f"no recording rule makes `{name}`", hint, "error")


def _unscraped(view: View, name: str) -> Wrong | None:
    """The metric of a known exporter that is not there."""
    universe = view.universe
    owners = view.catalog.contracts.exposing(name)
    deployed = {each.name for each in view.exporters.deployed}
    if not universe.closed or universe.anything_goes:
        return None
    # Those have checks of their own.
    if any(universe.rivals(each) or each.exporter.name in deployed for each in owners):
        return None
    title = owners[0].exporter.title
    return Wrong(
        f"nothing that is scraped here exposes `{name}`",
        f"it is a metric of {title}: run that and scrape it",
        "error",
    )


def _denied(view: View, name: str, denier: Exporter) -> Wrong | None:
    universe = view.universe
    if denier.name == "node-exporter" and universe.has_textfiles:
        return None
    if not (universe.closed or denier.instead.get(name) or _near(denier, name)):
        # `container_` and the like are no one's alone: an exporter that is not shown may have it.
        return _unheard_of(view, name)
    severity: Severity = "error" if universe.closed else "warning"
    return Wrong(
        f"no exporter exposes `{name}`, not even {denier.title}",
        _instead(view, name, denier),
        severity,
        right=_right(view, name, denier),
    )


def _right(view: View, name: str, denier: Exporter) -> str | None:
    """The one metric that is meant for sure: by the contract's word, or by a slip or an ending."""
    meant = denier.instead.get(name) or misspelled(name, denier.series) or _ended(denier, name)
    metric = denier.series.get(meant) if meant else None
    if metric is None or denier in view.universe.present:
        return meant if metric else None
    if metric.means is None:
        return None
    others = [view.catalog.contracts.meaning(metric.means, each) for each in view.universe.present]
    known = [each for each in others if each and interchangeable(metric, each.metric)]
    return known[0].name if len(known) == 1 else None


def _ended(denier: Exporter, name: str) -> str | None:
    """The same name with or without the ending that tells a counter or a label carrier."""
    bare = name.removesuffix("_total").removesuffix("_info")
    forms = [form for form in (bare, f"{bare}_total", f"{bare}_info") if form != name]
    found = [form for form in forms if form in denier.series]
    return found[0] if len(found) == 1 else None


def _near(denier: Exporter, name: str) -> str | None:
    return did_you_mean(name, denier.series, cutoff=0.8)


def _instead(view: View, name: str, denier: Exporter) -> str:
    meant = denier.instead.get(name)
    if meant is None:
        return _near(denier, name) or "delete it, or write the exporter's name"
    metric = denier.series.get(meant)
    if metric and metric.means:
        for rival in view.universe.present:
            other = view.catalog.contracts.meaning(metric.means, rival)
            if other and rival.name != denier.name:
                return f"with {rival.title} it is `{other.name}`" + other_unit(metric, other.metric)
    return f"did you mean `{meant}`?"


def _unheard_of(view: View, name: str) -> Wrong | None:
    universe = view.universe
    if universe.closed:
        if universe.anything_goes or universe.has_textfiles:
            return None
        return Wrong(
            f"nothing that is scraped here exposes `{name}`, and nothing here makes it",
            "scrape what exposes it, or write it to a textfile that node_exporter reads",
            "error" if universe.sees_nodes else "warning",
            cause=_namespace(name),
        )
    if not (view.plan.scrapes or view.plan.containers):
        # Rules alone say nothing of the stack that they are for.
        return None
    return Wrong(
        f"nothing in these files makes `{name}`, and no exporter that labkeeper knows has it",
        "add what exposes it, or delete the query",
        "info",
        cause=_namespace(name),
    )


def _namespace(name: str) -> str:
    """What the metrics of one exporter begin with."""
    return name.partition("_")[0]


CHECK = Check("metric-nobody-exposes", "error", plan=check)
