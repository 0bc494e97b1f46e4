"""How long it takes until an alert is told of, and until its end is: what passes in turn.

The check `detection-too-slow` and the proof of alerts add up the same parts.
"""

import math
from collections.abc import Iterator
from typing import Final

from labkeeper.checks.alerting.routing import GROUP_INTERVAL, GROUP_WAIT, Place, routes
from labkeeper.checks.metrics.matching import finds
from labkeeper.checks.view import View
from labkeeper.plan import Prometheus, Rule, ScrapeJob, accepts_all
from labkeeper.promql import (
    Aggregation,
    Binary,
    Call,
    Negation,
    Query,
    Selector,
    Subquery,
    Unreadable,
    constant,
    parse,
    walk,
)
from labkeeper.values import dataclass

# A single event is enough for these to be above 0, wherever in the range it was.
_COUNTING: Final = frozenset({"increase", "rate", "irate", "changes", "resets", "sum_over_time"})
# These look at the newest samples alone.
_OFTEN_NOTHING: Final = frozenset({"the query's range", "recording rules"})
_NEWEST: Final = frozenset({"irate", "idelta", "last_over_time", "timestamp"})


@dataclass(frozen=True, slots=True)
class Time:
    """One of the parts."""

    what: str
    seconds: float


def server_of(view: View, rule: Rule) -> Prometheus | None:
    """The Prometheus that evaluates a rule."""
    return next((p for p in view.plan.prometheuses if rule.file in (p.loaded or ())), None)


def detection(view: View, rule: Rule) -> list[Time]:
    """What passes from the fault to the message, where nothing else delays it."""
    server = server_of(view, rule)
    if server is None:
        return []
    evaluation = rule.interval or server.evaluation_interval
    hold = math.ceil((rule.hold or 0) / evaluation) * evaluation
    parts = [
        Time("scrape interval", scraped_every(view, rule, server)),
        Time("the query's range", _settling(view, rule)),
        Time("evaluation interval", evaluation),
        Time("recording rules", _recording(view, rule, evaluation)),
        Time("`for`", hold),
        Time("`group_wait`", min(_waits(view, rule), default=GROUP_WAIT)),
    ]
    return [part for part in parts if part.seconds or part.what not in _OFTEN_NOTHING]


def resolution(view: View, rule: Rule) -> list[Time]:
    """What passes from the end of the fault to the message that it is over, at the most."""
    server = server_of(view, rule)
    if server is None:
        return []
    evaluation = rule.interval or server.evaluation_interval
    return [
        Time("scrape interval", scraped_every(view, rule, server)),
        Time("the query's range", sum(looks_back(root) for root in _chain(view, rule)[0])),
        Time("evaluation interval", evaluation),
        Time("recording rules", _recording(view, rule, evaluation)),
        Time("`keep_firing_for`", rule.keep_firing or 0.0),
        # A group that has been told of is looked at again after this long.
        Time("`group_interval`", max(_intervals(view, rule), default=GROUP_INTERVAL)),
    ]


def _chain(view: View, rule: Rule) -> tuple[list[Query], list[Rule]]:
    """The expressions of a rule and of the recording rules that it stands on, and those rules."""
    found = parse(rule.expr)
    roots: list[Query] = [] if isinstance(found, Unreadable) else [found.root]
    rules: list[Rule] = []
    for root in roots:
        names = {node.name for node in walk(root) if isinstance(node, Selector)}
        for each in view.plan.rules:
            if each.kind != "record" or each.name.text not in names or each in rules:
                continue
            expression = parse(each.expr)
            if not isinstance(expression, Unreadable):
                rules.append(each)
                roots.append(expression.root)
    return roots, rules


def _settling(view: View, rule: Rule) -> float:
    return sum(settling(root) for root in _chain(view, rule)[0])


def _recording(view: View, rule: Rule, evaluation: float) -> float:
    """Each recording rule on the way is evaluated in its own time."""
    return sum(each.interval or evaluation for each in _chain(view, rule)[1])


def scraped_every(view: View, rule: Rule, server: Prometheus) -> float:
    """How old the newest sample of each metric can be, of the one that is asked least often."""
    roots = _chain(view, rule)[0]
    selectors = [node for root in roots for node in walk(root) if isinstance(node, Selector)]
    jobs = [job for job in view.plan.scrapes if job.prometheus == server.key]
    known = [min(j.interval for j in mine) for s in selectors if (mine := _asked(view, s, jobs))]
    return max(known, default=min((j.interval for j in jobs), default=server.scrape_interval))


def _asked(view: View, selector: Selector, jobs: list[ScrapeJob]) -> list[ScrapeJob]:
    """The jobs that a selector can mean."""
    matchers = [m for m in selector.matchers if m.label == "job"]
    named = [job for job in jobs if all(finds(m, [job.name.text]) for m in matchers)]
    exporters = {each.exporter.name for each in view.universe.exposed(selector.name or "")}
    exposing = [
        scraped.job
        for scraped in view.exporters.jobs
        if any(each.name in exporters for each in scraped.exporters)
    ]
    narrowed = [job for job in named if job in exposing]
    return narrowed or (named if matchers else [])


def settling(node: Query) -> float:
    """The seconds until a range holds nothing but the fault; none where one sample is enough."""
    match node:
        case Binary():
            if node.filters and _at_once(node):
                return 0.0
            return max(settling(node.left), settling(node.right))
        case Call():
            where = _ranged(node)
            if where is None:
                return max((settling(each) for each in node.arguments), default=0.0)
            inner = settling(where.body) if isinstance(where, Subquery) else where.offset
            return inner + (0.0 if node.name in _NEWEST else where.range or 0.0)
        case Aggregation() | Negation() | Subquery():
            return settling(node.body)
        case Selector():
            return max(node.offset, 0.0)
    return 0.0


def _at_once(node: Binary) -> bool:
    """Whether the first sample of a fault makes a comparison true."""
    subject, limit = node.left, constant(node.right)
    while isinstance(subject, Aggregation) and subject.name in {"sum", "max"}:
        subject = subject.body
    if not isinstance(subject, Call):
        return False
    return (
        (limit == 0 and node.operator in {">", "!="} and subject.name in _COUNTING)
        or (node.operator in {">", ">="} and subject.name == "max_over_time")
        or (node.operator in {"<", "<="} and subject.name == "min_over_time")
    )


def _ranged(node: Call) -> Selector | Subquery | None:
    return next((a for a in node.arguments if isinstance(a, Selector | Subquery) and a.range), None)


def looks_back(node: Query) -> float:
    """How far back the query looks, through subqueries too."""
    furthest = 0.0
    for inner in walk(node):
        if isinstance(inner, Subquery):
            furthest = max(furthest, inner.range + looks_back(inner.body))
        elif isinstance(inner, Selector):
            furthest = max(furthest, (inner.range or 0.0) + max(inner.offset, 0.0))
    return furthest


def taken(view: View, rule: Rule) -> Iterator[Place]:
    """The routes that an alert can take."""
    labels = {"alertname": rule.name.text, **{name: text.text for name, text in rule.labels}}
    for one in view.plan.alertmanagers:
        for place in routes(one):
            known = [m for m in place.matchers if m.label in labels]
            if accepts_all(known, labels) is not False:
                yield place


def _waits(view: View, rule: Rule) -> list[float]:
    """The shortest counts for a promise: nothing is said to be slow that may not be."""
    return [wait(place) for place in taken(view, rule)]


def _intervals(view: View, rule: Rule) -> list[float]:
    return [group_interval(place) for place in taken(view, rule)]


def wait(place: Place) -> float:
    """How long a route waits before it tells of a new group."""
    chain = (place.route, *reversed(place.above))
    return next((r.group_wait for r in chain if r.group_wait is not None), GROUP_WAIT)


def group_interval(place: Place) -> float:
    """How long a route waits before it tells of a change in a group."""
    chain = (place.route, *reversed(place.above))
    return next((r.group_interval for r in chain if r.group_interval is not None), GROUP_INTERVAL)
