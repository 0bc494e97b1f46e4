"""A route sends to a receiver that is not there."""

import difflib
from collections.abc import Iterator

from labkeeper.checks.alerting.routing import routes
from labkeeper.checks.check import Check, Fault
from labkeeper.checks.view import View
from labkeeper.plan import Alertmanager, Route


def check(view: View) -> Iterator[Fault]:
    """Every route whose receiver, or whose time interval, nobody defines."""
    for one in view.plan.alertmanagers:
        # A guide's fragment need not show all receivers.
        if one.embedded or one.route is None or not one.receivers:
            continue
        names = {receiver.name.text for receiver in one.receivers}
        if one.route.receiver is None:
            yield Fault(
                "the first route has no receiver, so Alertmanager refuses to load this file",
                one.route.at,
                "name one of its receivers: it gets what no other route takes",
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
            near = difflib.get_close_matches(name.text, sorted(known), n=1)
            yield Fault(
                f"there is no {kind} `{name.text}`, so Alertmanager refuses to load this file",
                name.span,
                f"did you mean `{near[0]}`?"
                if near
                else f"define it, or name a {kind} that there is",
                subject=name.text,
            )


CHECK = Check("undefined-receiver", "error", plan=check)
