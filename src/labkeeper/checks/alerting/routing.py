"""Alertmanager's routing tree: who gets what, as far as matchers tell."""

from collections.abc import Iterator
from typing import Final

from labkeeper.plan import Alertmanager, Matcher, Route, accepts
from labkeeper.values import dataclass, regex

# `critical|warning`: a pattern that is a plain list.
_LIST: Final = regex(r"[\w -]+(?:\|[\w -]+)*")
# dispatch/route.go, DefaultRouteOpts.
GROUP_WAIT: Final = 30.0
GROUP_INTERVAL: Final = 300.0


@dataclass(frozen=True, slots=True)
class Place:
    """A route in its tree; `above` are the routes it lies under, the root first."""

    route: Route
    above: tuple[Route, ...]
    # Routes of the same parent that are tried before it.
    before: tuple[Route, ...]

    @property
    def receiver(self) -> str | None:
        """Where it sends to, which it may take over from above."""
        chain = (self.route, *reversed(self.above))
        return next((route.receiver.text for route in chain if route.receiver), None)

    @property
    def matchers(self) -> tuple[Matcher, ...]:
        """Everything that an alert must fit to come here."""
        return tuple(m for route in (*self.above, self.route) for m in route.matchers)


def routes(alertmanager: Alertmanager) -> Iterator[Place]:
    """Every route of the tree, the root first."""
    if alertmanager.route:
        yield from _below(Place(alertmanager.route, (), ()))


def _below(place: Place) -> Iterator[Place]:
    yield place
    above = (*place.above, place.route)
    for at, route in enumerate(place.route.routes):
        yield from _below(Place(route, above, place.route.routes[:at]))


def swallows(earlier: Route, later: Route) -> bool:
    """Whether every alert that fits the later route surely fits the earlier one."""
    if not (earlier.understood and later.understood) or earlier.carry_on:
        return False
    return all(
        any(_implies(given, wanted) for given in later.matchers) for wanted in earlier.matchers
    )


def _implies(given: Matcher, wanted: Matcher) -> bool:
    if given.label != wanted.label:
        return False
    if (given.operator, given.value) == (wanted.operator, wanted.value):
        return True
    values = possible(given)
    return bool(values) and all(accepts(wanted, value) for value in values)


def possible(matcher: Matcher) -> tuple[str, ...]:
    """The values that fit, where they can be listed."""
    if matcher.operator == "=":
        return (matcher.value,)
    if matcher.operator == "=~" and _LIST.fullmatch(matcher.value):
        return tuple(matcher.value.split("|"))
    return ()


def contradiction(place: Place) -> tuple[Matcher, Matcher] | None:
    """Two conditions on the way to a route that no alert fits both of: the outer, the inner."""
    outer = [m for route in place.above for m in route.matchers]
    for inner in place.route.matchers:
        values = possible(inner)
        for other in outer:
            if other.label == inner.label and values and _fits_none(other, values):
                return other, inner
    return None


def _fits_none(matcher: Matcher, values: tuple[str, ...]) -> bool:
    return all(accepts(matcher, value) is False for value in values)
