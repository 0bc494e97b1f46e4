"""A route sends to a receiver that is not there."""

from collections.abc import Iterator

from labkeeper.checks.alerting.routing import routes
from labkeeper.checks.check import Check, Fault
from labkeeper.checks.view import View
from labkeeper.plan import Alertmanager, Route
from labkeeper.source import did_you_mean, misspelled, rewrite


def check(view: View) -> Iterator[Fault]:
    """Every route whose receiver, or whose time interval, nobody defines."""
    for one in view.plan.alertmanagers:
        # A guide's fragment need not show all receivers.
        if one.embedded or one.route is None or not one.receivers:
            continue
        names = {receiver.name.text for receiver in one.receivers}
        if one.route.receiver is None:
            yield Fault(
                "the top route has no receiver, so Alertmanager refuses to load this file",
                one.route.at,
                "add `receiver: NAME` to it: that one gets every alert that no other route takes",
                subject="route",
            )
        for place in routes(one):
            yield from _of(place.route, names, one)


def _of(route: Route, names: set[str], one: Alertmanager) -> Iterator[Fault]:
    times = {name.text for name in one.time_intervals}
    wanted = [(route.receiver, names, "receiver")] if route.receiver else []
    wanted += [(name, times, "time interval") for name in (*route.mute_times, *route.active_times)]
    for name, known, kind in wanted:
        if name.text not in known and name.is_literal and "{{" not in name.text:
            right = misspelled(name.text, known)
            yield Fault(
                f"there is no {kind} `{name.text}`, so Alertmanager refuses to load this file",
                name.span,
                did_you_mean(name.text, known)
                or f"add it under `{kind.replace(' ', '_')}s`, or use one that is defined there",
                subject=name.text,
                fix=rewrite(f"write `{right}`", [name.span], name.text, right) if right else None,
            )


CHECK = Check("undefined-receiver", "error", plan=check)
