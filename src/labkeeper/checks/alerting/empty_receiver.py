"""A receiver that tells nobody gets alerts that somebody should hear of."""

import re
from collections.abc import Iterator
from typing import Final

from labkeeper.checks.alerting.routing import Place, possible, routes
from labkeeper.checks.check import Check, Fault
from labkeeper.checks.view import View
from labkeeper.source import Related
from labkeeper.values import regex

# Names by which people say that alerts end here on purpose.
ON_PURPOSE: Final = regex(
    r"null|none|no[-_]?op|nothing|nobody|nowhere|nil|empty|blackhole|black[-_]hole|dev[-_]?null|"
    r"drop|discard|ignore|silen|mute|void|trash|sink|quiet|off$|disabled",
    re.IGNORECASE,
)
_HARMLESS: Final = frozenset({"none", "info", "debug", "ok", "notice"})


def check(view: View) -> Iterator[Fault]:
    """Each empty receiver that a route for urgent alerts, or the only route, sends to."""
    for one in view.plan.alertmanagers:
        empty = {r.name.text: r for r in one.receivers if not r.integrations}
        told: set[str] = set()
        for place in routes(one):
            receiver = empty.get(place.receiver or "")
            if receiver is None or receiver.name.text in told:
                continue
            name = receiver.name.text
            if ON_PURPOSE.search(name) or not (why := _urgent(place)):
                continue
            told.add(name)
            yield Fault(
                f"receiver `{name}` tells nobody, and {why}",
                receiver.name.span,
                "give it an integration such as `webhook_configs`; where alerts end on purpose, "
                "call it `null`",
                (Related("sent to it here", place.route.at),),
                subject=name,
            )


def _urgent(place: Place) -> str | None:
    """Why what comes to a route should be heard of."""
    if not place.above:
        return None if place.route.routes else "every alert ends there"
    for matcher in place.matchers:
        values = possible(matcher)
        if matcher.label in ("severity", "priority") and set(values) - _HARMLESS:
            return f"alerts with `{matcher.label}` `{values[0]}` end there"
    return None


CHECK = Check("empty-receiver", "warning", plan=check)
