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
    for rule in view.plan.rules:
        promise = dict((*rule.annotations, *rule.labels)).get(PROMISE)
        limit = duration(promise.text) if promise else None
        if rule.kind != "alert" or promise is None or limit is None:
            continue
        times = detection(view, rule)
        if times and sum(time.seconds for time in times) > limit:
            yield _fault(rule, promise, times)


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
