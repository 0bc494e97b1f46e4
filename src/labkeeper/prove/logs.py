"""Alerts on log lines: what follows from a query's labels; of the lines no file tells."""

from collections.abc import Iterator
from typing import Final

from labkeeper.checks.go_pattern import refused
from labkeeper.checks.logql import Matcher, Query, Selector, read_logql
from labkeeper.checks.view import View
from labkeeper.plan import Rule
from labkeeper.values import regex

# Labels that Loki and its collectors give by themselves:
# https://grafana.com/docs/loki/latest/get-started/labels/ (service_name, since 3.0) and Promtail's
# targets and stages (filename, stream).
_GIVEN: Final = frozenset({"service_name", "detected_level", "filename", "stream", "job"})
# A query with one of these has results where a stream has none.
_WITHOUT: Final = regex(r"\b(?:absent_over_time|vector|or|unless)\b|\$")
# Programs that send logs to Loki as well, by a part of their images' names.
_SHIPPERS: Final = regex(
    r"fluent|vector|otel|opentelemetry|logstash|filebeat|syslog|docker-driver|promtail|alloy|agent"
)
_COLLECTORS: Final = regex(r"(?:.*/)?(?:grafana/)?(?:promtail|alloy)(?:[:@].*)?")


def silenced(view: View, rule: Rule) -> str:
    """Why a rule on logs can never fire; empty where that cannot be told."""
    query = read_logql(rule.expr)
    if why := _unread(view, rule) or _refused(rule, query):
        return why
    if not query.selectors or _WITHOUT.search(rule.expr.text):
        return ""
    dead = [_dead(view, selector) for selector in query.selectors]
    return dead[0] if all(dead) else ""


def doubted(view: View, rule: Rule) -> str:
    """Why nothing is proven of a rule on logs."""
    query = read_logql(rule.expr)
    for selector in query.selectors:
        if label := _unshipped(view, selector):
            return (
                f"no collector in these files gives logs the label `{label}`, and what else sends "
                "logs is not known"
            )
    return "whether such lines are written, no file tells"


def _unread(view: View, rule: Rule) -> str:
    """Rules that lie where Loki does not look for them."""
    loaded = {file for each in view.plan.lokis for _, file in each.rules_of_tenants}
    loose = {file for each in view.plan.lokis for file in each.loose_rules}
    if rule.file in loose - loaded:
        return "Loki looks for rules in a folder for each tenant, and finds none of this file"
    return ""


def _refused(rule: Rule, query: Query) -> str:
    """What Loki's ruler takes for no rule."""
    if rule.expr.text.lstrip().startswith("{"):
        return "it finds lines and no numbers, so Loki refuses the rule"
    for selector in query.selectors:
        if all(matcher.takes_nothing for matcher in selector.matchers):
            return f"`{selector.at.text}` asks for no label that must be there, so Loki refuses it"
    for pattern in query.patterns:
        if found := refused(pattern.text):
            return f"{found[0]}, so Loki refuses it"
    for function in query.rangeless:
        return f"`{function.text}` is not told over how long a time, so Loki refuses it"
    return ""


def _dead(view: View, selector: Selector) -> str:
    for one in selector.matchers:
        for other in selector.matchers:
            if _exclude(one, other):
                return f"`{one.label.text}` is to be two values at once"
    label = _unshipped(view, selector)
    return f"no collector gives logs the label `{label}`" if label and _closed(view) else ""


def _exclude(one: Matcher, other: Matcher) -> bool:
    if one.label.text != other.label.text or None in (one.value, other.value):
        return False
    if one.operator != "=" or one.value == other.value:
        return one.operator == "=" and other.operator == "!=" and one.value == other.value
    return other.operator == "="


def _unshipped(view: View, selector: Selector) -> str:
    """A label that a stream must have, and that stands in no collector's configuration."""
    pipelines = view.plan.log_pipelines
    if not pipelines or any(each.words is None for each in pipelines):
        return ""
    shipped = _GIVEN.union(*(each.words or () for each in pipelines))
    needed = (m.label.text for m in selector.matchers if m.takes_nothing is False)
    return next((label for label in needed if label not in shipped), "")


def _closed(view: View) -> bool:
    """Whether nothing else can send logs: nobody outside reaches Loki, all inside are known."""
    reach = view.reach
    lokis = [c for c in view.plan.containers if (s := reach.service(c)) and s.name == "loki"]
    alone = all(
        c.complete and reach.space(c).kind == "container" and not reach.published_by(c)
        for c in lokis
    )
    if not lokis or not alone or not view.plan.knows("services"):
        return False
    shippers = list(_senders(view))
    read = len(view.plan.log_pipelines)
    return all(_COLLECTORS.fullmatch(each) for each in shippers) and len(shippers) <= read


def _senders(view: View) -> Iterator[str]:
    for container in view.plan.containers:
        name = container.image.text if container.image else container.key
        if _SHIPPERS.search(name):
            yield name
        elif not container.complete or (container.image and not container.image.is_literal):
            # It may be anything.
            yield "?"
