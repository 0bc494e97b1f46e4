"""A service has something to run, and nothing starts it."""

from collections.abc import Iterator

from labkeeper.checks.check import Check, Fault
from labkeeper.checks.view import View
from labkeeper.plan import Plan, Unit


def check(view: View) -> Iterator[Fault]:
    """Looks for what pulls each service in: install sections, timers, other units, scripts."""
    started = set(_started(view.plan))
    for unit in view.plan.units:
        if unit.kind != "service" or "@" in unit.name or not unit.scripts or unit.partial:
            continue
        if unit.started_by or unit.name in started or unit.name.removesuffix(".service") in started:
            continue
        where = "nothing shown here" if unit.started_elsewhere else "nothing"
        yield Fault(
            f"{where} starts `{unit.name}`",
            unit.at,
            _help(unit),
            subject=unit.name,
        )


def _started(plan: Plan) -> Iterator[str]:
    for unit in plan.units:
        yield from unit.starts
        if unit.activates:
            yield unit.activates
    scripts = (*plan.scripts, *(script for unit in plan.units for script in unit.scripts))
    for script in scripts:
        for command in script.commands:
            if command.name == "systemctl":
                yield from command.arguments[1:]


def _help(unit: Unit) -> str:
    if unit.at.file.endswith(".service"):
        return "give it `WantedBy=multi-user.target` under `[Install]`, or a timer of its name"
    return 'give it `startAt` to run it on a schedule, or `wantedBy = [ "multi-user.target" ]`'


CHECK = Check("unit-never-started", "warning", plan=check)
