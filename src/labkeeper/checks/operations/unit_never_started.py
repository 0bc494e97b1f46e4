"""A service has something to run, and nothing starts it."""

from collections.abc import Iterator
from typing import Final

from labkeeper.checks.check import Check, Fault
from labkeeper.checks.view import View
from labkeeper.plan import Plan, Unit
from labkeeper.values import regex

# What people call units that are there to be started by hand.
_BY_HAND: Final = regex(r"dry-?run|manual|-(?:now|once|test|drill)\.service$")


def check(view: View) -> Iterator[Fault]:
    """Looks for what pulls each service in: install sections, timers, other units, scripts."""
    started = set(_started(view.plan))
    for unit in view.plan.units:
        if unit.kind != "service" or "@" in unit.name or not unit.scripts or unit.partial:
            continue
        if unit.started_by or unit.name in started or unit.name.removesuffix(".service") in started:
            continue
        yield Fault(
            f"nothing shown here starts `{unit.name}`"
            if unit.started_elsewhere
            else f"nothing starts `{unit.name}`: it runs only when somebody does so by hand",
            unit.at,
            _help(unit),
            subject=unit.name,
            # What is not shown may start it, or a person does.
            severity="info" if unit.started_elsewhere or _BY_HAND.search(unit.name) else None,
        )


def _started(plan: Plan) -> Iterator[str]:
    yield from (name.text for name in plan.named_units)
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
    if unit.at.file.endswith((".md", ".markdown")):
        return "show what starts it, too: a timer, or `WantedBy` (`wantedBy` in NixOS)"
    if unit.at.file.endswith(".service"):
        return "give it `WantedBy=multi-user.target` under `[Install]`, or a timer of its name"
    return 'give it `startAt` to run it on a schedule, or `wantedBy = [ "multi-user.target" ]`'


CHECK = Check("unit-never-started", "warning", plan=check)
