"""An alert cannot come within the time that its rule promises."""

from collections.abc import Iterator
from typing import Final

from labkeeper.checks.alerting.delay import Time, detection
from labkeeper.checks.check import Check, Fault
from labkeeper.checks.view import View
from labkeeper.plan import Rule
from labkeeper.source import Slice, duration, spelled

# The label or annotation that holds the promise.
PROMISE: Final = "detect_within"


def check(view: View) -> Iterator[Fault]:
    """Each rule with a promise that its scrape, evaluation, `for` and group_wait exceed."""
    yield from _of_lab(view)
    for rule in view.plan.rules:
        promise = dict((*rule.annotations, *rule.labels)).get(PROMISE)
        limit = duration(promise.text) if promise else None
        if rule.kind != "alert" or promise is None or limit is None:
            continue
        times = detection(view, rule)
        if times and sum(time.seconds for time in times) > limit:
            yield _fault(rule, promise, times)


def _of_lab(view: View) -> Iterator[Fault]:
    """A lab's promise, against the slowest way from a fault to whoever is told."""
    for promise in view.plan.promises:
        ways = [
            (job.interval, server.evaluation_interval, job)
            for server in view.plan.prometheuses
            for job in view.plan.scrapes
            if job.prometheus == server.key
        ]
        if not ways:
            continue
        scrape, evaluation, job = max(ways, key=lambda way: way[0] + way[1])
        wait = _wait(view)
        total = scrape + evaluation + wait
        if total > promise.seconds:
            yield Fault(
                f"a critical fault can take {spelled(total)} to be told of, and the lab promises "
                f"{promise.text}",
                promise.at,
                f"`interval` is in it twice: `{job.name.text}` is asked every {spelled(scrape)}, "
                f"rules are evaluated every {spelled(evaluation)}, and Alertmanager waits "
                f"{spelled(wait)} for company",
                subject="detect-within",
            )


def _wait(view: View) -> float:
    """How long Alertmanager holds a critical alert back."""
    waits = [
        route.group_wait
        for server in view.plan.alertmanagers
        for route in (server.route.routes if server.route else ())
        if route.group_wait is not None and any(m.value == "critical" for m in route.matchers)
    ]
    return max(waits, default=0.0)


def _fault(rule: Rule, promise: Slice, times: list[Time]) -> Fault:
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
