"""An alert cannot come within the time that its rule promises."""

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from labkeeper.checks.alerting.routing import GROUP_WAIT, Place, routes
from labkeeper.checks.check import Check, Fault
from labkeeper.checks.view import View
from labkeeper.plan import Prometheus, Rule, accepts_all
from labkeeper.source import Slice, duration, spelled

# The label or annotation that holds the promise.
PROMISE: Final = "detect_within"
_JOB: Final = re.compile(r'\bjob\s*=\s*"(?P<name>[^"]*)"')


@dataclass(frozen=True, slots=True)
class _Time:
    what: str
    seconds: float


def check(view: View) -> Iterator[Fault]:
    """Each rule with a promise that its scrape, evaluation, `for` and group_wait exceed."""
    for rule in view.plan.rules:
        promise = dict((*rule.annotations, *rule.labels)).get(PROMISE)
        limit = duration(promise.text) if promise else None
        if rule.kind != "alert" or promise is None or limit is None:
            continue
        times = _times(view, rule)
        if times and sum(time.seconds for time in times) > limit:
            yield _fault(rule, promise, times)


def _times(view: View, rule: Rule) -> list[_Time]:
    """What passes in turn from the fault to the message, where nothing else delays it."""
    server = next((p for p in view.plan.prometheuses if rule.file in (p.loaded or ())), None)
    if server is None:
        return []
    evaluation = rule.interval or server.evaluation_interval
    hold = math.ceil((rule.hold or 0) / evaluation) * evaluation
    return [
        _Time("scrape interval", _scrape(view, rule, server)),
        _Time("evaluation interval", evaluation),
        _Time("`for`", hold),
        _Time("`group_wait`", _group_wait(view, rule)),
    ]


def _scrape(view: View, rule: Rule, server: Prometheus) -> float:
    """The interval of the job that the rule names, else the shortest of all."""
    jobs = [job for job in view.plan.scrapes if job.prometheus == server.key]
    names = set(_JOB.findall(rule.expr.text))
    named = [job.interval for job in jobs if job.name.text in names]
    return min(named or [job.interval for job in jobs], default=server.scrape_interval)


def _group_wait(view: View, rule: Rule) -> float:
    """The shortest wait of the routes that the alert can take."""
    labels = {"alertname": rule.name.text, **{name: text.text for name, text in rule.labels}}
    waits = [
        _wait(place)
        for one in view.plan.alertmanagers
        for place in routes(one)
        if accepts_all([m for m in place.matchers if m.label in labels], labels) is not False
    ]
    return min(waits, default=GROUP_WAIT)


def _wait(place: Place) -> float:
    chain = (place.route, *reversed(place.above))
    return next((r.group_wait for r in chain if r.group_wait is not None), GROUP_WAIT)


def _fault(rule: Rule, promise: Slice, times: list[_Time]) -> Fault:
    total = sum(time.seconds for time in times)
    parts = " + ".join(f"{time.what} {spelled(time.seconds)}" for time in times)
    longest = max(times, key=lambda time: time.seconds)
    return Fault(
        f"`{rule.name.text}` can take {spelled(total)} to be told of, and promises {promise.text}",
        promise.span,
        f"{parts}; {longest.what} is the longest of them",
        subject=rule.name.text,
    )


CHECK = Check("detection-too-slow", "warning", plan=check, needs=("rules", "alertmanager"))
