"""A route that no alert comes to, because of the routes before or above it."""

from collections.abc import Iterator

from labkeeper.checks.alerting.routing import Place, contradiction, routes, swallows
from labkeeper.checks.check import Check, Fault
from labkeeper.checks.view import View
from labkeeper.source import Related


def check(view: View) -> Iterator[Fault]:
    """Each route that an earlier one takes everything from, or that contradicts its parents."""
    for one in view.plan.alertmanagers:
        dead: set[int] = set()
        for place in routes(one):
            # What lies under a dead route is dead of the same cause.
            if any(id(route) in dead for route in place.above):
                continue
            if fault := _shadowed(place) or _contradicted(place):
                dead.add(id(place.route))
                yield fault


def _shadowed(place: Place) -> Fault | None:
    route = place.route
    earlier = next((other for other in place.before if swallows(other, route)), None)
    if earlier is None:
        return None
    return Fault(
        f"no alert reaches {_named(place)}: an earlier route takes all of them",
        route.at,
        "put it before that route, or give that one `continue: true`",
        (Related("this route takes them first", earlier.at),),
        subject=" ".join(f"{m.label}{m.operator}{m.value}" for m in route.matchers),
    )


def _contradicted(place: Place) -> Fault | None:
    found = contradiction(place)
    if found is None or not all(route.understood for route in (*place.above, place.route)):
        return None
    outer, inner = found
    return Fault(
        f"no alert reaches {_named(place)}: the route above it lets only "
        f"`{outer.label}{outer.operator}{outer.value}` through",
        inner.at,
        "put it beside that route instead of under it",
        (Related("the route above", outer.at),),
        subject=f"{inner.label}{inner.operator}{inner.value}",
    )


def _named(place: Place) -> str:
    receiver = place.route.receiver
    return f"this route to `{receiver.text}`" if receiver else "this route"


CHECK = Check("unreachable-route", "warning", plan=check)
