"""A route for alerts that no rule makes."""

from collections.abc import Iterator, Mapping
from typing import Final

from labkeeper.checks.alerting.routing import possible, routes
from labkeeper.checks.check import Check, Fault
from labkeeper.checks.view import View
from labkeeper.plan import Matcher, accepts
from labkeeper.source import did_you_mean
from labkeeper.values import regex

# Labels that rules give, not metrics; of others nobody can say from files where they come from.
_OF_RULES: Final = ("alertname", "severity")
_SENDERS: Final = regex(r"vmalert|thanos|mimir|cortex|crowdsec|gatus|karma|alerta")


def check(view: View) -> Iterator[Fault]:
    """Each route whose `severity` or `alertname` no rule has."""
    # The routes of a lab are by severity, whether or not a service of today has such an alert.
    if view.plan.hosts:
        return
    values = _values(view)
    if not values or _others(view) or any(one.relabels_alerts for one in view.plan.prometheuses):
        return
    for one in view.plan.alertmanagers:
        if one.embedded:
            continue
        for place in routes(one):
            for matcher in place.route.matchers:
                known = values.get(matcher.label)
                if known and matcher.operator in ("=", "=~") and _none(matcher, known):
                    yield _fault(matcher, known)
                    break


def _others(view: View) -> bool:
    """Whether something whose rules are not shown may send alerts, too."""
    images = [container.image.text for container in view.plan.containers if container.image]
    logs = any(rule.language == "logql" for rule in view.plan.rules)
    return any(_SENDERS.search(image) for image in images) or (
        not logs and any("loki" in image for image in images)
    )


def _values(view: View) -> Mapping[str, frozenset[str]]:
    """The values that rules give their alerts, for labels whose values are all known."""
    found: dict[str, set[str]] = {label: set() for label in _OF_RULES}
    open_ended: set[str] = set()
    for rule in view.plan.rules:
        if rule.kind == "alert":
            found["alertname"].add(rule.name.text)
            for label, text in rule.labels:
                if label in found:
                    found[label].add(text.text)
                    open_ended.update({label} if "{{" in text.text or "$" in text.text else ())
    return {label: frozenset(v) for label, v in found.items() if v and label not in open_ended}


def _none(matcher: Matcher, known: frozenset[str]) -> bool:
    # An empty value fits alerts without the label.
    return all(accepts(matcher, value) is False for value in (*known, ""))


def _fault(matcher: Matcher, known: frozenset[str]) -> Fault:
    wanted = possible(matcher) or (matcher.value,)
    what = "is called" if matcher.label == "alertname" else f"has the `{matcher.label}`"
    some = ", ".join(f"`{value}`" for value in sorted(known)[:4])
    return Fault(
        f"no alert of the rules here {what} `{matcher.value}`, so this route gets nothing",
        matcher.at,
        did_you_mean(wanted[0], known) or f"the rules here have {some}",
        subject=f"{matcher.label}{matcher.operator}{matcher.value}",
    )


CHECK = Check("route-matches-nothing", "warning", plan=check, needs=("rules", "alertmanager"))
