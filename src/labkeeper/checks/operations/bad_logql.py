"""A query of logs that Loki refuses."""

from collections.abc import Iterator

from labkeeper.checks.check import Check, Fault
from labkeeper.checks.go_pattern import refused
from labkeeper.checks.logql import Query, Selector, read_logql
from labkeeper.checks.view import View
from labkeeper.plan import Rule
from labkeeper.source import Slice


def check(view: View) -> Iterator[Fault]:
    """Rules for Loki, and queries of dashboards that ask it."""
    for rule in view.plan.rules:
        if rule.language == "logql" and rule.expr.is_literal:
            if rule.expr.text.lstrip().startswith("{"):
                yield _lines(rule)
            yield from _of(read_logql(rule.expr), rule.name.text)
    for dashboard in view.plan.dashboards:
        for panel in dashboard.panels:
            for query in panel.queries:
                if query.language == "logql":
                    yield from _of(read_logql(query.written), panel.title)


def _of(query: Query, subject: str) -> Iterator[Fault]:
    for selector in query.selectors:
        # Loki's parser.go, `validateMatchers`.
        if all(matcher.takes_nothing for matcher in selector.matchers):
            yield _endless(selector, subject)
    for pattern in query.patterns:
        if found := refused(pattern.text):
            reason, start, end = found
            yield Fault(
                f"{reason}, so Loki refuses this query",
                pattern.within(start, end),
                "the patterns are RE2's, https://github.com/google/re2/wiki/Syntax",
                subject=subject,
            )
    for function in query.rangeless:
        yield _rangeless(function, subject)


def _endless(selector: Selector, subject: str) -> Fault:
    label = selector.matchers[0].label.text
    return Fault(
        f"`{selector.at.text}` asks for no label that must be there, so Loki refuses the query",
        selector.at.span,
        f'say what a stream has to have, such as `{label}=~".+"`; `!=` and `.*` also fit streams '
        "without the label",
        subject=subject,
    )


def _rangeless(function: Slice, subject: str) -> Fault:
    return Fault(
        f"`{function.text}` is not told over how long a time, so Loki refuses the query",
        function.span,
        f"put a range behind the selector and its filters: `{function.text}({{...}} [5m])`",
        subject=subject,
    )


def _lines(rule: Rule) -> Fault:
    """Loki's ruler takes numbers alone (pkg/ruler, "rule result is not a vector or scalar")."""
    text = rule.expr
    start = len(text.text) - len(text.text.lstrip())
    return Fault(
        f"the expression of `{rule.name.text}` finds lines and no numbers, so the rule fails each "
        "time that Loki evaluates it",
        text.within(start, len(text.text.rstrip())),
        "count them: `sum(count_over_time(... [5m])) > 0`",
        subject=rule.name.text,
    )


CHECK = Check("bad-logql", "error", plan=check)
