"""Metrics that an exporter only exposes when it is started with a flag."""

from collections.abc import Iterator

from labkeeper.catalog import Exposed
from labkeeper.checks.check import Check, Fault
from labkeeper.checks.exporters import Running
from labkeeper.checks.metrics.naming import Wrong, judge_names
from labkeeper.checks.view import View
from labkeeper.source import Related, Severity


def check(view: View) -> Iterator[Fault]:
    """Queries of what the exporter, as it is started here, leaves out."""
    yield from judge_names(view, judge)


def judge(view: View, name: str) -> Wrong | None:
    """What is wrong with a name, if anything."""
    universe = view.universe
    exposed = universe.exposed(name)
    if name in universe.made or not exposed or any(not each.metric.needs for each in exposed):
        return None
    for each in exposed:
        running = [r for r in view.exporters.running if r.exporter == each.exporter]
        # Where nothing shows how it is started, it may have the flag.
        if not running or not all(_lacks(one, each) for one in running):
            return None
        if len(running) < sum(len(s.job.targets) for s in view.exporters.jobs_of(each.exporter)):
            return None
    return _wrong(exposed[0], running[0], "error" if universe.closed else "warning")


def _lacks(running: Running, exposed: Exposed) -> bool:
    if not running.whole:
        return False
    container = running.container
    variables = container.environment if container else ()
    # dcgm-exporter and others take their flags from the environment as well.
    if any("COLLECT" in variable.name.upper() for variable in variables):
        return False
    return not has_flag(running, exposed.metric.needs or "")


def has_flag(running: Running, flags: str) -> bool:
    """Whether one of some flags, with `|` between them, is on the command line."""
    return any(_given(flag, running.words) for flag in flags.split("|"))


def _given(flag: str, words: tuple[str, ...]) -> bool:
    if len(flag) == 2:
        # Short flags may stand together: `-ai`.
        short = [word for line in words for word in line.split() if word[:1] == "-" != word[1:2]]
        return any(flag[1] in word for word in short)
    return any(flag in word for word in words)


def _wrong(exposed: Exposed, running: Running, severity: Severity) -> Wrong:
    flag = (exposed.metric.needs or "").split("|")[0]
    container, unit = running.container, running.unit
    at = container.image.span if container and container.image else unit.at if unit else None
    return Wrong(
        f"{exposed.exporter.title} exposes `{exposed.name}` only with `{flag}`, and is started "
        "without it",
        f"add `{flag}` to its command",
        severity,
        (Related("it is started here", at),) if at else (),
        cause=flag,
    )


CHECK = Check("metric-behind-flag", "error", plan=check)
